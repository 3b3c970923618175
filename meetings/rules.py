"""Who may do what at a meeting. Whether it can be done now stands in requirements.py."""

from collections.abc import Callable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from community.models import Unit, User
from community.rules import holds_office, require_office
from core import clock
from core.actors import Actor
from core.errors import NotAllowed
from meetings.models import AgendaBallot, AgendaItem, Attendance, Meeting
from voting.models import Ballot
from voting.persons import powers_on

CONVENING_OFFICES = ("secretary", "director", "committee_member", "facilitator")
RUNNING_OFFICES = ("secretary", "director")  # a facilitator runs what they preside over: handed over is handed over
DESK_OFFICES = ("secretary", "director", "committee_member", "facilitator", "grid_worker", "teller")
SEEING_OFFICES = (*DESK_OFFICES, "supervision_committee", "seconded_member", "subdistrict_officer")


def may_run(user: User, meeting: Meeting) -> bool:
    """Return whether `user` may do the chair's acts: the chair, the recorder, or the heads of the community."""
    if not user.is_authenticated:
        return False
    return user.pk in {meeting.chair_id, meeting.recorder_id} or holds_office(
        user, *RUNNING_OFFICES, unit=meeting.community
    )


def may_desk(user: User, meeting: Meeting) -> bool:
    """Return whether `user` may sign others in."""
    if not user.is_authenticated:
        return False
    return user.pk in {meeting.chair_id, meeting.recorder_id} or holds_office(
        user, *DESK_OFFICES, unit=meeting.community
    )


def may_see(user: User, meeting: Meeting) -> bool:
    """Return whether `user` may see the inside of the meeting: invited, or in an office of the community."""
    if not user.is_authenticated:
        return False
    if user.pk in {meeting.chair_id, meeting.recorder_id, meeting.convener_id}:
        return True
    return bool(seats_of(user, meeting)) or holds_office(user, *SEEING_OFFICES, unit=meeting.community)


def require_convening(by: Actor, community: Unit) -> None:
    """Raise NotAllowed unless `by` may call meetings of `community`; the platform itself may."""
    if isinstance(by, User):
        require_office(by, *CONVENING_OFFICES, unit=community)


def require_running(by: Actor, meeting: Meeting) -> None:
    """Raise NotAllowed unless `by` may do the chair's acts."""
    if isinstance(by, User) and not may_run(by, meeting):
        raise NotAllowed(_("只有主持人、记录人或社区书记、主任可以操作会议进程。"))


def require_desk(by: Actor, meeting: Meeting) -> None:
    """Raise NotAllowed unless `by` may sign others in."""
    if isinstance(by, User) and not may_desk(by, meeting):
        raise NotAllowed(_("只有社区工作人员可以替他人签到。"))


def seats_of(by: Actor, meeting: Meeting) -> list[Attendance]:
    """Return the seats `by` takes at the meeting: their own first, then those of their wards. One query."""
    if not by.pk:
        return []
    seats = Attendance.objects.filter(Q(user_id=by.pk) | Q(guardian_id=by.pk), meeting=meeting).order_by("id")
    return sorted(seats, key=lambda seat: seat.user_id != by.pk)


def holds_power_here(user: User, meeting: Meeting) -> bool:
    """Return whether `user`, on no roll, holds a power for a ballot here that may be used today. One query."""
    return powers_on(clock.local_date()).filter(ballot__in=ballots_here(meeting), holder_user=user).exists()


def ballots_here(meeting: Meeting) -> QuerySet[Ballot]:
    """Return the ballots of the agenda: opened from it, announced with it, and those of the other bodies beside one.

    Of another body one that the clock opens is taken in writing and is not the meeting's. Lazy.
    """
    announced = AgendaItem.objects.filter(meeting=meeting, ballot__isnull=False)
    beside = Q(motion__in=announced.exclude(ballot__motion=None).values("ballot__motion"), opens_at=None)
    opened = AgendaBallot.objects.filter(item__meeting=meeting)
    return Ballot.objects.filter(Q(pk__in=announced.values("ballot")) | Q(pk__in=opened.values("ballot")) | beside)


def own_attendance(by: Actor, meeting: Meeting) -> Attendance:
    """Return the invitation of `by`, or of the ward they come for. Raises NotAllowed when there is none."""
    seats = seats_of(by, meeting)
    if not seats:
        raise NotAllowed(_("您不在本次会议的邀请名单上。"))
    return seats[0]


def attendance_acting(
    meeting: Meeting, by: Actor, named: Attendance | None, require: Callable[[Actor, Meeting], object]
) -> Attendance:
    """Return whose act it is: the invitation of `by`, or the one `named` by whom `require` lets act for others.

    Raises NotAllowed, Attendance.DoesNotExist for one of another meeting.
    """
    if named is None:
        return own_attendance(by, meeting)
    require(by, meeting)
    return Attendance.objects.get(pk=named.pk, meeting=meeting)
