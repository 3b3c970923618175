"""The chair's guided run: one page that says the next step and does it with one button."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.models import User
from core.errors import BadInput, NotAllowed
from core.web import page_errors
from meetings.forms import (
    AdjournForm,
    BallotForm,
    CountForm,
    DecisionForm,
    GistForm,
    HandOverForm,
    MovedAmendmentForm,
    MovedMotionForm,
    PersonForm,
    RaisedHandForm,
    ReasonForm,
)
from meetings.models import AgendaItem, Amendment, Attendance, Meeting, Speech
from meetings.operations import (
    adjourn_meeting,
    cancel_meeting,
    close_agenda_ballot,
    close_meeting,
    declare_recusal,
    draft_minutes,
    end_floor,
    extend_floor,
    finish_agenda_item,
    give_floor,
    hand_over_chair,
    move_speaker,
    next_agenda_item,
    open_agenda_ballot,
    open_meeting,
    order_amendment,
    propose_amendment,
    propose_motion,
    record_decision,
    record_hand_vote,
    request_speech,
    resume_meeting,
    second_amendment,
    second_motion,
    split_motion,
    suspend_meeting,
    withdraw_amendment,
    withdraw_motion,
)
from meetings.queries.floor import speakers_queue, totals_by_side
from meetings.queries.live import message_of
from meetings.queries.situation import Situation, situation_of
from meetings.queries.steps import steps_in
from meetings.redline import overlap, redline, span_of
from meetings.rules import may_run, may_see
from meetings.views.finding import cleaned, meeting_or_404, person, row_of
from voting.models import BallotKind, Disclosure


def _back(_request: HttpRequest, meeting_id: int, **_more: Any) -> str:
    return reverse("meetings:chair", args=[meeting_id])


@page_errors
def chair_page(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show where the meeting stands, the next step, what is greyed and why. About 25 queries."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if not may_see(user, meeting):
        raise NotAllowed(_("这个页面供主持人和会务人员使用。"))
    situation = situation_of(meeting)
    steps = steps_in(situation, may=may_run(user, meeting))
    forms = _forms(meeting, situation)
    motion = situation.motion
    context = {
        "meeting": meeting,
        "situation": situation,
        "next": next((step for step in steps if step.is_next), None),
        "steps": [{"step": step, "form": forms.get(step.needs)} for step in steps if not step.is_next],
        "next_form": next((forms.get(step.needs) for step in steps if step.is_next), None),
        "queue": speakers_queue(meeting),
        "sides": totals_by_side(meeting, situation.current),
        "segments": redline(motion.original_text, motion.text) if motion else [],
        "conflicts": _conflicts(situation),
        "adjourn_form": forms["adjourn"],
        "hand_over_form": forms["hand_over"],
        "decision_form": forms["decision"] if situation.current else None,
        "recusal_form": forms["recusal"],
        "hand_form": forms["hand"],
        "may_run": may_run(user, meeting),
        "timer": message_of("timer", meeting, meeting.version)["timer"],
    }
    return render(request, "meetings/chair.html", context)


@require_POST
@page_errors(back=_back)
def chair_act(request: HttpRequest, meeting_id: int, act: str) -> HttpResponse:
    """Do one act of the chair; refused with its sentence on the chair's page."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    done = _ACTS.get(act)
    if done is None:
        raise BadInput(_("没有这个操作。"), field="act")
    messages.success(request, done(request, meeting, user))
    return redirect("meetings:minutes" if act == "draft_minutes" else "meetings:chair", meeting.pk)


def _forms(meeting: Meeting, situation: Situation) -> dict[str, Any]:
    forms = {
        "gist": GistForm(),
        "motion": MovedMotionForm(
            meeting=meeting, initial={"text": situation.current.motion_text if situation.current else ""}
        ),
        "person": PersonForm(meeting=meeting),
        "amendment": MovedAmendmentForm(meeting=meeting),
        "ballot": BallotForm(),
        "count": CountForm(),
        "reason": ReasonForm(),
        "recusal": PersonForm(meeting=meeting),
        "hand": RaisedHandForm(meeting=meeting),
        "adjourn": AdjournForm(),
        "hand_over": HandOverForm(meeting=meeting),
        "decision": DecisionForm(
            initial={"decision": situation.current.decision, "dissent": situation.current.dissent}
            if situation.current
            else None
        ),
    }
    for key, form in forms.items():
        form.auto_id = f"{key}-%s"  # many forms stand on one page: a label must find its own field
    return forms


def _conflicts(situation: Situation) -> list[tuple[Amendment, Amendment]]:
    """Return pairs of undecided amendments that touch the same words: adopting one changes the other."""
    if situation.motion is None:
        return []
    text = situation.motion.text
    spans = [(a, span_of(text, a.passage)) for a in situation.amendments if a.decided_at is None]
    known = [(amendment, span) for amendment, span in spans if span is not None]
    return [
        (one, other)
        for place, (one, here) in enumerate(known)
        for other, there in known[place + 1 :]
        if overlap(here, there)
    ]


# --- the acts, each one call ---------------------------------------------------


def _open(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    open_meeting(meeting=meeting, by=user)
    return _("会议已开始。")


def _resume(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    resume_meeting(meeting=meeting, by=user)
    return _("会议继续。")


def _next_item(request: HttpRequest, meeting: Meeting, user: User) -> str:
    chosen = row_of(AgendaItem, request.POST.get("item"), meeting=meeting) if request.POST.get("item") else None
    item = next_agenda_item(meeting=meeting, by=user, item=chosen)
    return _("进入第%(n)s项：%(title)s") % {"n": item.position, "title": item.title}


def _finish_item(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    finish_agenda_item(meeting=meeting, by=user)
    return _("本项议程已结束。")


def _give_floor(request: HttpRequest, meeting: Meeting, user: User) -> str:
    chosen = row_of(Speech, request.POST.get("speech"), meeting=meeting) if request.POST.get("speech") else None
    speech = give_floor(meeting=meeting, by=user, speech=chosen, reason=request.POST.get("reason", ""))
    return _("请%(name)s发言。") % {"name": speech.attendance.name}


def _end_floor(request: HttpRequest, meeting: Meeting, user: User) -> str:
    end_floor(meeting=meeting, by=user, gist=str(cleaned(GistForm(request.POST))["gist"]))
    return _("发言结束。")


def _extend_floor(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    extend_floor(meeting=meeting, by=user)
    return _("已延长一分钟。")


def _hand(request: HttpRequest, meeting: Meeting, user: User) -> str:
    attendance = _attendance(request, meeting)
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
    second_motion(motion=_motion(meeting), by=user, seconder=_attendance(request, meeting))
    return _("动议已有人附议。")


def _withdraw(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    withdraw_motion(motion=_motion(meeting), by=user)
    return _("动议已撤回。")


def _split(request: HttpRequest, meeting: Meeting, user: User) -> str:
    parts = [part for part in request.POST.get("parts", "").splitlines() if part.strip()]
    split_motion(motion=_motion(meeting), parts=parts, by=user)
    return _("动议已拆分，逐项表决。")


def _amend(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(MovedAmendmentForm(request.POST, meeting=meeting))
    mover = facts["attendance"]
    propose_amendment(
        motion=_motion(meeting),
        passage=str(facts["passage"]),
        replacement=str(facts["replacement"]),
        by=user,
        mover=mover if isinstance(mover, Attendance) else None,
    )
    return _("修正案已提出，等待附议。")


def _second_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    second_amendment(amendment=_next_amendment(meeting), by=user, seconder=_attendance(request, meeting))
    return _("修正案已有人附议。")


def _withdraw_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    amendment = row_of(Amendment, request.POST.get("amendment"), motion__meeting=meeting)
    withdraw_amendment(amendment=amendment, by=user)
    return _("修正案已撤回。")


def _order_amendment(request: HttpRequest, meeting: Meeting, user: User) -> str:
    amendment = row_of(Amendment, request.POST.get("amendment"), motion__meeting=meeting)
    before = row_of(Amendment, request.POST.get("before"), motion__meeting=meeting)
    order_amendment(amendment=amendment, before=before, by=user)
    return _("修正案的表决次序已调整。")


def _vote_amendment(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    amendment = _next_amendment(meeting)
    open_agenda_ballot(item=amendment.motion.item, amendment=amendment, by=user)
    return _("修正案开始表决。")


def _open_ballot(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(BallotForm(request.POST)) if "kind" in request.POST else {"kind": "named", "disclosure": ""}
    disclosure = str(facts["disclosure"])
    if facts["kind"] == BallotKind.SECRET:
        disclosure = Disclosure.AT_CLOSING
    open_agenda_ballot(item=_item(meeting), kind=str(facts["kind"]), disclosure=disclosure, by=user)
    return _("表决开始。")


def _close_ballot(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    running = situation_of(meeting).open_ballot
    if running is None:
        raise BadInput(_("没有正在进行的表决。"))
    ballot = close_agenda_ballot(ballot=running.ballot, by=user)
    return str((ballot.result or {}).get("sentence", "")) or _("表决已结束。")


def _record_count(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(CountForm(request.POST))
    situation = situation_of(meeting)
    count = record_hand_vote(
        item=_item(meeting),
        for_=int(str(facts["for_"])),
        against=int(str(facts["against"])),
        abstain=int(str(facts["abstain"])),
        method=str(facts["method"]),
        amendment=situation.open_amendment,
        by=user,
    )
    return count.sentence


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


def _decide(request: HttpRequest, meeting: Meeting, user: User) -> str:
    facts = cleaned(DecisionForm(request.POST))
    item = row_of(AgendaItem, request.POST.get("item"), meeting=meeting)
    record_decision(item=item, decision=str(facts["decision"]), dissent=str(facts["dissent"]), by=user)
    return _("议定事项已记录。")


def _recuse(request: HttpRequest, meeting: Meeting, user: User) -> str:
    reason = request.POST.get("reason", "")[:500]
    declare_recusal(item=_item(meeting), reason=reason, by=user, attendance=_attendance(request, meeting))
    return _("已记录回避。")


def _draft(_request: HttpRequest, meeting: Meeting, user: User) -> str:
    draft_minutes(meeting=meeting, by=user)
    return _("会议纪要已按记录起草。")


_ACTS = {
    "open": _open,
    "resume": _resume,
    "next_item": _next_item,
    "finish_item": _finish_item,
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
    "order_amendment": _order_amendment,
    "vote_amendment": _vote_amendment,
    "open_ballot": _open_ballot,
    "close_ballot": _close_ballot,
    "record_count": _record_count,
    "suspend": _suspend,
    "adjourn": _adjourn,
    "close": _close,
    "cancel": _cancel,
    "hand_over": _hand_over,
    "decide": _decide,
    "recuse": _recuse,
    "draft_minutes": _draft,
}


def _attendance(request: HttpRequest, meeting: Meeting) -> Attendance:
    found: Attendance = row_of(Attendance, request.POST.get("attendance"), meeting=meeting)
    return found


def _item(meeting: Meeting) -> AgendaItem:
    item = AgendaItem.objects.filter(meeting=meeting, status="current").first()
    if item is None:
        raise BadInput(_("还没有开始议程。"))
    return item


def _motion(meeting: Meeting) -> Any:
    motion = situation_of(meeting).motion
    if motion is None:
        raise BadInput(_("没有待决的动议。"))
    return motion


def _next_amendment(meeting: Meeting) -> Amendment:
    amendment = situation_of(meeting).open_amendment
    if amendment is None:
        raise BadInput(_("没有待决的修正案。"))
    return amendment
