"""The live socket of one meeting: its state and news, and those of its ballots. docs/live-protocol.md."""

import msgspec

from core.realtime import topics
from core.realtime.hub import current
from core.realtime.socket import CLOSE_NOT_FOUND, TryLater
from meetings import live, tickets
from voting.live.access import Person, ballot_key
from voting.live.reader import Opened as OpenedBallot
from voting.live.socket import VotingSocket, read_cast
from voting.live.writer import cast_live
from voting.messages import VoteRefused


class MeetingConsumer(VotingSocket):
    """One screen that follows one meeting and its ballots, and the voter behind it when there is one."""

    meeting_id = 0
    session_key = ""

    async def opened(self) -> None:
        """Check who it is, follow the meeting and its ballots, show their state."""
        self.ballots: dict[str, int] = {}  # item -> its ballot
        self.people: dict[int, Person] = {}  # ballot -> who votes there, once known
        meeting_id = ballot_key(self.scope["url_route"]["kwargs"]["meeting_id"])
        if meeting_id is None:
            raise await self.closed(CLOSE_NOT_FOUND)
        self.meeting_id = meeting_id
        opening = self._opening()
        await self.take_places(opening.session_key)
        topic = topics.meeting(self.meeting_id)
        current().join(topic, self.screen)
        live.enter(self.meeting_id, self)
        opened = await live.reader.ask(opening)
        if opened.is_lost:
            raise TryLater
        if opened.text is None:
            raise await self.closed(CLOSE_NOT_FOUND)
        ballots = live.settle(self.meeting_id, self, opened.ballots)
        current().knows(topic, opened.version)
        await self.screen.show(topic, opened.version, opened.text)
        await live.follow(self, ballots)

    async def received(self, text: str) -> None:
        """Cast a vote on an item of one of the meeting's ballots, as on the ballot's own socket."""
        message = read_cast(text)
        if isinstance(message, VoteRefused):
            await self.say(message)
            return
        found = {self.ballots.get(item) for item in message.choices}
        ballot = found.pop() if len(found) == 1 else None
        if ballot is None:
            await self.say(VoteRefused(message.request, "invalid_choice", "请在同一次表决的事项上投票。"))
            return
        if ballot not in self.people:
            self.people[ballot] = await live.person_on(ballot, self.session_key)
        await self.say(await cast_live(ballot, self.people[ballot], message, sender=id(self)))

    def carries(self, ballot: OpenedBallot, person: Person | None) -> None:
        """Remember which items the ballot has, and who votes there when that is known."""
        state = msgspec.json.decode(str(ballot.text))
        self.ballots.update((item["id"], int(state["ballot"])) for item in state["items"])
        if person is not None:
            self.people[int(state["ballot"])] = person

    def left(self) -> None:
        """Leave the meeting and give the places back."""
        live.leave(self.meeting_id, self)
        super().left()

    def _opening(self) -> live.Opening:
        if (ticket := self.ticket()) and tickets.is_for(ticket, self.meeting_id):
            return live.Opening(self.meeting_id, may_watch=True)
        self.session_key = self.cookie()
        return live.Opening(self.meeting_id, self.session_key)
