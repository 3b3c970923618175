"""The chair's acts on the course of the meeting, each one call of an operation; each returns what it says."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.models import User
from meetings.forms import AdjournForm, DecisionForm, HandOverForm, RecorderForm
from meetings.models import AgendaItem, Meeting
from meetings.operations import (
    adjourn_meeting,
    cancel_meeting,
    close_meeting,
    declare_recusal,
    draft_minutes,
    finish_agenda_item,
    hand_over_chair,
    name_recorder,
    next_agenda_item,
    open_meeting,
    record_decision,
    resume_meeting,
    suspend_meeting,
)
from meetings.views.finding import chosen_person, cleaned, item_at_hand, row_of


def _open(request: HttpRequest, meeting: Meeting, user: User) -> str:
    open_meeting(meeting=meeting, reason=request.POST.get("reason", "")[:500], by=user)
    return _("会议已开始。")


def _resume(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    resume_meeting(meeting=meeting, by=user)
    return _("会议继续。")


def _next_item(request: HttpRequest, meeting: Meeting, user: User) -> str:
    chosen = row_of(AgendaItem, request.POST.get("item"), meeting=meeting) if request.POST.get("item") else None
    item = next_agenda_item(meeting=meeting, by=user, item=chosen, seen=request.POST.get("seen"))
    return _("进入第%(n)s项：%(title)s") % {"n": item.position, "title": item.title}


def _finish_item(request: HttpRequest, meeting: Meeting, user: User) -> str:
    finish_agenda_item(meeting=meeting, by=user, seen=request.POST.get("seen"))
    return _("本项议程已结束。")


def _suspend(request: HttpRequest, meeting: Meeting, user: User) -> str:
    suspend_meeting(meeting=meeting, by=user, reason=request.POST.get("reason", "")[:500])
    return _("会议休会。")


def _adjourn(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = AdjournForm(request.POST)
    cleaned(facts)
    adjourn_meeting(
        meeting=meeting, resumes_at=facts.cleaned_data["resumes_at"], reason=facts.cleaned_data["reason"], by=user
    )
    return _("会议改期续会。")


def _close(request: HttpRequest, meeting: Meeting, user: User) -> str:
    close_meeting(meeting=meeting, by=user, reason=request.POST.get("reason", "")[:500])
    return _("会议已结束。")


def _cancel(request: HttpRequest, meeting: Meeting, user: User) -> str:
    cancel_meeting(meeting=meeting, by=user, reason=request.POST.get("reason", "")[:500])
    return _("会议已取消，受邀人员已通知。")


def _hand_over(request: HttpRequest, meeting: Meeting, user: User) -> str:
    form = HandOverForm(request.POST, meeting=meeting)
    cleaned(form)
    hand_over_chair(meeting=meeting, to=form.cleaned_data["to"], by=user, reason=form.cleaned_data["reason"])
    return _("主持已移交。")


def _name_recorder(request: HttpRequest, meeting: Meeting, user: User) -> str:
    form = RecorderForm(request.POST, meeting=meeting)
    cleaned(form)
    name_recorder(meeting=meeting, to=form.cleaned_data["to"], by=user, reason=form.cleaned_data["reason"])
    return _("记录人已更换，并已记录。")


def _decide(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(DecisionForm(request.POST))
    item = row_of(AgendaItem, request.POST.get("item"), meeting=meeting)
    record_decision(item=item, decision=str(facts["decision"]), dissent=str(facts["dissent"]), by=user)
    return _("议定事项已记录。")


def _recuse(request: HttpRequest, meeting: Meeting, user: User) -> str:
    reason = request.POST.get("reason", "")[:500]
    declare_recusal(item=item_at_hand(meeting), reason=reason, by=user, attendance=chosen_person(request, meeting))
    return _("已记录回避。")


def _draft(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    draft_minutes(meeting=meeting, by=user)
    return _("会议纪要已按记录起草。")


ACTS = {
    "open": _open,
    "resume": _resume,
    "next_item": _next_item,
    "finish_item": _finish_item,
    "suspend": _suspend,
    "adjourn": _adjourn,
    "close": _close,
    "cancel": _cancel,
    "hand_over": _hand_over,
    "recorder": _name_recorder,
    "decide": _decide,
    "recuse": _recuse,
    "draft_minutes": _draft,
}
