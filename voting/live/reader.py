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
from voting import bulk
from voting.live.access import NOBODY, Person, person_of_session
from voting.methods import readable
from voting.models import Ballot, BallotKind, Phase
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
    such, parameter = bulk.among(ballot_ids)
    for pk, version, phase in bulk.rows(f"SELECT id, version, phase FROM voting_ballot WHERE id {such}", parameter):  # noqa: S608 - our own words
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
    """Return `mine` for each (ballot, voter): the choices of a named ballot; of a secret one only that one voted.

    Plain SQL, as in the writer: in a storm the ORM's making of queries cost more than their running.
    """
    ids = set(voter_ids)
    if not ids:
        return {}
    mine: dict[tuple[int, int | None], dict[str, Any]] = {}
    named: dict[int, int] = {}
    secret: dict[int, int] = {}
    such, parameter = bulk.among(ids)
    for voter_id, ballot_id, kind in bulk.rows(
        "SELECT v.id, v.ballot_id, b.kind FROM voting_voter v JOIN voting_ballot b ON b.id = v.ballot_id"  # noqa: S608 - our own words
        f" WHERE v.id {such}",
        parameter,
    ):
        if kind == BallotKind.NAMED:
            named[voter_id] = ballot_id
            mine[ballot_id, voter_id] = {"voter": str(voter_id), "choices": {}}
        else:
            secret[voter_id] = ballot_id
    for item_id, voter_id, choice in _rows_of("voting_vote", "choice", named):
        mine[named[voter_id], voter_id]["choices"][str(item_id)] = readable(choice)
    for _item_id, voter_id, _channel in _rows_of("voting_participation", "channel", secret):
        mine[secret[voter_id], voter_id] = {"cast": True}
    return mine


def _rows_of(table: str, column: str, voters: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """Return (item, voter, column) of `voters`, which map to their ballots: the index is by item, then voter."""
    if not voters:
        return []
    these, ballots = bulk.among(set(voters.values()))
    such, ids = bulk.among(voters)
    return bulk.rows(
        f"SELECT v.item_id, v.voter_id, v.{column} FROM voting_item i JOIN {table} v ON v.item_id = i.id"  # noqa: S608 - our own words
        f" WHERE i.ballot_id {these} AND v.voter_id {such}",
        ballots,
        ids,
    )


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


reader: Batcher[Opening, Opened] = Batcher("ballot-reader", open_screens, failed=_lost, limit=500, pace=0.02)
