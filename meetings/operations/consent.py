"""Consent without objection (无异议通过): asked with a window all screens count down; one objection brings a vote."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.actors import Actor
from core.errors import BadInput, NotAllowed, NotFound, Refused, WrongStage
from meetings.models import Attendance, ConsentRequest, CountMethod, Meeting, Role, SheetCount
from meetings.models.consent import ConsentStatus
from meetings.operations.acting import lock, note, require_act
from meetings.operations.counts import enter_count, heads_at
from meetings.queries.asked import seconds_left
from meetings.requirements import RULES_OF_DEBATE
from meetings.rules import attendance_acting, require_running

_SHORTEST, _LONGEST = 10, 300
_PARTS = ("consent", "agenda", "motion")


def ask_consent(*, meeting: Meeting, by: User, seconds: int = 30, now: dt.datetime | None = None) -> ConsentRequest:
    """Ask whether anybody objects to what comes to the vote next: the amendment, the motion, or the item's text.

    The window is 10 to 300 seconds. Raises NotAllowed, BadInput, RequirementsNotMet (as for a count of hands; the rule
    decides by area or in secret).
    """
    if not _SHORTEST <= seconds <= _LONGEST:
        raise BadInput(_("异议期须在10秒到300秒之间。"), field="seconds")
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        situation = require_act(meeting, "ask_consent")
        item, motion, amendment = situation.item_at_hand, situation.motion, situation.open_amendment
        request = ConsentRequest.objects.create(
            meeting=meeting,
            item=item,
            motion=motion,
            amendment=amendment,
            question=situation.question,
            seconds=seconds,
            asked_at=now,
            asked_by=by,
        )
        after = {"seconds": seconds, "question": request.question[:200]}
        note(meeting, by=by, act="ask_consent", parts=_PARTS, subject=request, after=after, now=now)
    return request


def object_to_consent(
    *, meeting: Meeting, by: Actor, attendance: Attendance | None = None, now: dt.datetime | None = None
) -> ConsentRequest:
    """Object: the matter goes to a vote. The member, or the chair for `attendance` who says so without a phone.

    Heard until the chair declares the outcome; objected already: nothing changes. Raises NotAllowed (not a member, not
    in the room, stepped aside, a neutral chair), NotFound (nothing was asked), WrongStage (declared already).
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        attendance = attendance_acting(meeting, by, attendance, require_running)
        request = ConsentRequest.objects.filter(meeting=meeting).order_by("-id").first()
        if request is None:
            raise NotFound(_("现在没有征求异议的事项。"))
        _require_entitled(meeting, request, attendance)
        if request.status == ConsentStatus.OBJECTED:
            return request
        if request.status != ConsentStatus.ASKED:
            raise WrongStage(_("主持人已经宣布结果，异议期已过。"))
        _end(request, ConsentStatus.OBJECTED, now, attendance)
        after = {"attendance": attendance.pk}
        note(meeting, by=by, act="object_to_consent", parts=_PARTS, subject=request, after=after, now=now)
    return request


def declare_consent(*, meeting: Meeting, by: User, now: dt.datetime | None = None) -> SheetCount:
    """Declare that nobody objected, once the window is over: everybody who may vote here counts as for.

    Raises NotAllowed, RequirementsNotMet (nothing asked, no quorum any more), Refused (`window_open`, with the seconds
    left).
    """
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        request = require_act(meeting, "declare_consent").consent
        if request is None:  # the requirement says so before
            raise NotFound(_("现在没有征求异议的事项。"))
        if left := seconds_left(request, now):
            raise Refused(
                _("异议期还有%(n)s秒，期满才能宣布通过。") % {"n": left},
                article=str(RULES_OF_DEBATE),
                code="window_open",
            )
        _end(request, ConsentStatus.ADOPTED, now)
        present, represented, _due = heads_at(meeting, request.item)
        count = enter_count(
            item=request.item,
            for_=present + represented,
            against=0,
            abstain=0,
            method=CountMethod.CONSENT,
            amendment=request.amendment,
            by=by,
            now=now,
        )
        after = {"count": count.pk}
        note(meeting, by=by, act="declare_consent", parts=("consent",), subject=request, after=after, now=now)
    return count


def withdraw_consent(*, meeting: Meeting, by: User, now: dt.datetime | None = None) -> ConsentRequest:
    """Stop asking; nothing is decided. Raises NotAllowed, RequirementsNotMet when nothing is asked."""
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(meeting)
        require_running(by, meeting)
        request = require_act(meeting, "withdraw_consent").consent
        if request is None:  # the requirement says so before
            raise NotFound(_("现在没有征求异议的事项。"))
        _end(request, ConsentStatus.WITHDRAWN, now)
        note(meeting, by=by, act="withdraw_consent", parts=_PARTS, subject=request, now=now)
    return request


def _end(request: ConsentRequest, status: str, now: dt.datetime, objector: Attendance | None = None) -> None:
    request.status, request.settled_at, request.objector = status, now, objector
    request.save(update_fields=["status", "settled_at", "objector"])


def _require_entitled(meeting: Meeting, request: ConsentRequest, attendance: Attendance) -> None:
    """Raise NotAllowed unless this person may vote on what is asked."""
    article = str(RULES_OF_DEBATE)
    if attendance.role != Role.MEMBER:
        raise NotAllowed(_("只有出席人员可以提出异议。"), article=article)
    if not attendance.is_present:
        raise NotAllowed(_("请先签到再提出异议。"), article=article)
    if meeting.template.neutral_chair and attendance.user_id == meeting.chair_id:
        raise NotAllowed(_("主持人不参加表决；要发表意见请先移交主持。"), article=article)
    if request.item.recusals.filter(attendance=attendance).exists():
        raise NotAllowed(_("您对该事项已回避，不参加表决。"), article=article)
