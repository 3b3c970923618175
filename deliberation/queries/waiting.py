"""What waits for somebody besides the next step of a proposal: tasks, orders, appeals, signatures, minutes, answers."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.models import Unit, User
from community.rules import running_terms
from core import clock
from core.ledger import subject_type
from core.workdays import Mode
from deliberation.acts import ACTS
from deliberation.models import Appeal, FollowUp, Proposal, ResponsibilityTask
from deliberation.stages import FINAL, Status
from meetings.models import Meeting, MinutesObjection, MinutesSignature
from meetings.phases import CLOSED, CONVENED, ONGOING
from publish.models import Objection, ObjectionStatus
from publish.rules import OBJECTION_OFFICE, RULERS
from voting.models import Ballot, Certification, Convening, Phase, Teller
from voting.special import CONVENERS, HEADS, conveners_of

MOST_ROWS = 200
_LEADERS = frozenset({"secretary", "director"})


class Group(IntEnum):
    """How pressing something is, the most pressing first."""

    NOW = 0
    OVERDUE = 1
    TODAY = 2
    LATER = 3

    @property
    def label(self) -> str:
        """Return the heading it stands under."""
        return (_("正在进行"), _("已经逾期"), _("今天截止"), _("以后"))[self]


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One thing that waits: what, which verb, where, until when.

    `mode` says which days its term counts, `working_days` how many of those are left; `goes_on` is what happens now and
    waits for nobody's deadline.
    """

    title: str
    verb: str
    href: str
    ends: dt.date | None
    stage: str = ""
    note: str = ""
    mode: Mode = "calendar"
    working_days: int | None = None
    goes_on: bool = False

    def group(self, today: dt.date) -> Group:
        """Return how pressing it is on `today`."""
        if self.goes_on:
            return Group.NOW
        if self.ends is None or self.ends > today:
            return Group.LATER
        return Group.TODAY if self.ends == today else Group.OVERDUE


def waiting_besides(user: User, offices: Sequence[tuple[str, str]], now: dt.datetime) -> Iterable[WorkRow]:
    """Yield every row that is not the next step of a proposal. Eight queries, and two for each meeting to be called."""
    yield from _own_tasks(user)
    yield from _follow_ups(user)
    yield from _appeals(offices)
    yield from _counts_to_sign(user, offices)
    yield from _meetings(user, now)
    yield from _opinions(offices)
    yield from _objections(offices)
    yield from _convenings(user, offices)


def offices_by_path(user: User, now: dt.datetime) -> list[tuple[str, str]]:
    """Return (tree path, office) of every running term but those of plain residents and owners."""
    terms = running_terms(user, now=now).exclude(office__in=["resident", "owner"])
    return [(term.unit.path, term.office) for term in terms]


def near(offices: Sequence[tuple[str, str]], field: str) -> Q:
    """Return the condition for a unit at or under one of the terms' units."""
    near = Q(pk__in=[])
    for path, _office in offices:
        near |= Q(**{f"{field}__path__startswith": path})
    return near


def _own_tasks(user: User) -> Iterable[WorkRow]:
    tasks = ResponsibilityTask.objects.filter(owner=user, done_at=None).select_related("proposal")
    for task in tasks.order_by("due_on")[:MOST_ROWS]:
        yield WorkRow(
            title=task.title,
            verb=_("办理"),
            href=reverse("deliberation:task", args=[task.pk]),
            ends=task.due_on,
            stage=task.proposal.stage.value,
            note=task.proposal.title,
        )


def _follow_ups(user: User) -> Iterable[WorkRow]:
    orders = FollowUp.objects.filter(task__owner=user, answered_at=None).select_related("task__proposal")
    for order in orders[:MOST_ROWS]:
        yield WorkRow(
            title=_("督办：%(task)s") % {"task": order.task.title},
            verb=_("答复督办"),
            href=reverse("deliberation:task", args=[order.task_id]),
            ends=order.task.due_on,
            stage=order.task.proposal.stage.value,
        )


def _appeals(offices: Sequence[tuple[str, str]]) -> Iterable[WorkRow]:
    deciding = [(path, office) for path, office in offices if office in ACTS["decide_appeal"].offices]
    if not deciding:
        return
    appeals = Appeal.objects.filter(near(deciding, "proposal__unit"), decided_at=None).select_related("proposal")
    for appeal in appeals.order_by("filed_at")[:MOST_ROWS]:
        yield WorkRow(
            title=_("申诉：%(title)s") % {"title": appeal.proposal.title},
            verb=_("答复申诉"),
            href=reverse("deliberation:act", args=[appeal.proposal_id, "decide_appeal"]),
            ends=None,
            stage=appeal.proposal.stage.value,
        )


def _counts_to_sign(user: User, offices: Sequence[tuple[str, str]]) -> Iterable[WorkRow]:
    """Yield the closed votes whose count this teller has not signed yet: of proposals, of meetings and of the desk.

    Where tellers are named only those sign. A vote of a proposal waits while the proposal does. Two queries.
    """
    telling = [(path, office) for path, office in offices if office == "teller"]
    named = Teller.objects.filter(ballot=OuterRef("pk"))
    signed = Certification.objects.filter(ballot=OuterRef("pk"), teller=user)
    decided = Q(ballot=OuterRef("pk")) | Q(ballot__motion=OuterRef("motion"))
    counting = Proposal.objects.filter(decided, status=Status.COUNTING)
    waiting = (
        Ballot.objects.filter(
            Exists(named.filter(user=user)) | (~Exists(named) & near(telling, "community")),
            Exists(counting) | ~Q(subject_type=subject_type(Proposal())) | Q(on_agenda__isnull=False),
            phase=Phase.CLOSED,
        )
        .exclude(Exists(signed))
        .order_by("closed_at", "pk")
    )
    ballots = list(waiting[:MOST_ROWS])
    proposals = _decided_by(ballots)
    for ballot in ballots:
        proposal = proposals.get(ballot.pk)
        yield WorkRow(
            title=ballot.title,
            verb=_("核对签字"),
            href=reverse("voting:certify", args=[ballot.pk]),
            ends=proposal.due_on if proposal is not None else clock.local_date(ballot.closed_at) + _RESULT,
            stage=proposal.stage.value if proposal is not None else "",
            note=proposal.get_status_display() if proposal is not None else ballot.get_phase_display(),
        )


# A result is posted within so many days (practice).
_RESULT = dt.timedelta(days=3)


def _decided_by(ballots: Sequence[Ballot]) -> dict[int, Proposal]:
    """Return the proposal that waits for the count of each of `ballots`, of its motion's too. One query, or none."""
    if not ballots:
        return {}
    motions = {ballot.motion_id for ballot in ballots} - {None}
    found = Proposal.objects.filter(Q(ballot__in=ballots) | Q(ballot__motion__in=motions), status=Status.COUNTING)
    proposals = list(found.select_related("ballot"))
    return {
        ballot.pk: proposal
        for ballot in ballots
        for proposal in proposals
        if proposal.ballot_id == ballot.pk
        or (
            ballot.motion_id is not None
            and proposal.ballot is not None
            and ballot.motion_id == proposal.ballot.motion_id
        )
    }


def _meetings(user: User, now: dt.datetime) -> Iterable[WorkRow]:
    """Yield the meetings that this person chairs today or that go on, and the minutes they have to write or sign."""
    today = clock.local_date(now)
    of_meeting = {"minutes__meeting": OuterRef("pk")}
    mine = Meeting.objects.filter(Q(chair=user) | Q(recorder=user)).select_related("minutes")
    mine = mine.filter(
        Q(phase__in=[*ONGOING, CLOSED]) | Q(phase=CONVENED, starts_at__lte=now + dt.timedelta(days=1))
    ).annotate(
        is_disputed=Exists(MinutesObjection.objects.filter(**of_meeting, answered_at=None)),
        is_signed=Exists(MinutesSignature.objects.filter(**of_meeting, user=user)),
    )
    for meeting in mine.order_by("starts_at")[:MOST_ROWS]:
        day = clock.local_date(meeting.starts_at)
        if meeting.phase != CLOSED:
            if meeting.chair_id == user.pk and day <= today:
                href = reverse("meetings:chair", args=[meeting.pk])
                goes_on = meeting.phase in ONGOING
                yield WorkRow(
                    meeting.title, _("主持会议"), href, day, note=meeting.get_phase_display(), goes_on=goes_on
                )
            continue
        href = reverse("meetings:minutes", args=[meeting.pk])
        ends = clock.local_date(meeting.closed_at) if meeting.closed_at else day
        if not hasattr(meeting, "minutes"):
            if meeting.recorder_id in {user.pk, None}:
                yield WorkRow(meeting.title, _("起草纪要"), href, ends + _MINUTES)
        elif meeting.is_disputed:
            if meeting.recorder_id == user.pk:
                yield WorkRow(meeting.title, _("答复异议"), href, ends + _MINUTES)
        elif not meeting.is_signed:
            yield WorkRow(meeting.title, _("签字确认纪要"), href, ends + _MINUTES)


# When the minutes should be there: a custom, no law.
_MINUTES = dt.timedelta(days=3)


def _opinions(offices: Sequence[tuple[str, str]]) -> Iterable[WorkRow]:
    """Yield the matters with written opinions that nobody has answered: one row for each matter."""
    answering = [(path, office) for path, office in offices if office in _LEADERS]
    unanswered = Q(opinions__answered_at=None) & ~Q(opinions__text="")
    found = (
        Proposal.objects.filter(near(answering, "unit"))
        .exclude(status__in=[*FINAL, Status.DRAFT])
        .annotate(unanswered=Count("opinions", filter=unanswered))
        .filter(unanswered__gt=0)
        .order_by("id")
    )
    for proposal in found[:MOST_ROWS]:
        yield WorkRow(
            title=proposal.title,
            verb=_("答复意见"),
            href=f"{proposal.get_absolute_url()}#voices",
            ends=None,
            stage=proposal.stage.value,
            note=ngettext("%(n)d条意见还没有答复", "%(n)d条意见还没有答复", proposal.unanswered)
            % {"n": proposal.unanswered},
        )


def _objections(offices: Sequence[tuple[str, str]]) -> Iterable[WorkRow]:
    """Yield the objections to notices that wait to be acknowledged or answered."""
    receiving = [(path, office) for path, office in offices if office in OBJECTION_OFFICE]
    ruling = [(path, office) for path, office in offices if office in RULERS]
    found = (
        Objection.objects.filter(
            near(receiving, "notice__issuer") & Q(status=ObjectionStatus.RECEIVED)
            | near(ruling, "notice__issuer") & Q(status=ObjectionStatus.ACKNOWLEDGED)
        )
        .select_related("notice")
        .defer("notice__facts", "notice__paper")
        .order_by("rule_due_on", "id")
    )
    for objection in found[:MOST_ROWS]:
        is_new = objection.status == ObjectionStatus.RECEIVED
        yield WorkRow(
            title=_("异议：%(title)s") % {"title": objection.notice.title},
            verb=_("受理异议") if is_new else _("答复异议"),
            href=reverse("publish:objections", args=[objection.notice_id]),
            ends=objection.acknowledge_due_on if is_new else objection.rule_due_on,
            mode="working" if is_new else "calendar",
        )


def _convenings(user: User, offices: Sequence[tuple[str, str]]) -> Iterable[WorkRow]:
    """Yield the meetings that this person must call because a requisition reached its share."""
    calling = [(path, office) for path, office in offices if office in _CONVENERS]
    if not calling:
        return
    around = near(calling, "ballot__community")
    for path, _office in calling:
        # A term in an estate calls for the estate, of whichever community it is.
        above = [path[:length] for length in range(Unit.steplen, len(path), Unit.steplen)]
        around |= Q(ballot__community__path__in=above)
    owed = Convening.objects.filter(around, convened_at=None).select_related("ballot__community", "ballot__drawn_from")
    for convening in owed.order_by("due_on", "pk")[:MOST_ROWS]:
        if conveners_of(convening.ballot).filter(pk=user.pk).exists():
            yield WorkRow(
                title=convening.ballot.title,
                verb=_("召集会议"),
                href=reverse("voting:convening", args=[convening.ballot_id]),
                ends=convening.due_on,
                note=_("联名达到法定比例"),
            )


_CONVENERS = frozenset(office for offices in CONVENERS.values() for office in offices) | set(HEADS)
