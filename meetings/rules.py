"""Who may do what at a meeting. Whether it can be done now stands in requirements.py."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from community.models import Unit, User
from community.rules import holds_office, require_office
from core.actors import Actor
from core.errors import NotAllowed
from meetings.models import Attendance, Meeting

CONVENING_OFFICES = ("secretary", "director", "committee_member", "facilitator")
RUNNING_OFFICES = ("secretary", "director", "facilitator")
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
    return Attendance.objects.filter(meeting=meeting, user=user).exists() or holds_office(
        user, *SEEING_OFFICES, unit=meeting.community
    )


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


def own_attendance(by: Actor, meeting: Meeting) -> Attendance:
    """Return the invitation of `by`. Raises NotAllowed when there is none."""
    found = Attendance.objects.filter(meeting=meeting, user_id=by.pk).first() if by.pk else None
    if found is None:
        raise NotAllowed(_("您不在本次会议的邀请名单上。"))
    return found


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
