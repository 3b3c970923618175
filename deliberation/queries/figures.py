"""Figures computed from rows (RULEBOOK 6): k and n, never a stored percentage."""

from typing import Any

from django.db.models import Count, F, Q

from community.models import Unit
from deliberation.figures import Share
from deliberation.models import Grade, Proposal, Rating
from deliberation.queries.proposals import proposals_by_stage
from deliberation.stages import Status

# A matter is closed when the community owes nothing more on it.
_CLOSED = (Status.ARCHIVED, Status.NOT_PASSED, Status.TERMINATED)
# Screening has answered it: taken up or ended with a reason.
_UNANSWERED = (Status.SUBMITTED, Status.SUPPLEMENT_REQUESTED)
_NOT_TAKEN_UP = (*_UNANSWERED, Status.REJECTED, Status.TRANSFERRED, Status.MERGED, Status.WITHDRAWN)


def community_figures(unit: Unit | None) -> dict[str, Any]:
    """Return the figures of everything under `unit`, or of everything. Three queries over the proposals there.

    answer = answered / received, closure = closed / accepted, on-time closure = closed without having been late in
    carrying out / closed, satisfaction = (satisfied + fairly) / valid ratings of the latest rounds.
    """
    proposals = Proposal.objects.exclude(status=Status.DRAFT)
    ratings = Rating.objects.filter(round=F("proposal__rating_round"))
    if unit is not None:
        proposals = proposals.filter(unit__path__startswith=unit.path)
        ratings = ratings.filter(proposal__unit__path__startswith=unit.path)
    counts = proposals.aggregate(
        received=Count("id", filter=~Q(status=Status.WITHDRAWN)),
        answered=Count("id", filter=~Q(status__in=[*_UNANSWERED, Status.WITHDRAWN])),
        accepted=Count("id", filter=~Q(status__in=_NOT_TAKEN_UP)),
        closed=Count("id", filter=Q(status__in=_CLOSED)),
        on_time=Count("id", filter=Q(status__in=_CLOSED, was_late=False)),
    )
    said = ratings.aggregate(
        content=Count("id", filter=Q(grade__in=[Grade.SATISFIED, Grade.FAIRLY])), valid=Count("id")
    )
    return {
        "received": counts["received"],
        "accepted": counts["accepted"],
        "closed": counts["closed"],
        "open": proposals_by_stage(unit),
        "answer": _share(counts["answered"], counts["received"]),
        "closure": _share(counts["closed"], counts["accepted"]),
        "on_time_closure": _share(counts["on_time"], counts["closed"]),
        "satisfaction": _share(said["content"], said["valid"]),
    }


def _share(k: int, n: int) -> dict[str, Any]:
    share = Share(k, n)
    return {"k": k, "n": n, "percent": share.percent}
