"""Motions and amendments: one motion at a time, each needs a second; amendments are voted first, in order."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import clock
from core.actors import Actor
from core.errors import BadInput, NotAllowed, Refused
from meetings import redline
from meetings.models import AgendaItem, Amendment, Attendance, Meeting, Motion, MotionStatus, Role
from meetings.models.motion import LIVE
from meetings.operations.acting import lock, note, require_act
from meetings.requirements import RULES_OF_DEBATE
from meetings.rules import attendance_acting, require_running

_TEXT_LIMIT = 4000


def propose_motion(
    *, meeting: Meeting, text: str, by: Actor, mover: Attendance | None = None, now: dt.datetime | None = None
) -> Motion:
    """Put a motion before the meeting on the present item. Raises RequirementsNotMet while another is undecided.

    The chair may enter it for `mover`; a motion the chair reads from the agenda has its mover named too.
    """
    text = _checked(text)
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        mover = _member(meeting, by, mover)
        item = require_act(meeting, "propose_motion").item_at_hand
        motion = Motion.objects.create(
            meeting=meeting, item=item, text=text, original_text=text, mover=mover, proposed_at=now
        )
        after = {"mover": mover.pk, "text": text}
        note(meeting, by=by, act="propose_motion", parts=_PARTS, subject=motion, after=after, now=now)
    return motion


def second_motion(
    *, motion: Motion, by: Actor, seconder: Attendance | None = None, now: dt.datetime | None = None
) -> Motion:
    """Second a motion, so that it may be debated and voted on; nobody seconds their own. Seconded: nothing changes."""
    with transaction.atomic():
        meeting = lock(motion.meeting)
        seconder = _member(meeting, by, seconder)
        motion = Motion.objects.get(pk=motion.pk)
        if motion.status == MotionStatus.SECONDED:
            return motion
        _require_live(motion)
        require_act(meeting, "second")
        if seconder.pk == motion.mover_id:
            raise Refused(_("不能附议自己的动议。"), article=str(RULES_OF_DEBATE), code="own_motion")
        motion.status, motion.seconder = MotionStatus.SECONDED, seconder
        motion.save(update_fields=["status", "seconder"])
        after = {"seconder": seconder.pk}
        note(meeting, by=by, act="second_motion", parts=_PARTS, subject=motion, after=after, now=now)
    return motion


def withdraw_motion(*, motion: Motion, by: Actor, reason: str = "", now: dt.datetime | None = None) -> Motion:
    """Take a motion back: its mover, or the chair on the mover's word, before its vote."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(motion.meeting)
        motion = Motion.objects.select_related("mover").get(pk=motion.pk)
        if motion.mover is None or by.pk is None or motion.mover.user_id != by.pk:
            require_running(by, meeting)
        require_act(meeting, "withdraw")
        _require_live(motion)
        motion.amendments.filter(status__in=LIVE).update(status=MotionStatus.WITHDRAWN, decided_at=now)
        _end(motion, MotionStatus.WITHDRAWN, now)
        _bring_up_next_part(motion)
        note(meeting, by=by, act="withdraw_motion", parts=_PARTS, subject=motion, reason=reason, now=now)
    return motion


def split_motion(*, motion: Motion, parts: Sequence[str], by: Actor, now: dt.datetime | None = None) -> list[Motion]:
    """Split a motion into questions that are voted on one by one: the first at once, the others wait their turn."""
    texts = [_checked(part) for part in parts]
    if len(texts) < 2:  # noqa: PLR2004 - splitting makes at least two
        raise BadInput(_("拆分动议至少要有两部分。"), field="parts")
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(motion.meeting)
        require_running(by, meeting)
        require_act(meeting, "split")
        motion = Motion.objects.get(pk=motion.pk)
        _require_live(motion)
        _end(motion, MotionStatus.SPLIT, now)
        made = [
            Motion.objects.create(
                meeting=meeting,
                item_id=motion.item_id,
                text=text,
                original_text=text,
                mover_id=motion.mover_id,
                seconder_id=motion.seconder_id,
                split_from=motion,
                status=MotionStatus.SECONDED if place == 0 else MotionStatus.WAITING,
                proposed_at=now,
            )
            for place, text in enumerate(texts)
        ]
        after = {"parts": [part.pk for part in made]}
        note(meeting, by=by, act="split_motion", parts=_PARTS, subject=motion, after=after, now=now)
    return made


def propose_amendment(
    *,
    motion: Motion,
    passage: str,
    replacement: str,
    by: Actor,
    mover: Attendance | None = None,
    now: dt.datetime | None = None,
) -> Amendment:
    """Move that `passage` of the motion become `replacement` ("" strikes it).

    Raises BadInput when the passage does not stand in the motion exactly once, or nothing would change.
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(motion.meeting)
        mover = _member(meeting, by, mover)
        require_act(meeting, "amend")
        motion = Motion.objects.get(pk=motion.pk)
        _require_live(motion)
        if redline.span_of(motion.text, passage) is None:
            raise BadInput(_("要修改的原句须在动议中出现且只出现一次。"), field="passage")
        if passage == replacement:
            raise BadInput(_("修改前后没有区别。"), field="replacement")
        _checked(motion.text.replace(passage, replacement))
        last = motion.amendments.aggregate(last=Max("position"))["last"] or 0
        amendment = Amendment.objects.create(
            motion=motion,
            position=last + 1,
            passage=passage,
            replacement=replacement,
            mover=mover,
            proposed_at=now,
        )
        after = {"mover": mover.pk, "passage": passage, "replacement": replacement}
        note(meeting, by=by, act="propose_amendment", parts=_PARTS, subject=amendment, after=after, now=now)
    return amendment


def second_amendment(
    *, amendment: Amendment, by: Actor, seconder: Attendance | None = None, now: dt.datetime | None = None
) -> Amendment:
    """Second an amendment; nobody seconds their own. Seconded already: nothing changes."""
    with transaction.atomic():
        meeting = lock(amendment.motion.meeting)
        seconder = _member(meeting, by, seconder)
        amendment = Amendment.objects.get(pk=amendment.pk)
        if amendment.status == MotionStatus.SECONDED:
            return amendment
        _require_live(amendment)
        require_act(meeting, "second")
        if seconder.pk == amendment.mover_id:
            raise Refused(_("不能附议自己的修正案。"), article=str(RULES_OF_DEBATE), code="own_motion")
        amendment.status, amendment.seconder = MotionStatus.SECONDED, seconder
        amendment.save(update_fields=["status", "seconder"])
        after = {"seconder": seconder.pk}
        note(meeting, by=by, act="second_amendment", parts=_PARTS, subject=amendment, after=after, now=now)
    return amendment


def withdraw_amendment(*, amendment: Amendment, by: Actor, now: dt.datetime | None = None) -> Amendment:
    """Take an amendment back: its mover, or the chair."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(amendment.motion.meeting)
        amendment = Amendment.objects.select_related("mover").get(pk=amendment.pk)
        if amendment.mover is None or by.pk is None or amendment.mover.user_id != by.pk:
            require_running(by, meeting)
        require_act(meeting, "withdraw")
        _require_live(amendment)
        _end(amendment, MotionStatus.WITHDRAWN, now)
        note(meeting, by=by, act="withdraw_amendment", parts=_PARTS, subject=amendment, now=now)
    return amendment


def let_fall(*, what: Motion | Amendment, by: Actor, now: dt.datetime | None = None) -> Motion | Amendment:
    """Let the chair declare that nobody seconds a motion or an amendment: it falls. Fallen already: nothing changes.

    Raises NotAllowed, RequirementsNotMet, Refused when it is seconded or decided.
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(what.meeting if isinstance(what, Motion) else what.motion.meeting)
        require_running(by, meeting)
        fresh = type(what)._default_manager.get(pk=what.pk)  # noqa: SLF001 - Django's documented name
        if fresh.status == MotionStatus.FALLEN:
            return fresh
        require_act(meeting, "let_fall")
        _require_live(fresh)
        if fresh.status != MotionStatus.PROPOSED:
            raise Refused(_("已经有人附议。"), article=str(RULES_OF_DEBATE), code="already_seconded")
        _end(fresh, MotionStatus.FALLEN, now)
        act = f"let_{fresh._meta.model_name}_fall"  # noqa: SLF001 - Django's documented name
        note(meeting, by=by, act=act, parts=_PARTS, subject=fresh, now=now)
    return fresh


def order_amendment(*, amendment: Amendment, before: Amendment, by: Actor, now: dt.datetime | None = None) -> Amendment:
    """Let the chair put an amendment before another in the order of voting; recorded."""
    with transaction.atomic():
        meeting = lock(amendment.motion.meeting)
        require_running(by, meeting)
        require_act(meeting, "order_amendment")
        rows = list(Amendment.objects.filter(motion_id=amendment.motion_id).order_by("position"))
        chosen = next((row for row in rows if row.pk == amendment.pk), None)
        other = next((row for row in rows if row.pk == before.pk), None)
        if chosen is None or other is None or chosen.status not in LIVE or other.status not in LIVE:
            raise BadInput(_("只能调整同一动议中尚未表决的修正案。"), field="before")
        rows.remove(chosen)
        rows.insert(rows.index(other), chosen)
        _renumber(rows)
        after = {"order": [row.pk for row in rows]}
        note(meeting, by=by, act="order_amendment", parts=_PARTS, subject=chosen, after=after, now=now)
    return chosen


def amendment_to_vote(amendment: Amendment, motion: Motion | None) -> Amendment:
    """Return `amendment` when it is the one to be voted on now. Raises BadInput: not seconded, or not its turn."""
    found = Amendment.objects.filter(pk=amendment.pk, motion=motion).first() if motion is not None else None
    if motion is None or found is None or found.status != MotionStatus.SECONDED:
        raise BadInput(_("修正案须属于当前动议，并且已有人附议。"), field="amendment")
    first = motion.amendments.filter(status__in=LIVE).order_by("position").first()
    if first is not None and first.pk != found.pk:
        raise BadInput(_("修正案须按次序表决。"), field="amendment")
    return found


def decide_amendment(*, amendment: Amendment, passed: bool, now: dt.datetime) -> None:
    """Write the outcome of a vote on an amendment; called with the meeting locked.

    An adopted amendment is merged into the motion's text. Later ones whose passage is gone cannot be put any more.
    """
    motion = Motion.objects.get(pk=amendment.motion_id)
    amendment = Amendment.objects.get(pk=amendment.pk)
    if amendment.status not in LIVE:
        return
    if passed:
        motion.text = motion.text.replace(amendment.passage, amendment.replacement)
        motion.save(update_fields=["text"])
        amendment.text_after = motion.text
        amendment.save(update_fields=["text_after"])
    _end(amendment, MotionStatus.ADOPTED if passed else MotionStatus.REJECTED, now)
    for later in motion.amendments.filter(status__in=LIVE):
        if redline.span_of(motion.text, later.passage) is None:
            _end(later, MotionStatus.MOOT, now)


def decide_motion(*, motion: Motion, passed: bool, now: dt.datetime) -> None:
    """Write the outcome of a vote on a motion; called with the meeting locked. The next split part comes up."""
    motion = Motion.objects.select_related("item").get(pk=motion.pk)
    if motion.status not in LIVE:
        return
    _end(motion, MotionStatus.ADOPTED if passed else MotionStatus.REJECTED, now)
    if passed:
        item = motion.item
        item.decision = f"{item.decision}\n{motion.text}".strip()
        item.save(update_fields=["decision"])
    _bring_up_next_part(motion)


def _bring_up_next_part(motion: Motion) -> None:
    """Put the next part of a split question before the meeting, parts of a part before what stood beside it."""
    waiting = Motion.objects.filter(item_id=motion.item_id, status=MotionStatus.WAITING)
    if following := waiting.order_by("-split_from_id", "id").first():
        following.status = MotionStatus.SECONDED
        following.save(update_fields=["status"])


def carry_outcome(
    *,
    item: AgendaItem,
    motion: Motion | None,
    amendment: Amendment | None,
    passed: bool,
    now: dt.datetime,
    chosen: str = "",
) -> None:
    """Carry what a vote or a count came to, to what was voted on: the amendment, the motion, or the item's own text.

    `chosen` names the options that won, where there were several.
    """
    if amendment is not None:
        decide_amendment(amendment=amendment, passed=passed, now=now)
    elif motion is not None:
        decide_motion(motion=motion, passed=passed, now=now)
    elif passed and not item.decision:
        what = item.motion_text or item.title
        item.decision = f"{what}：{chosen}" if chosen else what
        item.save(update_fields=["decision"])


_PARTS = ("motion", "speakers")


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > _TEXT_LIMIT:
        raise BadInput(_("请写动议内容，最多4000字。"), field="text")
    return text


def _member(meeting: Meeting, by: Actor, attendance: Attendance | None) -> Attendance:
    """Return the member who moves or seconds: `by`, or `attendance` entered by the chair."""
    attendance = attendance_acting(meeting, by, attendance, require_running)
    if attendance.role != Role.MEMBER:
        raise NotAllowed(_("只有出席人员可以提出或者附议动议。"), article=str(RULES_OF_DEBATE))
    if not attendance.is_present:
        raise Refused(_("提出和附议动议的人须已签到在场。"), article=str(RULES_OF_DEBATE), code="not_signed_in_here")
    if meeting.template.neutral_chair and attendance.user_id == meeting.chair_id:
        raise NotAllowed(_("主持人不得提出或者附议动议；请先移交主持。"), article=str(RULES_OF_DEBATE))
    return attendance


def _require_live(thing: Motion | Amendment) -> None:
    if thing.status not in LIVE:
        raise Refused(_("已经有结论，不能再改变。"), article=str(RULES_OF_DEBATE), code="already_decided")


def _end(thing: Motion | Amendment, status: str, now: dt.datetime) -> None:
    thing.status, thing.decided_at = status, now
    thing.save(update_fields=["status", "decided_at"])


def _renumber(rows: list[Amendment]) -> None:
    """Give the rows the positions 1.. without ever meeting the unique constraint."""
    offset = max(row.position for row in rows) + len(rows)
    for step in (offset, 0):
        for place, row in enumerate(rows, start=1):
            row.position = place + step
            row.save(update_fields=["position"])
