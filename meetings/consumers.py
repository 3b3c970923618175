"""The live socket of one meeting: its state and news, and those of its ballots. docs/live-protocol.md."""

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.conf import settings

from core.realtime import topics
from core.realtime.hub import current
from core.realtime.socket import CLOSE_NOT_FOUND, CLOSE_TOO_MANY, BadFrame, LiveSocket, header
from meetings import live, tickets
from voting.live import limits
from voting.live.access import Person, ballot_key
from voting.live.reader import Opened as OpenedBallot
from voting.live.writer import cast_live
from voting.messages import VoteCast, VoteRefused, decode_cast, refusal_for

CLOSE_TRY_LATER = 1013


class MeetingConsumer(LiveSocket):
    """One screen that follows one meeting and its ballots, and the voter behind it when there is one."""

    meeting_id = 0
    session_key = ""

    async def opened(self) -> None:
        """Check who it is, follow the meeting and its ballots, show their state."""
        self.places: list[Any] = []
        self.ballots: dict[str, int] = {}  # item -> its ballot
        self.people: dict[int, Person] = {}  # ballot -> who votes there, once known
        meeting_id = ballot_key(self.scope["url_route"]["kwargs"]["meeting_id"])
        if meeting_id is None:
            raise await self.closed(CLOSE_NOT_FOUND)
        self.meeting_id = meeting_id
        await self._take_place(limits.address_of(self.scope), limits.SOCKETS_PER_ADDRESS)
        topic = topics.meeting(self.meeting_id)
        current().join(topic, self.screen)
        opened = await live.reader.ask(self._opening())
        if opened.text is None:
            raise await self.closed(CLOSE_TRY_LATER if opened.is_lost else CLOSE_NOT_FOUND)
        live.enter(self.meeting_id, self, opened.ballots)
        current().knows(topic, opened.version)
        await self.screen.show(topic, opened.version, str(opened.text))
        await live.follow(self, opened.ballots)

    async def received(self, text: str) -> None:
        """Cast a vote on an item of one of the meeting's ballots, as on the ballot's own socket."""
        try:
            message: VoteCast = decode_cast(text)
        except msgspec.ValidationError as error:
            refused = refusal_for(text, str(error))
            if refused is None:
                code = "unknown_type" if "`$.type`" in str(error) else "bad_message"
                raise BadFrame(code, str(error)) from None
            await self.say(refused)
            return
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            raise BadFrame("bad_json", str(error)) from None
        found = {self.ballots.get(item) for item in message.choices}
        ballot = found.pop() if len(found) == 1 else None
        if ballot is None:
            await self.say(VoteRefused(message.request, "invalid_choice", "请在同一次表决的事项上投票。"))
        else:
            if ballot not in self.people:
                self.people[ballot] = await live.person_on(ballot, self.session_key)
            await self.say(await cast_live(ballot, self.people[ballot], message))

    def carries(self, ballot: OpenedBallot, person: Person | None) -> None:
        """Remember which items the ballot has, and who votes there when that is known."""
        state = msgspec.json.decode(str(ballot.text))
        self.ballots.update((item["id"], int(state["ballot"])) for item in state["items"])
        if person is not None:
            self.people[int(state["ballot"])] = person

    def left(self) -> None:
        """Give back the place of this address."""
        live.leave(self.meeting_id, self)
        for key in getattr(self, "places", []):
            limits.sockets.leave(key)

    def _opening(self) -> live.Opening:
        ticket = parse_qs(self.scope["query_string"].decode("latin-1")).get("ticket")
        if ticket and tickets.is_for(ticket[0], self.meeting_id):
            return live.Opening(self.meeting_id, may_watch=True)
        try:
            cookie = SimpleCookie(header(self.scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
        except CookieError:
            cookie = None
        self.session_key = cookie.value if cookie else ""
        return live.Opening(self.meeting_id, self.session_key)

    async def _take_place(self, key: Any, limit: int) -> None:
        if key is None:
            return
        if not limits.sockets.enter(key, limit):
            raise await self.closed(CLOSE_TOO_MANY)
        self.places.append(key)
