"""Lists of proposals."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, Count, Q, QuerySet, When

from community.models import Unit, User
from core import clock
from core.errors import NotFound
from deliberation import rules
from deliberation.models import Category, Proposal, Stance
from deliberation.stages import FINAL, Stage, Status, statuses_in


@dataclass(frozen=True, slots=True)
class ProposalFilter:
    """What a reader looks for; "" stands for all. Unknown values find nothing rather than everything.

    `community` and `place` are codes: the community itself, and anything at or below one unit of any level.
    """

    stage: str = ""
    status: str = ""
    category: str = ""
    community: str = ""
    place: str = ""
    words: str = ""

    def applied_to(self, proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
        """Return `proposals` narrowed down. Words are looked for in title and body (a scan: bound the community)."""
        if self.stage:
            known = self.stage in Stage.values
            proposals = proposals.filter(_in_stage(self.stage)) if known else proposals.none()
        if self.status:
            proposals = proposals.filter(status=self.status) if self.status in Status.values else proposals.none()
        if self.category:
            known = self.category in Category.values
            proposals = proposals.filter(category=self.category) if known else proposals.none()
        if self.community:
            proposals = proposals.filter(community__code=self.community.replace("\x00", ""))
        if self.place:
            unit = Unit.objects.filter(code=self.place.replace("\x00", "")).first()
            proposals = proposals.filter(unit__path__startswith=unit.path) if unit else proposals.none()
        for word in self.words.replace("\x00", "").split()[:5]:
            proposals = proposals.filter(Q(title__icontains=word) | Q(body__icontains=word))
        return proposals


def _in_stage(stage: str) -> Q:
    statuses = statuses_in(stage)
    return Q(status__in=statuses) | Q(status__in=[Status.SUSPENDED, Status.TERMINATED], previous_status__in=statuses)


def public_proposals() -> QuerySet[Proposal]:
    """Return every proposal the public may see, newest first. Lazy; one query with its places."""
    return Proposal.objects.exclude(status=Status.DRAFT).select_related("community", "unit", "proposer").order_by("-id")


def proposals_of(user: User) -> QuerySet[Proposal]:
    """Return what `user` proposed, drafts too, newest first. Lazy; one query with its places."""
    return Proposal.objects.filter(proposer=user).select_related("community", "unit", "proposer").order_by("-id")


def matters_at_work() -> QuerySet[Proposal]:
    """Return the open proposals for the front page: what nobody has read yet comes last."""
    unread = Case(When(status__in=[Status.SUBMITTED, Status.SUPPLEMENT_REQUESTED], then=1), default=0)
    return public_proposals().exclude(status__in=FINAL).order_by(unread, "-id")


def proposals_by_stage(unit: Unit | None = None) -> dict[str, int]:
    """Return how many open proposals stand in each of the five stages, of everything or under `unit`. One query."""
    counts = dict.fromkeys(Stage.values, 0)
    found = Proposal.objects.exclude(status__in=[*FINAL, Status.DRAFT])
    if unit is not None:
        found = found.filter(unit__path__startswith=unit.path)
    rows = found.order_by().values_list("status", "previous_status").annotate(n=Count("id"))
    for status, previous, n in rows:
        stage = next((s for s in Stage.values if _stands_in(status, previous, s)), Stage.PROPOSE.value)
        counts[stage] += n
    return counts


def _stands_in(status: str, previous: str, stage: str) -> bool:
    statuses = statuses_in(stage)
    return status in statuses or (status == Status.SUSPENDED and previous in statuses)


def proposal_or_not_found(pk: int, user: object) -> Proposal:
    """Return the proposal if `user` may see it. Raises NotFound otherwise, so drafts do not show that they exist."""
    found = (
        Proposal.objects.select_related("community", "unit", "proposer", "ballot", "merged_into", "continues")
        .filter(pk=pk)
        .first()
    )
    if found is None or not rules.may_see(user, found):
        raise NotFound
    return found


def stances_of(proposal: Proposal) -> dict[str, int]:
    """Return how many opinions take each stance. One query, however many there are."""
    rows = proposal.opinions.order_by().values_list("stance").annotate(n=Count("id"))
    return dict.fromkeys(Stance.values, 0) | dict(rows)


def overdue_proposals(today: dt.date | None = None) -> QuerySet[Proposal]:
    """Return the open proposals whose deadline has passed, the longest first."""
    day = today or clock.local_date()
    return (
        Proposal.objects.filter(due_on__lt=day)
        .exclude(status__in=[*FINAL, Status.DRAFT])
        .select_related("community", "unit")
        .order_by("due_on", "id")
    )
