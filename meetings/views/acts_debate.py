"""The chair's acts on speakers, motions and amendments, each one call of an operation; each returns what it says."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.models import User
from core.errors import BadInput
from meetings.forms import ExtensionForm, GistForm, MovedAmendmentForm, MovedMotionForm, SplitForm
from meetings.models import Amendment, Attendance, Meeting, Speech
from meetings.operations import (
    end_floor,
    extend_floor,
    give_floor,
    let_fall,
    move_speaker,
    order_amendment,
    propose_amendment,
    propose_motion,
    request_speech,
    second_amendment,
    second_motion,
    split_motion,
    withdraw_amendment,
    withdraw_motion,
)
from meetings.queries.situation import situation_of
from meetings.queries.steps import awaiting_second
from meetings.views.finding import amendment_at_hand, chosen_person, cleaned, motion_at_hand, row_of


def _give_floor(request: HttpRequest, meeting: Meeting, user: User) -> str:
    chosen = row_of(Speech, request.POST.get("speech"), meeting=meeting) if request.POST.get("speech") else None
    speech = give_floor(meeting=meeting, by=user, speech=chosen, reason=request.POST.get("reason", ""))
    return _("请%(name)s发言。") % {"name": speech.attendance.name}


def _end_floor(request: HttpRequest, meeting: Meeting, user: User) -> str:
    end_floor(meeting=meeting, by=user, gist=str(cleaned(GistForm(request.POST))["gist"]))
    return _("发言结束。")


def _extend_floor(request: HttpRequest, meeting: Meeting, user: User) -> str:
    form = ExtensionForm(request.POST)
    cleaned(form)
    extend_floor(meeting=meeting, by=user, **form.cleaned_data)
    return _("已延长%(n)s秒，并已记录。") % {"n": form.cleaned_data["seconds"]}


def _hand(request: HttpRequest, meeting: Meeting, user: User) -> str:
    attendance = chosen_person(request, meeting)
    request_speech(meeting=meeting, stance=request.POST.get("stance", ""), by=user, attendance=attendance)
    return _("已代为举手。")


def _move_speaker(request: HttpRequest, meeting: Meeting, user: User) -> str:
    speech = row_of(Speech, request.POST.get("speech"), meeting=meeting)
    rank = request.POST.get("rank", "")
    if rank and not (rank.isascii() and rank.isdecimal() and len(rank) <= 4):  # noqa: PLR2004 - a place in a queue
        raise BadInput(_("次序须为整数。"), field="rank")
    move_speaker(
        speech=speech, rank=int(rank) if rank else None, by=user, reason=request.POST.get("reason", "").strip()
    )
    return _("发言次序已调整，并已记录。")


def _propose(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(MovedMotionForm(request.POST, meeting=meeting))
    mover = facts["attendance"]
    propose_motion(
        meeting=meeting, text=str(facts["text"]), by=user, mover=mover if isinstance(mover, Attendance) else None
    )
    return _("动议已提出，等待附议。")


def _second(request: HttpRequest, meeting: Meeting, user: User) -> str:
    second_motion(motion=motion_at_hand(meeting), by=user, seconder=chosen_person(request, meeting))
    return _("动议已有人附议。")


def _withdraw(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    withdraw_motion(motion=motion_at_hand(meeting), by=user)
    return _("动议已撤回。")


def _split(request: HttpRequest, meeting: Meeting, user: User) -> str:
    parts = [part for part in str(cleaned(SplitForm(request.POST))["parts"]).splitlines() if part.strip()]
    split_motion(motion=motion_at_hand(meeting), parts=parts, by=user)
    return _("动议已拆分，逐项表决。")


def _amend(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(MovedAmendmentForm(request.POST, meeting=meeting))
    mover = facts["attendance"]
    propose_amendment(
        motion=motion_at_hand(meeting),
        passage=str(facts["passage"]),
        replacement=str(facts["replacement"]),
        by=user,
        mover=mover if isinstance(mover, Attendance) else None,
    )
    return _("修正案已提出，等待附议。")


def _second_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    second_amendment(amendment=amendment_at_hand(meeting), by=user, seconder=chosen_person(request, meeting))
    return _("修正案已有人附议。")


def _withdraw_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    amendment = row_of(Amendment, request.POST.get("amendment"), motion__meeting=meeting)
    withdraw_amendment(amendment=amendment, by=user)
    return _("修正案已撤回。")


def _let_fall(request: HttpRequest, meeting: Meeting, user: User) -> str:
    chosen = request.POST.get("amendment")
    waiting = row_of(Amendment, chosen, motion__meeting=meeting) if chosen else awaiting_second(situation_of(meeting))
    if waiting is None:
        raise BadInput(_("没有等待附议的动议或者修正案。"))
    let_fall(what=waiting, by=user)
    return _("无人附议，不再议，已经记下。")


def _order_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    amendment = row_of(Amendment, request.POST.get("amendment"), motion__meeting=meeting)
    before = row_of(Amendment, request.POST.get("before"), motion__meeting=meeting)
    order_amendment(amendment=amendment, before=before, by=user)
    return _("修正案的表决次序已调整。")


ACTS = {
    "give_floor": _give_floor,
    "end_floor": _end_floor,
    "extend_floor": _extend_floor,
    "hand": _hand,
    "move_speaker": _move_speaker,
    "propose_motion": _propose,
    "second": _second,
    "withdraw": _withdraw,
    "split": _split,
    "amend": _amend,
    "second_amendment": _second_amendment,
    "withdraw_amendment": _withdraw_amendment,
    "let_fall": _let_fall,
    "order_amendment": _order_amendment,
}
