"""Which other matters a proposal looks like: for whoever screens, merges or imports."""

import datetime as dt

from django.db.models import QuerySet

from community.models import Unit
from core import clock
from deliberation.models import Proposal
from deliberation.similarity import normalised, pairs, thousandths
from deliberation.stages import FINAL, Status

# Looser than the import, which accuses: a person reads these, and a miss costs more than a glance.
WORTH_A_LOOK = 250
LOOKED_THROUGH = 2_000
_RECENT = dt.timedelta(days=365)


def comparable(community: Unit) -> QuerySet[Proposal]:
    """Return what a new matter is compared with: everything open, and what came in the last year, newest first."""
    found = Proposal.objects.filter(community=community).exclude(status__in=FINAL, entered_at__lt=clock.now() - _RECENT)
    return found.order_by("-id")


def words_of(proposal: Proposal) -> str:
    """Return what is compared of a proposal."""
    return normalised(f"{proposal.title}\n{proposal.body}")


def alike_to(proposal: Proposal, *, most: int = 5) -> list[Proposal]:
    """Return at most `most` other proposals of the community that look like this one, the most alike first.

    Title alone or the whole text must be alike by `WORTH_A_LOOK` thousandths; what was merged into it is not named
    again. The newest 2,000 are looked through, one query.
    """
    asked = pairs(words_of(proposal)), pairs(normalised(proposal.title))
    others = comparable(proposal.community).exclude(pk=proposal.pk).exclude(status=Status.DRAFT)[:LOOKED_THROUGH]
    scored = [
        (_likeness(asked, other), other)
        for other in others
        if other.merged_into_id is None or other.merged_into_id != proposal.pk
    ]
    found = [(score, other) for score, other in scored if score >= WORTH_A_LOOK]
    return [other for _score, other in sorted(found, key=lambda one: (-one[0], -one[1].pk))[:most]]


def _likeness(asked: tuple[frozenset[str], frozenset[str]], other: Proposal) -> int:
    whole, title = asked
    return max(thousandths(whole, pairs(words_of(other))), thousandths(title, pairs(normalised(other.title))))
