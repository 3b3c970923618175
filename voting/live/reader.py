"""Opens screens in groups: who it is, the ballot's state and the voter's own votes, for everybody who just connected.

Five thousand phones that reconnect at once cost some dozens of queries, not some ten thousand.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from core.realtime import topics
from core.realtime.batcher import Batcher
from core.realtime.sources import Update
from voting.live.access import NOBODY, Person, person_of_session
from voting.methods import readable
from voting.models import Ballot, BallotKind, Participation, Phase, Vote, Voter
from voting.queries import ballot_state

KEPT_STATES = 256  # ballots


@dataclass(frozen=True, slots=True)
class Opening:
    """A socket that opens. A ticket says who it is; without one the session cookie may."""

    ballot_id: int
    person: Person | None = None
    session_key: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The first message for the socket: `text` is the whole `ballot.state`, None when there is no such ballot.

    `is_lost` says that the database did not answer, so nobody knows.
    """

    text: str | None = None
    version: int = 0
    person: Person = NOBODY
    is_lost: bool = False


def open_screens(openings: Sequence[Opening]) -> list[Opened]:
    """Answer every opening of a batch, in order."""
    by_session = {
        (o.session_key, o.ballot_id): person_of_session(o.session_key, o.ballot_id)
        for o in openings
        if o.person is None and o.session_key
    }
    people = [o.person or by_session.get((o.session_key, o.ballot_id), NOBODY) for o in openings]
    own = own_votes(person.voter_id for person in people if person.voter_id)
    states = _states({o.ballot_id for o in openings})
    opened = []
    for opening, person in zip(openings, people, strict=True):
        known = states.get(opening.ballot_id)
        if known is None:
            opened.append(Opened())
            continue
        version, head = known
        mine = msgspec.json.encode(own.get((opening.ballot_id, person.voter_id)))
        opened.append(Opened((head + b',"mine":' + mine + b"}").decode(), version, person))
    return opened


_written: OrderedDict[int, tuple[int, bytes]] = OrderedDict()


def _states(ballot_ids: set[int]) -> dict[int, tuple[int, bytes]]:
    """Return version and JSON (without its last brace) of each ballot there is.

    What was written for a version is kept: in a storm of reconnecting screens one small query says it still holds.
    A draft is read each time: its items may change without a new version.
    """
    states = {}
    for pk, version, phase in Ballot.objects.filter(pk__in=ballot_ids).values_list("pk", "version", "phase"):
        if phase == Phase.DRAFT or pk not in _written or _written[pk][0] != version:
            try:
                state = ballot_state(pk)
            except Ballot.DoesNotExist:
                continue
            _written[pk] = (state["version"], msgspec.json.encode(state)[:-1])
        _written.move_to_end(pk)
        states[pk] = _written[pk]
    while len(_written) > KEPT_STATES:
        _written.popitem(last=False)
    return states


def own_votes(voter_ids: Iterable[int]) -> dict[tuple[int, int | None], dict[str, Any]]:
    """Return `mine` for each (ballot, voter): the choices of a named ballot; of a secret one only that one voted."""
    ids = set(voter_ids)
    if not ids:
        return {}
    mine: dict[tuple[int, int | None], dict[str, Any]] = {}
    named: dict[int, dict[str, Any]] = {}
    secret: dict[int, int] = {}
    rows = Voter.objects.filter(pk__in=ids).values_list("pk", "ballot_id", "ballot__kind")
    for voter_id, ballot_id, kind in rows:
        if kind == BallotKind.NAMED:
            mine[ballot_id, voter_id] = {"voter": str(voter_id), "choices": named.setdefault(voter_id, {})}
        else:
            secret[voter_id] = ballot_id
    if named:
        votes = Vote.objects.filter(voter__in=named).values_list("item_id", "voter_id", "choice")
        for item_id, voter_id, choice in votes:
            named[voter_id][str(item_id)] = readable(choice)
    if secret:
        for voter_id in Participation.objects.filter(voter__in=secret).values_list("voter_id", flat=True).distinct():
            mine[secret[voter_id], voter_id] = {"cast": True}
    return mine


def ballots_changed(known: Mapping[str, int]) -> list[Update]:
    """Return the news of those ballots whose version is higher than known; one query when there is none."""
    versions = {int(topics.parts(topic)[1]): version for topic, version in known.items()}
    rows = Ballot.objects.filter(pk__in=versions).values_list("pk", "version")
    return [update for pk, version in rows if version > versions[pk] for update in news_of(pk)]


def news_of(ballot_id: int) -> list[Update]:
    """Return phase and counts of one ballot as news, read from the database. Raises Ballot.DoesNotExist."""
    state = ballot_state(ballot_id)
    topic, version, turnout = topics.ballot(ballot_id), state["version"], state["turnout"]
    tally = tally_news(ballot_id, version, turnout["cast"], turnout["eligible"], state["tally"])
    phase = {**tally, "type": "ballot.phase", "phase": state["phase"]}
    return [Update(topic, "phase", version, phase), Update(topic, "tally", version, tally)]


def tally_news(ballot_id: int, version: int, cast: int, eligible: int, tally: Any) -> dict[str, Any]:
    """Return the `ballot.tally` message."""
    turnout = {"cast": cast, "eligible": eligible}
    return {"type": "ballot.tally", "ballot": str(ballot_id), "version": version, "turnout": turnout, "tally": tally}


def _lost(_opening: Opening) -> Opened:
    return Opened(is_lost=True)


reader: Batcher[Opening, Opened] = Batcher("ballot-reader", open_screens, failed=_lost, limit=500)
