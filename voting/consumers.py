"""The live socket of one ballot: shows its state and news, takes votes. docs/live-protocol.md is its contract."""

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.conf import settings

from core.realtime import topics
from core.realtime.hub import current
from core.realtime.socket import CLOSE_NOT_FOUND, CLOSE_TOO_MANY, BadFrame, LiveSocket, header
from voting import tickets
from voting.live import limits
from voting.live.access import NOBODY, Person, ballot_key
from voting.live.reader import Opened, Opening, reader
from voting.live.writer import cast_live
from voting.messages import VoteCast, decode_cast, refusal_for

CLOSE_BAD_TICKET = 4401
CLOSE_TRY_LATER = 1013


class BallotConsumer(LiveSocket):
    """One screen that follows one ballot, and the voter behind it when there is one."""

    person = NOBODY

    async def opened(self) -> None:
        """Find the voter by ticket or cookie, follow the ballot, show its state."""
        self.places: list[Any] = []
        ballot_id = ballot_key(self.scope["url_route"]["kwargs"]["ballot_id"])
        if ballot_id is None:
            raise await self.closed(CLOSE_NOT_FOUND)
        self.ballot_id = ballot_id
        opening = await self._opening()
        await self._take_place(limits.address_of(self.scope), limits.SOCKETS_PER_ADDRESS)
        topic = topics.ballot(self.ballot_id)
        current().join(topic, self.screen)
        opened: Opened = await reader.ask(opening)
        if opened.text is None:
            raise await self.closed(CLOSE_TRY_LATER if opened.is_lost else CLOSE_NOT_FOUND)
        self.person = opened.person
        await self._take_place(opened.person.voter_id, limits.SOCKETS_PER_VOTER)
        current().knows(topic, opened.version)
        await self.screen.show(topic, opened.version, opened.text)

    async def received(self, text: str) -> None:
        """Cast the vote and answer when it is committed, or refuse."""
        try:
            message: VoteCast = decode_cast(text)
        except msgspec.ValidationError as error:
            refused = refusal_for(text, str(error))
            if refused is None:
                code = "unknown_type" if "`$.type`" in str(error) else "bad_message"
                raise BadFrame(code, str(error)) from None
            await self.say(refused)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            raise BadFrame("bad_json", str(error)) from None
        else:
            await self.say(await cast_live(self.ballot_id, self.person, message))

    def left(self) -> None:
        """Give back the places of this voter and address."""
        for key in getattr(self, "places", []):
            limits.sockets.leave(key)

    async def _opening(self) -> Opening:
        ticket = parse_qs(self.scope["query_string"].decode("latin-1")).get("ticket")
        if ticket:
            known = tickets.read(ticket[0])
            if known is None or known.ballot_id != self.ballot_id:
                raise await self.closed(CLOSE_BAD_TICKET)
            return Opening(self.ballot_id, Person(known.voter_id, known.user_id))
        try:
            cookie = SimpleCookie(header(self.scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
        except CookieError:
            cookie = None
        return Opening(self.ballot_id, session_key=cookie.value if cookie else "")

    async def _take_place(self, key: Any, limit: int) -> None:
        if key is None:
            return
        if not limits.sockets.enter(key, limit):
            raise await self.closed(CLOSE_TOO_MANY)
        self.places.append(key)
