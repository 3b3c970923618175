"""Who conducts the ballots of a proposal: the offices of the moves (`voting.conducting.register_judge`)."""

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from community.models import User
from core import ledger
from deliberation import rules
from deliberation.models import Proposal
from deliberation.moves import MOVES
from voting.conducting import Act, Question

_MOVES: Mapping[Act, tuple[str, ...]] = MappingProxyType(
    {
        Act.CREATE: ("call_vote",),
        Act.ROLL: ("call_vote",),
        Act.OPEN: ("open_voting",),
        Act.CLOSE: ("close_voting", "reconvene", "terminate"),
        Act.CANCEL: ("terminate",),
    }
)


def conducts_the_proposal(by: User, question: Question, _now: dt.datetime | None) -> str | None:
    """Return the office in which `by` may take a move that does this to the ballot of a proposal, else None."""
    if question.subject_type != ledger.subject_type(Proposal()):
        return None
    proposal = Proposal.objects.select_related("unit", "community").filter(pk=question.subject_id).first()
    if proposal is None or proposal.community_id != question.community.pk:
        return None
    standing = rules.standing_of(by, proposal)
    offices = tuple(office for move in _MOVES.get(question.act, ()) for office in MOVES[move].offices)
    return standing.acting_office(offices) if standing.may(offices) else None
