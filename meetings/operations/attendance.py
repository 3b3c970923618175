"""Who comes in and goes out: the poster's code, the desk, and the times that are kept."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from core import clock
from core.actors import Actor
from core.errors import BadInput, Refused, WrongStage
from meetings import phases, signin
from meetings.models import Attendance, How, Meeting, Presence, Role
from meetings.operations.acting import lock, note
from meetings.operations.ballots import mark_those_present
from meetings.rules import own_attendance, require_desk
from voting.models import Ballot
from voting.models import Phase as BallotPhase


def sign_in_by_code(
    *,
    meeting: Meeting,
    code: str,
    by: Actor,
    scanned_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Attendance:
    """Sign `by` in with the code on the poster; the present and the previous half-minute are accepted.

    `scanned_at` is when the platform itself saw the code, if that was earlier: five minutes are left for signing in to
    the account. Raises NotAllowed when not invited, Refused (code_expired), WrongStage. In already: nothing changes.
    """
    now = now or clock.now()
    seen = scanned_at or now
    if not signin.is_current(meeting.pk, code, seen) or not dt.timedelta(0) <= now - seen <= signin.PATIENCE:
        raise Refused(_("签到码已经更换，请重新扫描会场的签到码。"), code="code_expired")
    with transaction.atomic():
        meeting = lock(meeting)
        return _come_in(meeting, own_attendance(by, meeting), How.QR, "", by, now)


def sign_in(
    *, meeting: Meeting, attendance: Attendance, by: Actor, override_reason: str = "", now: dt.datetime | None = None
) -> Attendance:
    """Sign somebody in at the desk. With `override_reason` it is a late entry in the book (补签), kept as such.

    Raises NotAllowed, WrongStage. Signed in already: nothing changes.
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_desk(by, meeting)
        attendance = _of(meeting, attendance)
        how = How.OVERRIDE if override_reason.strip() else How.DESK
        return _come_in(meeting, attendance, how, override_reason.strip(), by, now)


def sign_out(*, meeting: Meeting, attendance: Attendance, by: Actor, now: dt.datetime | None = None) -> Attendance:
    """Note that somebody leaves: the person, or the desk. Gone already: nothing changes."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        attendance = _of(meeting, attendance)
        if by.pk is None or attendance.user_id != by.pk:
            require_desk(by, meeting)
        if not attendance.is_present:
            return attendance
        stay = Presence.objects.get(attendance=attendance, out_at__isnull=True)
        now = max(now, stay.in_at)  # a clock that was set back must not keep anybody in the room
        _lower_hand(attendance, now)
        attendance.signed_out_at = stay.out_at = now
        attendance.save(update_fields=["signed_out_at"])
        stay.save(update_fields=["out_at"])
        after = {"attendance": attendance.pk}
        note(meeting, by=by, act="sign_out", parts=("attendance", "speakers"), after=after, now=now)
    return attendance


def return_to_meeting(
    *, meeting: Meeting, attendance: Attendance, by: Actor, now: dt.datetime | None = None
) -> Attendance:
    """Note that somebody who had left is back. Raises BadInput when they never signed in."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        attendance = _of(meeting, attendance)
        require_desk(by, meeting)
        if attendance.signed_in_at is None:
            raise BadInput(_("这位与会人还没有签到。"), field="attendance")
        return _come_in(meeting, attendance, attendance.how, "", by, now)


def _of(meeting: Meeting, attendance: Attendance) -> Attendance:
    found = Attendance.objects.filter(pk=attendance.pk, meeting=meeting).first()
    if found is None:
        raise BadInput(_("这位不在本次会议的名单上。"), field="attendance")
    return found


def _come_in(
    meeting: Meeting, attendance: Attendance, how: str, reason: str, by: Actor, now: dt.datetime
) -> Attendance:
    if meeting.phase not in {phases.CONVENED, *phases.ONGOING}:
        raise WrongStage(_("会议不在签到时间。"))
    if clock.local_date(now) < clock.local_date(meeting.starts_at):
        raise WrongStage(_("还没有到开会的日子，不能签到。"))
    if attendance.is_present:
        return attendance
    if attendance.signed_in_at is None:
        attendance.signed_in_at, attendance.how, attendance.override_reason = now, how, reason[:300]
    attendance.signed_out_at = None
    attendance.save(update_fields=["signed_in_at", "signed_out_at", "how", "override_reason"])
    Presence.objects.create(attendance=attendance, in_at=now)
    parts: tuple[str, ...] = ("attendance",)
    for ballot in Ballot.objects.filter(on_agenda__item__meeting=meeting, phase=BallotPhase.OPEN, in_room=True):
        mark_those_present(meeting, ballot, by=by, now=now)
        parts = ("attendance", "roll_call")
    after = {"attendance": attendance.pk, "how": how, "role": Role(attendance.role).value}
    note(meeting, by=by, act="sign_in", parts=parts, after=after, reason=reason, now=now)
    return attendance


def _lower_hand(attendance: Attendance, now: dt.datetime) -> None:
    """Somebody who leaves neither waits for the floor nor holds it."""
    attendance.speeches.filter(started_at__isnull=True, withdrawn_at__isnull=True).update(withdrawn_at=now)
    speaking = attendance.speeches.filter(started_at__isnull=False, ended_at__isnull=True)
    speaking.update(ended_at=Greatest(F("started_at"), Value(now)))
