"""待我办理: one list, the most pressing first, each row one verb; and what a resident is asked to do."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from community.models import Unit, UnitKind, User
from community.queries import community_of, unit_by_code
from community.rules import STAFF_OFFICES, running_terms
from core import clock
from core.calendar import office_calendar
from core.deadlines import working_days_between
from core.errors import NotFound
from core.requirements import missing_for
from deliberation import limits
from deliberation.acts import ACTS
from deliberation.case import PREFETCH, Case, barred_matters
from deliberation.figures import RatingFigures, rating_figures
from deliberation.models import Grade, Proposal, Rating
from deliberation.moves import MOVES, moves_from
from deliberation.queries.terms import due_of, waits_for_receipt
from deliberation.queries.waiting import MOST_ROWS, Group, WorkRow, near, offices_by_path, waiting_besides
from deliberation.requirements import requirements_of
from deliberation.rules import Standing, standing_of, standing_with
from deliberation.stages import FINAL, Status
from meetings.queries.duties import Duty, invitations_to_answer, meetings_going_on, tasks_to_do
from voting.models import Phase, Voter

# Which act puts in place what a move is missing. What only time or somebody else brings is not here.
_BROUGHT_BY = {
    "identity_verified": "record_screening",
    "in_scope": "record_screening",
    "not_duplicate": "record_screening",
    "legality_prechecked": "record_screening",
    "topic_posted": "publish_topic",
    "stakeholders_listed": "list_stakeholder",
    "dissent_recorded": "record_consultation",
    "consensus_reached": "convene_next_round",
    "plan_drafted": "draft_plan",
    "plan_budgeted": "draft_plan",
    "plan_funded": "draft_plan",
    "party_studied": "record_party_review",
    "branch_proposed": "record_party_step",
    "committees_consulted": "record_party_step",
    "members_reviewed": "record_party_step",
    "legality_reviewed": "review_legality",
    "rule_chosen": "choose_rule",
    "roll_posted": "publish_roll",
    "tasks_listed": "list_task",
    "completion_reported": "record_completion",
    "rectification_reported": "report_rectification",
}
# What is not brought before something else is there: no record without minutes, no next round without a record, no
# report with tasks undone.
_AFTER = {
    "dissent_recorded": "minutes_signed",
    "consensus_reached": "dissent_recorded",
    "completion_reported": "tasks_done",
}
# When the main move cannot be taken for good, the other road out of the status.
_OTHER_ROADS = {
    Status.COUNTING: ("declare_not_quorate",),
    Status.RESULT_PUBLICISED: ("record_not_passed",),
    Status.EVALUATING: ("order_rectification", "escalate"),
    Status.NOT_QUORATE: ("extend_voting", "reconvene"),
    Status.RECTIFYING: ("finish_rectification",),
    Status.ESCALATED: ("answer_escalation",),
    Status.ANNULLED: ("resettle",),
    Status.SUPPLEMENT_REQUESTED: ("supplement", "reject"),
    Status.SUSPENDED: ("resume",),
}


def work_of(user: User, *, now: dt.datetime | None = None) -> list[WorkRow]:
    """Return what waits for `user` in office, the most pressing first, at most 200 rows.

    About 30 queries however many proposals; about 1 ms for each proposal of the user's communities.
    """
    moment = now or clock.now()
    offices = offices_by_path(user, moment)
    rows = [*_steps(user, offices, moment), *waiting_besides(user, offices, moment)]
    rows += [_from_meeting(duty) for duty in tasks_to_do(user)]
    return _most_pressing_first(rows, moment)[:MOST_ROWS]


def _most_pressing_first(rows: Iterable[WorkRow], now: dt.datetime) -> list[WorkRow]:
    """Return what goes on, what is overdue, what is due today, then the rest by its day, with the days left.

    Two queries when a term counts working days.
    """
    today = clock.local_date(now)
    found = sorted(rows, key=lambda row: (row.group(today), row.ends or dt.date.max, row.title))
    if not any(row.mode == "working" for row in found):
        return found
    calendar = office_calendar()
    return [
        replace(row, working_days=working_days_between(today, row.ends, calendar))
        if row.mode == "working" and row.ends is not None
        else row
        for row in found
    ]


def _steps(user: User, offices: Sequence[tuple[str, str]], now: dt.datetime) -> Iterable[WorkRow]:
    proposals = list(
        Proposal.objects.filter(near(offices, "unit"))
        .exclude(status__in=[*FINAL, Status.DRAFT])
        .select_related("community", "unit", "ballot", "continues")
        .prefetch_related(*PREFETCH)
        .order_by("due_on", "id")[: MOST_ROWS * 2]
    )
    ratings, barred = _rating_figures(proposals), barred_matters(now)
    calendar = office_calendar() if any(waits_for_receipt(proposal) for proposal in proposals) else None
    for proposal in proposals:
        held = frozenset(office for path, office in offices if proposal.unit.path.startswith(path))
        standing = standing_with(held, user, proposal)
        # Handing a matter up is proposed for the reason the rules give; for others somebody has to think of it.
        case = Case(proposal, now, reason_code="ratings_failed_twice", ratings=ratings.get(proposal.pk), barred=barred)
        if found := _next_verb(proposal, standing, case):
            verb, href = found
            yield WorkRow(
                title=proposal.title,
                verb=verb,
                href=href,
                ends=due_of(proposal, calendar=calendar).ends if calendar else proposal.due_on,
                stage=proposal.stage.value,
                note=proposal.get_status_display(),
                mode=limits.counted_in(proposal.status),
            )


def _rating_figures(proposals: Iterable[Proposal]) -> dict[int, RatingFigures]:
    """Return the figures of the current round of those being rated. One query."""
    rated = {p.pk: p for p in proposals if p.status == Status.EVALUATING}
    counts: dict[int, dict[str, int]] = {pk: dict.fromkeys(Grade.values, 0) for pk in rated}
    rows = (
        Rating.objects.filter(proposal__in=rated).values_list("proposal_id", "round", "grade").annotate(n=Count("id"))
    )
    for pk, round_, grade, n in rows:
        if rated[pk].rating_round == round_:
            counts[pk][grade] = n
    return {
        pk: rating_figures(**found, affected_households=rated[pk].affected_households) for pk, found in counts.items()
    }


def turn_of(proposal: Proposal, user: object, *, now: dt.datetime | None = None) -> tuple[str, str] | None:
    """Return the verb and page of what `user` can do now to bring one proposal on, None when it is not their turn."""
    standing = standing_of(user, proposal)
    if not standing.offices and not standing.is_proposer:
        return None
    found = _next_verb(proposal, standing, Case(proposal, now, reason_code="ratings_failed_twice"))
    return found if found and found[1] != proposal.get_absolute_url() else None


def _next_verb(proposal: Proposal, standing: Standing, case: Case) -> tuple[str, str] | None:
    """Return the verb and the page of what this person can do now to bring the proposal on, None when nothing."""
    if waits_for_receipt(proposal):
        act = ACTS["acknowledge_proposal"]
        if standing.may(act.offices):
            return str(act.title), reverse("deliberation:act", args=[proposal.pk, act.key])
    if proposal.status == Status.ESCALATED and case.completion is None and standing.may(MOVES["hand_back"].offices):
        # To see to it and report, or to hand it back: the page of the proposal offers both.
        return _("办理上报事项"), proposal.get_absolute_url()
    main = [move for move in moves_from(proposal.status) if move.main]
    others = [MOVES[key] for key in _OTHER_ROADS.get(Status(proposal.status), ())]
    for move in [*main, *others]:
        if move.key in _NOT_WAITING and not _NOT_WAITING[move.key](case, standing):
            continue
        missing = missing_for(case, requirements_of(move.key))
        if not missing and standing.may(move.offices):
            return str(move.title), reverse("deliberation:move", args=[proposal.pk, move.key])
        if move.main and (found := _act_for(proposal, standing, [m.key for m in missing])):
            return found
    return None


def _is_all_in(case: Case, _standing: Standing) -> bool:
    """Return whether a vote waits for nobody: time closes it, or people while some have not voted."""
    ballot = case.ballot
    return ballot is not None and (
        ballot.closes_at is None or all(one.cast >= one.roll_heads > 0 for one in case.ballots)
    )


# Moves that are open to the office but wait for something else, and when they are asked for after all.
_NOT_WAITING: Mapping[str, Callable[[Case, Standing], bool]] = MappingProxyType(
    {
        "escalate": lambda case, _standing: case.rectified_in_vain,
        "close_voting": _is_all_in,
        # Staff answer for those who have no account.
        "supplement": lambda case, standing: standing.is_proposer or case.proposal.proposer_id is None,
    }
)


def _act_for(proposal: Proposal, standing: Standing, missing: Sequence[str]) -> tuple[str, str] | None:
    for key in missing:
        act = ACTS.get(_BROUGHT_BY.get(key, ""))
        if act is None or proposal.status not in act.statuses or not standing.may(act.offices):
            continue
        if _AFTER.get(key) in missing:
            continue
        return str(act.title), reverse("deliberation:act", args=[proposal.pk, act.key])
    return None


def _from_meeting(duty: Duty) -> WorkRow:
    return WorkRow(
        duty.title, duty.verb, duty.href, duty.ends, stage="deliberate", note=duty.note, goes_on=duty.goes_on
    )


def everything_of(user: User, *, now: dt.datetime | None = None) -> list[WorkRow]:
    """Return what somebody is asked to do, as resident and in office, the most pressing first."""
    moment = now or clock.now()
    return _most_pressing_first([*today_of(user, now=moment), *work_of(user, now=moment)], moment)


def by_group(rows: Iterable[WorkRow], *, now: dt.datetime | None = None) -> list[tuple[Group, list[WorkRow]]]:
    """Return `rows`, which stand in their order, under the headings of how pressing they are."""
    today = clock.local_date(now)
    return [(group, list(found)) for group, found in groupby(rows, key=lambda row: row.group(today))]


def today_of(user: User, *, now: dt.datetime | None = None) -> list[WorkRow]:
    """Return what a resident is asked to do: come in, vote, answer an invitation, rate, supplement. Five queries."""
    moment = now or clock.now()
    rows = [
        WorkRow(
            title=voter.ballot.title,
            verb=_("去表决"),
            href=f"/ballots/{voter.ballot_id}/",
            ends=clock.local_date(voter.ballot.closes_at) if voter.ballot.closes_at else None,
            goes_on=voter.ballot.closes_at is None,  # in a meeting: it may end at any moment
        )
        for voter in Voter.objects.filter(
            user=user, ballot__phase=Phase.OPEN, participations=None, votes=None
        ).select_related("ballot")[:20]
    ]
    rows += [_from_meeting(duty) for duty in [*meetings_going_on(user), *invitations_to_answer(user, now=moment)]]
    rated = Rating.objects.filter(proposal=OuterRef("pk"), round=OuterRef("rating_round"), user=user)
    waiting = (
        Proposal.objects.filter(Q(status=Status.EVALUATING, due_on__gte=clock.local_date(moment)))
        .filter(community__in=communities_of_reader(user))
        .exclude(Exists(rated))
        .order_by("due_on")
    )
    rows += [WorkRow(p.title, _("评一评"), p.get_absolute_url(), p.due_on, stage=p.stage.value) for p in waiting[:20]]
    returned = Proposal.objects.filter(proposer=user, status=Status.SUPPLEMENT_REQUESTED)
    rows += [
        WorkRow(
            p.title,
            _("补正"),
            reverse("deliberation:move", args=[p.pk, "supplement"]),
            p.due_on,
            stage=p.stage.value,
            mode="working",
        )
        for p in returned[:20]
    ]
    return rows


def communities_of_reader(user: User) -> QuerySet[Unit]:
    """Return the communities somebody belongs to by home, office, property or account. Lazy."""
    paths: set[str] = set()
    for path in [
        *running_terms(user).values_list("unit__path", flat=True),
        *user.residencies.values_list("household__unit__path", flat=True),
        *([user.unit.path] if user.unit else []),
    ]:
        paths.update(path[: length * Unit.steplen] for length in range(1, len(path) // Unit.steplen + 1))
    units: QuerySet[Unit] = Unit.objects.filter(
        Q(path__in=paths) | Q(owners__user=user), kind=UnitKind.COMMUNITY
    ).distinct()
    return units


def community_for(user: object, code: str = "") -> Unit:
    """Return the community a reader proposes in: the one named, their own, or the only one at work here.

    Raises NotFound when it cannot be told.
    """
    if code:
        found = unit_by_code(code)
        if found.kind != UnitKind.COMMUNITY:
            raise NotFound(_("没有这个社区。"))
        return found
    if isinstance(user, User):
        if user.unit is not None and UnitKind(user.unit.kind) in _BELOW_COMMUNITY:
            return community_of(user.unit)
        mine: Unit | None = communities_of_reader(user).order_by("path").first()
        if mine is not None:
            return mine
    at_work = list(Unit.objects.filter(kind=UnitKind.COMMUNITY, terms__office__in=STAFF_OFFICES).distinct()[:2])
    if len(at_work) != 1:
        raise NotFound(_("请先登录，或者从您的社区页面进来。"))
    only: Unit = at_work[0]
    return only


_BELOW_COMMUNITY = frozenset(
    {UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.ESTATE, UnitKind.BUILDING, UnitKind.ENTRANCE, UnitKind.HOUSEHOLD}
)
