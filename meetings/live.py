"""What opens a meeting's stream: who connects, the first state, and which ballots belong to it now.

The stream carries the meeting's ballots. A ballot opened while screens are connected is joined by `Follower`, one for
each meeting and process: it listens to the meeting's own news like a screen and puts every socket on the new topic.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Protocol

import msgspec
from django.conf import settings
from django.contrib.auth import get_user

from community.models import User
from core.official import official_language
from core.realtime import topics
from core.realtime.batcher import Batcher, Full
from core.realtime.hub import current
from core.realtime.screen import Screen
from core.realtime.socket import TryLater
from meetings.models import Meeting
from meetings.queries.live import meeting_state
from meetings.rules import may_see
from voting.live.access import NOBODY, Person
from voting.live.reader import Opened as OpenedBallot
from voting.live.reader import Opening as OpeningBallot
from voting.live.reader import reader as ballot_reader

_BALLOTS_CARRIED = 3
_AGAIN = 1.0  # seconds until a ballot that could not be read is read again


@dataclass(frozen=True, slots=True)
class Opening:
    """A socket that opens: with a ticket already checked (`may_watch`), or with the session's cookie."""

    meeting_id: int
    session_key: str = ""
    may_watch: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The first message; `text` None when there is no such meeting for this person, `is_lost` when nobody knows."""

    text: str | None = None
    version: int = 0
    ballots: tuple[str, ...] = ()
    is_lost: bool = False


@official_language()
def open_screens(openings: Sequence[Opening]) -> list[Opened]:
    """Answer every opening of a batch: each meeting is read once, each session looked up once."""
    wanted = {opening.meeting_id for opening in openings}
    meetings = Meeting.objects.select_related("community", "chair").in_bulk(wanted)
    states: dict[int, Opened] = {}
    for pk, meeting in meetings.items():
        state = meeting_state(meeting)
        ballots = tuple(state["ballots"][-_BALLOTS_CARRIED:])
        states[pk] = Opened(msgspec.json.encode(state).decode(), state["version"], ballots)
    seen = {
        (opening.session_key, opening.meeting_id): _may_see(opening.session_key, meetings.get(opening.meeting_id))
        for opening in openings
        if not opening.may_watch
    }
    return [
        states.get(opening.meeting_id, Opened())
        if opening.may_watch or seen[opening.session_key, opening.meeting_id]
        else Opened()
        for opening in openings
    ]


def _may_see(session_key: str, meeting: Meeting | None) -> bool:
    if not session_key or meeting is None:
        return False
    request: Any = SimpleNamespace(session=import_module(settings.SESSION_ENGINE).SessionStore(session_key), META={})
    user = get_user(request)
    return isinstance(user, User) and may_see(user, meeting)


def _lost(_opening: Opening) -> Opened:
    return Opened(is_lost=True)


reader: Batcher[Opening, Opened] = Batcher("meeting-reader", open_screens, failed=_lost, limit=500, pace=0.02)


class Follows(Protocol):
    """A socket of a meeting: its screen, and the cookie its voter is found by."""

    screen: Screen
    session_key: str

    def carries(self, ballot: OpenedBallot, person: Person | None) -> None:
        """Remember the items of a ballot that the stream now carries; `person` None: not looked up yet."""


class Follower:
    """Listens to one meeting in one loop and puts its sockets on the topics of its ballots."""

    def __init__(self, meeting_id: int) -> None:
        self.topic = topics.meeting(meeting_id)
        self.coming: set[Follows] = set()  # those that still wait for their first state
        self.sockets: set[Follows] = set()
        self.ballots: set[str] = set()
        self.listed: list[str] = []  # those that the newest news spoke of
        self.topics: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def offer(self, _topic: str, key: str, _version: int, text: str, _frame: bytes = b"") -> None:
        """Look for new ballots in news of the agenda (called by the hub, as for a screen)."""
        if key not in {"agenda", "state"}:
            return
        self.listed = msgspec.json.decode(text)["ballots"][-_BALLOTS_CARRIED:]
        if fresh := set(self.listed) - self.ballots:
            self.ballots |= fresh
            task = asyncio.get_running_loop().create_task(self._follow_all(sorted(fresh)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def forget(self, topic: str) -> None:
        """Follow `topic` no more (called by the hub)."""
        self.topics.discard(topic)

    async def _follow_all(self, ballots: Sequence[str]) -> None:
        """Show everybody a ballot that has just been opened: one read, one text, for nobody has voted yet."""
        for ballot_id in ballots:
            topic = topics.ballot(ballot_id)
            for socket in list(self.sockets):
                current().join(topic, socket.screen)
            opened = await self._read(ballot_id)
            if opened is None or opened.text is None:
                continue
            current().knows(topic, opened.version)
            for socket in list(self.sockets):
                socket.carries(opened, None)
                socket.screen.offer(topic, "state", opened.version, opened.text)

    async def _read(self, ballot_id: str) -> OpenedBallot | None:
        """Return the ballot's state, however long the database is away; None when nobody wants to know any more."""
        while self.sockets:
            with contextlib.suppress(Full):
                opened = await ballot_reader.ask(OpeningBallot(int(ballot_id), NOBODY))
                if not opened.is_lost:
                    return opened
            await asyncio.sleep(_AGAIN)
        return None


async def follow(socket: Follows, ballots: Sequence[str]) -> None:
    """Put one socket on the topics of `ballots` and show it their state with its own votes. Raises Full, TryLater."""
    for ballot_id in ballots:
        topic = topics.ballot(ballot_id)
        current().join(topic, socket.screen)
        person: Person | None = None if socket.session_key else NOBODY
        opened = await ballot_reader.ask(OpeningBallot(int(ballot_id), person, socket.session_key))
        if opened.is_lost:
            raise TryLater
        if opened.text is not None and not socket.screen.is_gone:
            current().knows(topic, opened.version)
            socket.carries(opened, opened.person)
            socket.screen.offer(topic, "state", opened.version, opened.text)


async def person_on(ballot_id: int, session_key: str) -> Person:
    """Return who a session's cookie stands for on one ballot. Raises Full, TryLater: nobody knows just now."""
    if not session_key:
        return NOBODY
    opened = await ballot_reader.ask(OpeningBallot(ballot_id, None, session_key))
    if opened.is_lost:
        raise TryLater
    return opened.person


_followers: dict[tuple[asyncio.AbstractEventLoop, int], Follower] = {}


def enter(meeting_id: int, socket: Follows) -> None:
    """Listen for `socket` to the ballots of this meeting. Enter first, read the state after: nothing is missed."""
    key = (asyncio.get_running_loop(), meeting_id)
    follower = _followers.get(key)
    if follower is None:
        follower = _followers[key] = Follower(meeting_id)
        current().join(follower.topic, follower)  # type: ignore[arg-type] # it listens as a screen does
    follower.coming.add(socket)


def settle(meeting_id: int, socket: Follows, ballots: Sequence[str]) -> list[str]:
    """Let `socket`, which has its first state, be told of ballots that open later; return those it is to follow now.

    These are `ballots`, which that state named, and any opened while it was read.
    """
    follower = _followers[asyncio.get_running_loop(), meeting_id]
    follower.ballots.update(ballots)
    follower.coming.discard(socket)
    follower.sockets.add(socket)
    return list(dict.fromkeys([*ballots, *follower.listed]))


def leave(meeting_id: int, socket: Follows) -> None:
    """Forget `socket`; the last one to go takes the follower with it."""
    key = (asyncio.get_running_loop(), meeting_id)
    follower = _followers.get(key)
    if follower is None:
        return
    follower.coming.discard(socket)
    follower.sockets.discard(socket)
    if not follower.coming and not follower.sockets:
        current().leave(follower)  # type: ignore[arg-type] # it listens as a screen does
        del _followers[key]
