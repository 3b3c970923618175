"""A proposal at a moment: what the requirements ask of it. Reads only, each question once."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property

from django.db.models import Count, Q

from core import clock
from deliberation import limits
from deliberation.covenants import makes_covenant
from deliberation.figures import RatingFigures, rating_figures
from deliberation.models import (
    Completion,
    ConsultationRecord,
    Grade,
    NoticeLink,
    PartyReview,
    PartyStep,
    PartyStepKind,
    Plan,
    Proposal,
    Purpose,
    Rectification,
    ResponsibilityTask,
)
from deliberation.stages import Status
from publish.models import Notice, NoticeStatus, ObjectionStatus
from voting.counting import count_items
from voting.deciding import decide_item, rules_of
from voting.mandates import ballots_together
from voting.models import Ballot, Phase
from voting.requirements import missing_to_open
from voting.rules.local import outcome_of_all

_IN_FORCE = frozenset({NoticeStatus.POSTED, NoticeStatus.ENDED})
# An objection nobody has ruled on yet.
WAITING = frozenset({ObjectionStatus.RECEIVED, ObjectionStatus.ACKNOWLEDGED})
# What a Case reads, for lists: so many queries however many proposals.
PREFETCH = (
    "notice_links__notice__objections",
    "plans__budget_lines",
    "plans__party_reviews",
    "plans__party_steps",
    "consultations__meeting",
    "stakeholders",
    "tasks",
    "completions",
    "rectifications",
)


class Outcome(StrEnum):
    """What a closed ballot means for its proposal."""

    PASSED = "passed"
    REJECTED = "rejected"
    NOT_QUORATE = "not_quorate"


def ballot_outcome(ballot: Ballot) -> Outcome | None:
    """Return what the matter came to: over all items, and over all ballots of its motion (`Ballot.motion`).

    Not quorate when one of them is not, passed when all are, else rejected; None until all of them are counted.
    """
    together = ballots_together(ballot)
    results = [one.result for one in together if one.result is not None]
    if len(results) < len(together):
        return None
    return Outcome(outcome_of_all(item["outcome"] for result in results for item in result["items"]))


def ballot_is_ending(ballot: Ballot, now: dt.datetime) -> bool:
    """Return whether the ballot is in its last 24 hours, or its time is over."""
    return ballot.closes_at is not None and ballot.closes_at - now <= dt.timedelta(days=1)


def reaches_quorum(ballot: Ballot) -> bool:
    """Return whether the votes so far reach the quorum of every item of every ballot of the matter.

    Counts the rows: asked only when time is up.
    """
    return all(
        decide_item(item, rules_of(one), (one.roll_heads, one.roll_area))["outcome"] != Outcome.NOT_QUORATE
        for one in ballots_together(ballot)
        for item in count_items(one)
    )


def figures_of_round(proposal: Proposal) -> RatingFigures:
    """Return the figures of the current round of rating. One query."""
    counts = proposal.ratings.filter(round=proposal.rating_round).aggregate(
        satisfied=Count("id", filter=Q(grade=Grade.SATISFIED)),
        fairly=Count("id", filter=Q(grade=Grade.FAIRLY)),
        dissatisfied=Count("id", filter=Q(grade=Grade.DISSATISFIED)),
    )
    return rating_figures(**counts, affected_households=proposal.affected_households)


class Case:
    """A proposal at a moment, with what the requirements ask of it; each question is put to the database once.

    `reason_code` is the code given with the move that is being tried, "" while only looking.
    """

    def __init__(
        self,
        proposal: Proposal,
        now: dt.datetime | None = None,
        *,
        reason_code: str = "",
        ratings: RatingFigures | None = None,
        barred: frozenset[tuple[str, int]] | None = None,
    ) -> None:
        self.proposal = proposal
        self.now = now or clock.now()
        self.today = clock.local_date(self.now)
        self.reason_code = reason_code
        self._ratings = ratings
        self._barred = barred

    @cached_property
    def notices(self) -> Mapping[str, Notice]:
        """Return the latest notice of each purpose: of the current version of the plan, of those who now decide."""
        plan_id = self.plan.pk if self.plan else None
        found: dict[str, Notice] = {}
        for link in self._links:
            if link.purpose == Purpose.PLAN and link.plan_id != plan_id:
                continue
            if link.purpose == Purpose.ROLL and link.electorates != self.proposal.electorates:
                continue
            found[link.purpose] = link.notice
        return found

    @cached_property
    def _links(self) -> list[NoticeLink]:
        links = self.proposal.notice_links.all()
        if "notice_links" not in getattr(self.proposal, "_prefetched_objects_cache", {}):
            links = links.select_related("notice").defer("notice__facts", "notice__paper")
        return sorted(links, key=lambda link: link.pk)

    def is_posted(self, purpose: Purpose) -> bool:
        """Return whether the latest notice of `purpose` is on the board, or was and ended."""
        notice = self.notices.get(purpose)
        return notice is not None and notice.status in _IN_FORCE

    def is_over(self, purpose: Purpose) -> bool:
        """Return whether the posting period of the latest notice of `purpose` has ended."""
        notice = self.notices.get(purpose)
        if notice is None or notice.status not in _IN_FORCE:
            return False
        return notice.status == NoticeStatus.ENDED or (notice.ends_on is not None and notice.ends_on < self.today)

    def is_given(self, purpose: Purpose) -> bool:
        """Return whether the latest notice of `purpose` was posted as many days ago as it says."""
        notice = self.notices.get(purpose)
        if notice is None or notice.status not in _IN_FORCE or notice.posted_on is None:
            return False
        return (self.today - notice.posted_on).days >= notice.days

    def last_day(self, purpose: Purpose) -> dt.date | None:
        """Return the last day of the posting period of the latest notice of `purpose` while it runs, else None."""
        notice = self.notices.get(purpose)
        return notice.ends_on if notice is not None and notice.days and not self.is_over(purpose) else None

    def last_day_of_notice(self, purpose: Purpose) -> dt.date | None:
        """Return the last of the days that the latest notice of `purpose` gives beforehand, None once they are over."""
        notice = self.notices.get(purpose)
        if notice is None or notice.posted_on is None or self.is_given(purpose):
            return None
        return notice.posted_on + dt.timedelta(days=notice.days - 1)

    @property
    def last_day_to_vote(self) -> dt.date | None:
        """Return the day on which the open ballot ends."""
        ballot = self.ballot
        if ballot is None or ballot.phase != Phase.OPEN or ballot.closes_at is None:
            return None
        return clock.local_date(ballot.closes_at)

    def has_objection(self, purpose: Purpose, *statuses: ObjectionStatus) -> bool:
        """Return whether an objection to the latest notice of `purpose` stands in one of `statuses`."""
        notice = self.notices.get(purpose)
        return notice is not None and any(o.status in statuses for o in notice.objections.all())

    def objections_answered(self, purpose: Purpose) -> bool:
        """Return whether every objection to the notices of `purpose` was ruled on, upheld or not, or withdrawn."""
        notices = [link.notice for link in self._links if link.purpose == purpose]
        return not any(o.status in WAITING for notice in notices for o in notice.objections.all())

    @cached_property
    def plan(self) -> Plan | None:
        """Return the current version of the plan."""
        return max(self.proposal.plans.all(), key=lambda plan: plan.number, default=None)

    @cached_property
    def makes_covenant(self) -> bool:
        """Return whether the plan makes a residents' covenant."""
        text = self.plan.text if self.plan is not None else ""
        return makes_covenant(self.proposal.category, self.proposal.title, text)

    @cached_property
    def is_budgeted(self) -> bool:
        """Return whether the plan has a budget, or says it costs nothing."""
        return self.plan is not None and (self.plan.no_cost or bool(self.plan.budget_lines.all()))

    @cached_property
    def party_review(self) -> PartyReview | None:
        """Return the party organisation's study of the current version."""
        return self.plan.party_review if self.plan is not None else None

    @cached_property
    def party_steps(self) -> Mapping[str, PartyStep]:
        """Return the last party step of each kind: the proposing of the matter, the others on the current version."""
        return {
            step.kind: step
            for plan in sorted(self.proposal.plans.all(), key=lambda plan: plan.number)
            for step in sorted(plan.party_steps.all(), key=lambda step: step.pk)
            if step.kind == PartyStepKind.BRANCH or plan == self.plan
        }

    def party_step_passed(self, kind: PartyStepKind) -> bool:
        """Return whether a party step is recorded and passed; True for a matter that does not need it."""
        step = self.party_steps.get(kind) if self.proposal.four_step else None
        return not self.proposal.four_step or (step is not None and step.passed)

    @cached_property
    def consultation(self) -> ConsultationRecord | None:
        """Return the record of the current round."""
        return next((c for c in self.proposal.consultations.all() if c.round == self.proposal.round), None)

    @cached_property
    def rounds_failed(self) -> int:
        """Return how many rounds ended without consensus."""
        return sum(c.consensus is False for c in self.proposal.consultations.all())

    @cached_property
    def has_stakeholders(self) -> bool:
        """Return whether anybody is listed as touched."""
        return bool(self.proposal.stakeholders.all())

    @cached_property
    def written_objections(self) -> int:
        """Return how many people object to the current plan in writing; withdrawn ones do not count."""
        notice = self.notices.get(Purpose.PLAN)
        if notice is None:
            return 0
        return len({(o.name, o.phone) for o in notice.objections.all() if o.status != ObjectionStatus.WITHDRAWN})

    @property
    def third_objects(self) -> bool:
        """Return whether the written objections reach 1/3 of the affected households."""
        numerator, denominator = limits.WRITTEN_OBJECTIONS
        households = self.proposal.affected_households
        return households > 0 and self.written_objections * denominator >= numerator * households

    @property
    def ballot(self) -> Ballot | None:
        """Return the ballot of the present vote."""
        return self.proposal.ballot

    @cached_property
    def ballots(self) -> list[Ballot]:
        """Return the ballot and those that decide the matter together with it."""
        return ballots_together(self.ballot) if self.ballot is not None else []

    @cached_property
    def missing_to_open(self) -> frozenset[str]:
        """Return the keys of what the ballots themselves miss before they may open; none once they are open."""
        drafts = [ballot for ballot in self.ballots if ballot.phase == Phase.DRAFT]
        return frozenset(one.key for ballot in drafts for one in missing_to_open(ballot, today=self.today))

    @cached_property
    def outcome(self) -> Outcome | None:
        """Return the outcome of the closed ballot."""
        return ballot_outcome(self.ballot) if self.ballot else None

    @cached_property
    def tasks(self) -> list[ResponsibilityTask]:
        """Return the responsibility list."""
        return list(self.proposal.tasks.all())

    @cached_property
    def completion(self) -> Completion | None:
        """Return the latest report that the work is done."""
        return max(self.proposal.completions.all(), key=lambda report: report.pk, default=None)

    @cached_property
    def ratings(self) -> RatingFigures:
        """Return the figures of the current round of rating."""
        return self._ratings or figures_of_round(self.proposal)

    @cached_property
    def rectified_in_vain(self) -> bool:
        """Return whether the ratings failed after the last rectification there may be: time for the subdistrict."""
        return (
            self.proposal.status == Status.EVALUATING
            and self.proposal.rectifications_ordered >= limits.RECTIFICATIONS
            and self.is_over(Purpose.IMPLEMENTATION)
            and self.ratings.is_enough
            and not self.ratings.is_good
        )

    @cached_property
    def rectification(self) -> Rectification | None:
        """Return the latest order to put something right."""
        return max(self.proposal.rectifications.all(), key=lambda order: order.number, default=None)

    @cached_property
    def is_barred(self) -> bool:
        """Return whether the same matter failed a vote less than six months ago."""
        proposal = self.proposal
        if proposal.continues is not None and proposal.continues.status == Status.NOT_PASSED:
            return proposal.continues.entered_at > months_before(self.now, limits.SAME_MATTER_BAR_MONTHS)
        if self._barred is not None:
            return (proposal.title, proposal.unit_id) in self._barred
        return (proposal.title, proposal.unit_id) in barred_matters(self.now, title=proposal.title)


def barred_matters(now: dt.datetime, *, title: str | None = None) -> frozenset[tuple[str, int]]:
    """Return (title, place id) of the matters that failed a vote less than six months ago. One query."""
    since = months_before(now, limits.SAME_MATTER_BAR_MONTHS)
    failed = Proposal.objects.filter(status=Status.NOT_PASSED, entered_at__gt=since)
    if title is not None:
        failed = failed.filter(title=title)
    return frozenset(failed.values_list("title", "unit_id"))


def months_before(moment: dt.datetime, months: int) -> dt.datetime:
    """Return the same day of the month `months` earlier, or that month's last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError(moment)
