"""The live socket of one ballot: shows its state and news, takes votes. docs/live-protocol.md is its contract."""

from core.realtime import topics
from core.realtime.hub import current
from core.realtime.socket import CLOSE_NOT_FOUND, TryLater
from voting import tickets
from voting.live import limits
from voting.live.access import NOBODY, Person, ballot_key
from voting.live.reader import Opened, Opening, reader
from voting.live.socket import VotingSocket, read_cast
from voting.live.writer import cast_live
from voting.messages import VoteRefused

CLOSE_BAD_TICKET = 4401


class BallotConsumer(VotingSocket):
    """One screen that follows one ballot, and the voter behind it when there is one."""

    person = NOBODY

    async def opened(self) -> None:
        """Find the voter by ticket or cookie, follow the ballot, show its state."""
        ballot_id = ballot_key(self.scope["url_route"]["kwargs"]["ballot_id"])
        if ballot_id is None:
            raise await self.closed(CLOSE_NOT_FOUND)
        self.ballot_id = ballot_id
        opening = await self._opening()
        await self.take_places(opening.session_key)
        topic = topics.ballot(self.ballot_id)
        current().join(topic, self.screen)
        opened: Opened = await reader.ask(opening)
        if opened.is_lost:
            raise TryLater
        if opened.text is None:
            raise await self.closed(CLOSE_NOT_FOUND)
        self.person = opened.person
        await self.take_place("voter", opened.person.voter_id, limits.SOCKETS_PER_VOTER)
        current().knows(topic, opened.version)
        await self.screen.show(topic, opened.version, opened.text)

    async def received(self, text: str) -> None:
        """Cast the vote and answer when it is committed, or refuse."""
        message = read_cast(text)
        if isinstance(message, VoteRefused):
            await self.say(message)
        else:
            await self.say(await cast_live(self.ballot_id, self.person, message, sender=id(self)))

    async def _opening(self) -> Opening:
        if ticket := self.ticket():
            known = tickets.read(ticket)
            if known is None or known.ballot_id != self.ballot_id:
                raise await self.closed(CLOSE_BAD_TICKET)
            return Opening(self.ballot_id, Person(known.voter_id, known.user_id))
        return Opening(self.ballot_id, session_key=self.cookie())
