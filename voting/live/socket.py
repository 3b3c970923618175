"""What the sockets that take votes have in common: who knocks, how many may, and reading a cast."""

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.conf import settings

from core.realtime.socket import CLOSE_TOO_MANY, BadFrame, LiveSocket, header
from voting.live import limits
from voting.messages import VoteCast, VoteRefused, decode_cast, refusal_for


class VotingSocket(LiveSocket):
    """A live socket with a ticket or a session, and its places among the limits."""

    def __init__(self) -> None:
        self._places: list[tuple[str, Any]] = []

    def ticket(self) -> str:
        """Return the ticket of the address, "" without one."""
        query: str = self.scope["query_string"].decode("latin-1")
        return parse_qs(query).get("ticket", [""])[0]

    def cookie(self) -> str:
        """Return the key of the session whose cookie came along, "" without one."""
        try:
            found = SimpleCookie(header(self.scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
        except CookieError:
            found = None
        return found.value if found else ""

    async def take_place(self, kind: str, key: Any, limit: int) -> None:
        """Take a place of `key`; no key, no limit. Closes the socket with 4429 when `limit` are taken."""
        if not key:
            return
        if not limits.sockets.enter((kind, key), limit):
            raise await self.closed(CLOSE_TOO_MANY)
        self._places.append((kind, key))

    async def take_places(self, session_key: str) -> None:
        """Take a place of this address, and one of this session. Raises as `take_place` does."""
        await self.take_place("address", limits.address_of(self.scope), limits.SOCKETS_PER_ADDRESS)
        await self.take_place("session", session_key, limits.SOCKETS_PER_SESSION)

    def left(self) -> None:
        """Give the places back."""
        while self._places:
            limits.sockets.leave(self._places.pop())


def read_cast(text: str) -> VoteCast | VoteRefused:
    """Return the cast, or its refusal when only its choices are malformed. Raises BadFrame on anything else."""
    try:
        return decode_cast(text)
    except msgspec.ValidationError as error:
        refused = refusal_for(text, str(error))
        if refused is None:
            code = "unknown_type" if "`$.type`" in str(error) else "bad_message"
            raise BadFrame(code, str(error)) from None
        return refused
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise BadFrame("bad_json", str(error)) from None
