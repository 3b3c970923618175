"""The chair's guided run: one page that says the next step and does it with one button."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import BadInput, NotAllowed
from core.web import page_errors
from meetings.bars import bar_of, verdict_bars
from meetings.forms import (
    AdjournForm,
    BallotForm,
    ConsentForm,
    CountForm,
    DecisionForm,
    ExtensionForm,
    GistForm,
    HandOverForm,
    LateForm,
    MovedAmendmentForm,
    MovedMotionForm,
    PersonForm,
    RaisedHandForm,
    ReasonForm,
)
from meetings.models import Amendment, Meeting
from meetings.queries.asked import answer_words, consent_message, roll_call_of
from meetings.queries.floor import speakers_queue, totals_by_person, totals_by_side
from meetings.queries.live import message_of
from meetings.queries.outcomes import latest_verdict
from meetings.queries.situation import Situation, situation_of
from meetings.queries.steps import steps_in
from meetings.redline import Segment, merged, overlap, redline, span_of
from meetings.rules import may_run, may_see
from meetings.views import acts_course, acts_debate, acts_votes
from meetings.views.finding import meeting_or_404, person


def _back(_request: HttpRequest, meeting_id: int, **_more: Any) -> str:
    return reverse("meetings:chair", args=[meeting_id])


@page_errors
def chair_page(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show where the meeting stands, the next step, what is greyed and why. About 30 queries."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if not may_see(user, meeting):
        raise NotAllowed(_("这个页面供主持人和会务人员使用。"))
    situation = situation_of(meeting)
    steps = steps_in(situation, may=may_run(user, meeting))
    forms = _forms(meeting, situation)
    motion, verdict = situation.motion, latest_verdict(meeting)
    context = {
        "meeting": meeting,
        "situation": situation,
        "next": next((step for step in steps if step.is_next), None),
        "steps": [{"step": step, "form": forms.get(step.needs)} for step in steps if not step.is_next],
        "next_form": next((forms.get(step.needs) for step in steps if step.is_next), None),
        "queue": speakers_queue(meeting),
        "sides": totals_by_side(meeting, situation.current),
        "people": totals_by_person(meeting),
        "roll_call": roll_call_of(meeting),
        "answers": answer_words().items(),
        "consent": consent_message(meeting),
        "preview": _preview(situation),
        "quorum_bars": [bar_of(reached) for reached in situation.quorum],
        "verdict": verdict,
        "verdict_bars": verdict_bars(verdict),
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
        "late": LateForm(),
        "consent": ConsentForm(),
        "extension": ExtensionForm(),
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


def _preview(situation: Situation) -> list[Segment]:
    """Return the motion as the amendment that is voted on next would make it; [] without one."""
    motion, amendment = situation.motion, situation.open_amendment
    if motion is None or amendment is None:
        return []
    return redline(motion.text, merged(motion.text, amendment.passage, amendment.replacement))


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


_ACTS = {**acts_course.ACTS, **acts_debate.ACTS, **acts_votes.ACTS}
