"""The floor: raised hands, speeches of three minutes, two for each person and motion (RULEBOOK 1)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.actors import Actor
from core.errors import BadInput, NotAllowed, Refused
from core.requirements import require
from meetings.models import AgendaItem, Attendance, FloorChange, FloorChangeKind, Meeting, Role, Speech, Stance
from meetings.operations.acting import lock, note, require_act
from meetings.queries.floor import speakers_queue, speeches_given
from meetings.requirements import NO_VOTE_RUNS, RULES_OF_DEBATE
from meetings.rules import attendance_acting, require_desk, require_running
from meetings.speaking import SPEECHES_EACH

_EXTENSION_SECONDS = 60
_REASON_LIMIT = 300


def request_speech(
    *, meeting: Meeting, stance: str, by: Actor, attendance: Attendance | None = None, now: dt.datetime | None = None
) -> Speech:
    """Raise a hand on the present item (and motion); the desk may raise it for `attendance`, who has no phone.

    While a vote runs only a point of order is in order. Raises NotAllowed (not invited, an observer, the neutral chair
    for or against), Refused (not in the room, hand already up, two speeches given), RequirementsNotMet (no item under
    discussion, a vote running).
    """
    if stance not in Stance.values:
        raise BadInput(_("请选择赞成、反对、中立或者程序问题。"), field="stance")
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        attendance = attendance_acting(meeting, by, attendance, require_desk)
        situation = require_act(meeting, "point_of_order" if stance == Stance.POINT_OF_ORDER else "request_speech")
        _check_speaker(meeting, attendance, stance)
        item, motion = situation.item_at_hand, situation.motion
        if attendance.speeches.filter(started_at__isnull=True, withdrawn_at__isnull=True).exists():
            raise Refused(_("已经举手，请等候主持人点名。"), article=str(RULES_OF_DEBATE), code="hand_is_up")
        given = speeches_given(item, motion).get(attendance.pk, 0)
        if stance != Stance.POINT_OF_ORDER and given >= SPEECHES_EACH:
            raise Refused(_("每人对同一动议最多发言两次。"), article=str(RULES_OF_DEBATE), code="speeches_used_up")
        speech = Speech.objects.create(
            meeting=meeting, item=item, motion=motion, attendance=attendance, stance=stance, asked_at=now
        )
        after = {"attendance": attendance.pk, "stance": stance}
        note(meeting, by=by, act="raise_hand", parts=("speakers",), subject=speech, after=after, now=now)
    return speech


def withdraw_speech(*, speech: Speech, by: Actor, now: dt.datetime | None = None) -> Speech:
    """Lower the hand: the person, or the chair. Lowered already: nothing changes."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(speech.meeting)
        speech = Speech.objects.select_related("attendance").get(pk=speech.pk)
        if by.pk is None or by.pk not in {speech.attendance.user_id, speech.attendance.guardian_id}:
            require_running(by, meeting)
        if speech.started_at is not None or speech.withdrawn_at is not None:
            return speech
        speech.withdrawn_at = now
        speech.save(update_fields=["withdrawn_at"])
        note(meeting, by=by, act="lower_hand", parts=("speakers",), subject=speech, now=now)
    return speech


def give_floor(
    *, meeting: Meeting, by: Actor, speech: Speech | None = None, reason: str = "", now: dt.datetime | None = None
) -> Speech:
    """Give the floor to the next in the order, or to `speech` out of turn, with the reason. The timer starts.

    While a vote runs only points of order are heard.
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        situation = require_act(meeting, "give_floor")
        queue = speakers_queue(meeting)
        chosen = queue[0] if speech is None else next((s for s in queue if s.pk == speech.pk), None)
        if chosen is None:
            raise BadInput(_("这位没有举手，或者已经发过言。"), field="speech")
        if chosen.stance != Stance.POINT_OF_ORDER:
            require(situation, [NO_VOTE_RUNS])
        if chosen.pk != queue[0].pk:
            _change(chosen, FloorChangeKind.CALLED, by=by, reason=reason, now=now)
        chosen.started_at, chosen.motion = now, situation.motion
        chosen.save(update_fields=["started_at", "motion"])
        after = {"attendance": chosen.attendance_id, "out_of_turn": chosen.pk != queue[0].pk}
        parts = ("speakers", "timer")
        note(meeting, by=by, act="give_floor", parts=parts, subject=chosen, after=after, reason=reason, now=now)
    return chosen


def end_floor(*, meeting: Meeting, by: Actor, gist: str = "", now: dt.datetime | None = None) -> Speech:
    """End the present speech: the chair, or the speaker. `gist` is what the recorder keeps of it."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        speech = require_act(meeting, "end_floor").speech_at_hand
        if by.pk is None or by.pk not in {speech.attendance.user_id, speech.attendance.guardian_id}:
            require_running(by, meeting)
        now = max(now, speech.started_at or now)
        speech.ended_at, speech.gist = now, gist.strip()
        speech.save(update_fields=["ended_at", "gist"])
        seconds = int((now - (speech.started_at or now)).total_seconds())
        after = {"seconds": seconds, "over": max(0, seconds - speech.limit_seconds)}
        parts = ("speakers", "timer")
        note(meeting, by=by, act="end_floor", parts=parts, subject=speech, after=after, now=now)
    return speech


def extend_floor(
    *,
    meeting: Meeting,
    by: Actor,
    reason: str,
    seconds: int = _EXTENSION_SECONDS,
    now: dt.datetime | None = None,
) -> Speech:
    """Give the speaker `seconds` more (10 to 300) for a reason; both stand in the minutes."""
    now = now or clock.now()
    if not 10 <= seconds <= 300:  # noqa: PLR2004 - the bounds stand in the sentence
        raise BadInput(_("延长须在10秒到300秒之间。"), field="seconds")
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        speech = require_act(meeting, "extend_floor").speech_at_hand
        _change(speech, FloorChangeKind.EXTENDED, by=by, reason=reason, now=now, seconds=seconds)
        speech.limit_seconds += seconds
        speech.extensions += 1
        speech.save(update_fields=["limit_seconds", "extensions"])
        after = {"seconds": seconds, "extensions": speech.extensions}
        note(
            meeting,
            by=by,
            act="extend_floor",
            parts=("timer",),
            subject=speech,
            after=after,
            reason=reason.strip(),
            now=now,
        )
    return speech


def move_speaker(*, speech: Speech, rank: int | None, by: Actor, reason: str, now: dt.datetime | None = None) -> Speech:
    """Let the chair put a raised hand at place `rank` (0 is next), or back to the rule (None); the reason is kept."""
    now = now or clock.now()
    if rank is not None and rank < 0:
        raise BadInput(_("次序从0开始。"), field="rank")
    with transaction.atomic():
        meeting = lock(speech.meeting)
        require_running(by, meeting)
        speech = Speech.objects.get(pk=speech.pk)
        if speech.started_at is not None or speech.withdrawn_at is not None:
            raise BadInput(_("这位没有举手，或者已经发过言。"), field="speech")
        _change(speech, FloorChangeKind.MOVED, by=by, reason=reason, now=now)
        before = {"rank": speech.rank}
        speech.rank = rank
        speech.save(update_fields=["rank"])
        note(
            meeting,
            by=by,
            act="move_speaker",
            parts=("speakers",),
            subject=speech,
            before=before,
            after={"rank": rank},
            reason=reason.strip(),
            now=now,
        )
    return speech


def end_debate(item: AgendaItem, now: dt.datetime) -> int:
    """Lower the hands that wait to speak on `item`, for its question is put; points of order stay. Return how many.

    Called with the meeting locked by the act that puts the question and tells the screens of the speakers.
    """
    waiting = item.speeches.filter(started_at__isnull=True, withdrawn_at__isnull=True)
    return waiting.exclude(stance=Stance.POINT_OF_ORDER).update(withdrawn_at=now)


def _change(
    speech: Speech, kind: FloorChangeKind, *, by: Actor, reason: str, now: dt.datetime, seconds: int = 0
) -> None:
    """Keep what the chair changed for the minutes. Raises BadInput without a reason."""
    if not reason.strip() or len(reason) > _REASON_LIMIT:
        raise BadInput(_("请写明变动发言时间或者次序的理由，最多300字。"), field="reason")
    who = by if isinstance(by, User) else None
    FloorChange.objects.create(speech=speech, kind=kind, seconds=seconds, reason=reason.strip(), by=who, at=now)


def _check_speaker(meeting: Meeting, attendance: Attendance, stance: str) -> None:
    if not attendance.is_present:
        raise Refused(_("请先签到再举手。"), article=str(RULES_OF_DEBATE), code="not_signed_in_here")
    if attendance.role == Role.OBSERVER:
        raise NotAllowed(_("旁听人员不发言。"), article=str(RULES_OF_DEBATE))
    takes_sides = stance in {Stance.FOR, Stance.AGAINST}
    if meeting.template.neutral_chair and attendance.user_id == meeting.chair_id and takes_sides:
        raise NotAllowed(_("主持人不得参与辩论；要发表意见请先移交主持。"), article=str(RULES_OF_DEBATE))
