"""Who comes in and goes out: the poster's code, the desk, and the times that are kept."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.actors import Actor
from core.errors import BadInput, Refused, WrongStage
from meetings import signin
from meetings.models import Attendance, How, Meeting, Presence, Role
from meetings.operations.acting import lock, note
from meetings.operations.calling import Invitee, invite
from meetings.operations.voters import mark_gone, mark_those_present
from meetings.queries.door import why_door_is_closed
from meetings.rules import holds_power_here, own_attendance, require_desk, seats_of
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

    A guardian signs in for every ward of theirs at once. Somebody who is not invited, but holds a power for a ballot of
    this agenda, comes in as a guest. `scanned_at` is when the platform itself saw the code, if that was earlier: five
    minutes are left for signing in to the account. Raises NotAllowed when not invited, Refused (code_expired),
    WrongStage. In already: nothing changes.
    """
    now = now or clock.now()
    seen = scanned_at or now
    if not signin.is_current(meeting.pk, code, seen) or not dt.timedelta(0) <= now - seen <= signin.PATIENCE:
        raise Refused(_("签到码已经更换，请重新扫描会场的签到码。"), code="code_expired")
    with transaction.atomic():
        meeting = lock(meeting)
        seats = seats_of(by, meeting) or [_admitted(meeting, by)]
        first, *_wards = [_come_in(meeting, seat, How.QR, "", by, now) for seat in seats]
        return first


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


def admit(
    *, meeting: Meeting, role: str, by: Actor, name: str = "", user: User | None = None, now: dt.datetime | None = None
) -> Attendance:
    """Let somebody in who was not invited, as a guest or an observer, and sign them in: the desk.

    Whoever is on the list already is signed in as what they are there. Raises NotAllowed, BadInput (a member:
    the list of those due is closed), WrongStage (not the time).
    """
    if role not in {Role.GUEST, Role.OBSERVER}:
        raise BadInput(_("现场只能增加列席或者旁听人员。"), field="role")
    with transaction.atomic():
        require_desk(by, lock(meeting))
        seat = Attendance.objects.filter(meeting=meeting, user=user).first() if user is not None else None
        if seat is None:
            (seat,) = invite(meeting=meeting, invitees=[Invitee(user=user, name=name, role=role)], by=by, now=now)
        return sign_in(meeting=meeting, attendance=seat, by=by, now=now)


def sign_out(*, meeting: Meeting, attendance: Attendance, by: Actor, now: dt.datetime | None = None) -> Attendance:
    """Note that somebody leaves: the person or the guardian, or the desk. Gone already: nothing changes.

    Who leaves while a vote of the room is open may not vote in it any more. A vote already cast stands, and its voter
    stays counted as present for it; who leaves without voting is not counted.
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        attendance = _of(meeting, attendance)
        if by.pk is None or by.pk not in {attendance.user_id, attendance.guardian_id}:
            require_desk(by, meeting)
        if not attendance.is_present:
            return attendance
        stay = Presence.objects.get(attendance=attendance, out_at__isnull=True)
        now = max(now, stay.in_at)  # a clock that was set back must not keep anybody in the room
        _lower_hand(attendance, now)
        attendance.signed_out_at = stay.out_at = now
        attendance.save(update_fields=["signed_out_at"])
        stay.save(update_fields=["out_at"])
        parts: tuple[str, ...] = ("attendance", "speakers")
        if mark_gone(meeting, attendance, by=by, now=now):
            parts = (*parts, "roll_call")
        after = {"attendance": attendance.pk}
        note(meeting, by=by, act="sign_out", parts=parts, after=after, now=now)
    return attendance


def leave_meeting(*, meeting: Meeting, by: Actor, now: dt.datetime | None = None) -> list[Attendance]:
    """Sign `by` out of every seat they take here, their wards' too. Raises NotAllowed when not invited."""
    own_attendance(by, meeting)
    with transaction.atomic():
        return [sign_out(meeting=meeting, attendance=seat, by=by, now=now) for seat in seats_of(by, meeting)]


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


def _admitted(meeting: Meeting, by: Actor) -> Attendance:
    """Return a guest's seat for somebody who holds a power for a ballot of this agenda. Raises NotAllowed."""
    if not isinstance(by, User) or not holds_power_here(by, meeting):
        return own_attendance(by, meeting)
    return Attendance.objects.create(meeting=meeting, user=by, name=by.actor_name(), capacity="受托人", role=Role.GUEST)


def _come_in(
    meeting: Meeting, attendance: Attendance, how: str, reason: str, by: Actor, now: dt.datetime
) -> Attendance:
    if sentence := why_door_is_closed(meeting, now):
        raise WrongStage(sentence)
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
