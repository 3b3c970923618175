"""Which other matters a proposal looks like: for whoever screens, merges or imports."""

import datetime as dt

from django.db.models import QuerySet

from community.models import Unit
from core import clock
from deliberation.models import Proposal
from deliberation.similarity import SimilarityIndex, normalised
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

    Title alone or the whole text must be alike by `WORTH_A_LOOK` thousandths. The newest 2,000 are looked through,
    one query.
    """
    whole, titles = SimilarityIndex[int](), SimilarityIndex[int]()
    others = {}
    for other in comparable(proposal.community).exclude(pk=proposal.pk).exclude(status=Status.DRAFT)[:LOOKED_THROUGH]:
        others[other.pk] = other
        whole.add(other.pk, words_of(other))
        titles.add(other.pk, other.title)
    scores: dict[int, int] = {}
    found = whole.similar(words_of(proposal), at_least=WORTH_A_LOOK)
    for pk, score in [*found, *titles.similar(proposal.title, at_least=WORTH_A_LOOK)]:
        scores[pk] = max(score, scores.get(pk, 0))
    return [others[pk] for pk in sorted(scores, key=lambda pk: (-scores[pk], -pk))[:most]]
