"""The one road of a live vote into the database: collected while the batch before commits, answered after it."""

import contextlib
from collections.abc import Sequence

from django.conf import settings

from core.realtime import announce, topics
from core.realtime.batcher import Batcher, Full
from voting.live import limits
from voting.live.access import NOBODY, Person
from voting.live.reader import tally_news
from voting.messages import VoteAccepted, VoteCast, VoteRefused
from voting.models import Channel
from voting.operations.cast import CastIntent, CastOutcome, cast_votes, refusal


def _commit(batch: Sequence[CastIntent]) -> list[CastOutcome]:
    outcomes = cast_votes(batch)
    for ballot_id, state in outcomes.states.items():
        message = tally_news(ballot_id, state.version, state.cast, state.eligible, state.tally)
        announce(topics.ballot(ballot_id), "tally", state.version, message)
    return outcomes


def _warm() -> None:
    """Judge a vote on a ballot that cannot be: PostgreSQL then knows the tables when the first real one comes."""
    nobody = 2**63 - 1
    cast_votes([CastIntent(ballot_id=nobody, voter_id=nobody, request="warm", choices={})])


def _refuse(_intent: CastIntent) -> CastOutcome:
    return refusal("throttled")


writer: Batcher[CastIntent, CastOutcome] = Batcher(
    "ballot-writer", _commit, failed=_refuse, warm=None if settings.EMBEDDED else _warm
)


async def cast_live(ballot_id: int, person: Person, message: VoteCast, *, sender: int) -> VoteAccepted | VoteRefused:
    """Cast one vote from a socket; return the answer when the vote is on disk, or why it is not.

    `sender` names the socket: strangers are held to the same pace as voters, each socket for itself.
    """
    outcome = None
    if not limits.casts.take(sender if person == NOBODY else person):
        outcome = refusal("throttled")
    elif person == NOBODY:
        outcome = refusal("not_eligible")
    else:
        intent = CastIntent(
            ballot_id=ballot_id,
            voter_id=person.voter_id,
            request=message.request,
            choices=message.choices,
            on_behalf_of=message.on_behalf_of,
            channel=Channel.LIVE,
            user_id=person.user_id,
            session_key=person.session_key,
        )
        with contextlib.suppress(Full):
            outcome = await writer.ask(intent)
    outcome = outcome or refusal("throttled")
    if outcome.accepted:
        return VoteAccepted(message.request, outcome.receipt)
    return VoteRefused(message.request, outcome.code, outcome.message)  # type: ignore[arg-type] # the codes are RefusalCode


def cast_now(intent: CastIntent) -> CastOutcome:
    """Cast one vote from a request's thread: through the writer where the server runs one, else by itself."""
    if not writer.is_running:
        return _commit([intent])[0]
    try:
        return writer.ask_from_thread(intent).result()
    except Full:
        return refusal("throttled")
