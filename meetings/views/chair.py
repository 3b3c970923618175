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
from meetings.bars import bar_of, verdict_groups
from meetings.forms import (
    AdjournForm,
    BallotForm,
    ConsentForm,
    CountForm,
    DecisionForm,
    EarlyEndForm,
    ExtensionForm,
    GistForm,
    HandOverForm,
    LateForm,
    MovedAmendmentForm,
    MovedMotionForm,
    PersonForm,
    RaisedHandForm,
    ReasonForm,
    RecorderForm,
    SplitForm,
)
from meetings.models import Meeting
from meetings.queries.amending import conflicting_amendments, text_as_amended
from meetings.queries.asked import answer_words, consent_message, roll_call_of
from meetings.queries.floor import speakers_queue, totals_by_person, totals_by_side
from meetings.queries.live import message_of
from meetings.queries.outcomes import Verdict, latest_verdict
from meetings.queries.prepared import prepared_ballots
from meetings.queries.situation import Situation, situation_of
from meetings.queries.steps import keys_of_the_page, steps_in
from meetings.redline import redline
from meetings.rules import may_run, may_see
from meetings.views import acts_course, acts_debate, acts_votes
from meetings.views.finding import meeting_or_404, person
from voting.models import Ballot


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
    motion, verdict = situation.motion, latest_verdict(meeting)
    forms = _forms(meeting, situation, verdict)
    context = {
        "meeting": meeting,
        "situation": situation,
        "next": next((step for step in steps if step.is_next), None),
        "steps": [{"step": step, "form": forms.get(step.needs)} for step in steps if not step.is_next],
        "blocked": [step for step in steps if not step.is_next and not step.is_ready],
        "keys": keys_of_the_page(),
        "next_form": next((forms.get(step.needs) for step in steps if step.is_next), None),
        "queue": speakers_queue(meeting),
        "sides": totals_by_side(meeting, situation.current),
        "people": totals_by_person(meeting),
        "roll_call": roll_call_of(meeting),
        "answers": answer_words().items(),
        "consent": consent_message(meeting),
        "preview": text_as_amended(situation),
        "quorum_bars": [bar_of(reached) for reached in situation.quorum],
        "verdict": verdict,
        "verdict_groups": verdict_groups(verdict),
        "segments": redline(motion.original_text, motion.text) if motion else [],
        "conflicts": conflicting_amendments(situation),
        "adjourn_form": forms["adjourn"],
        "hand_over_form": forms["hand_over"],
        "recorder_form": forms["recorder"],
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


def _forms(meeting: Meeting, situation: Situation, verdict: Verdict | None) -> dict[str, Any]:
    forms = {
        "gist": GistForm(),
        "late": LateForm(),
        "early": EarlyEndForm(),
        "consent": ConsentForm(),
        "extension": ExtensionForm(),
        "motion": MovedMotionForm(
            meeting=meeting, initial={"text": situation.current.motion_text if situation.current else ""}
        ),
        "person": PersonForm(meeting=meeting),
        "amendment": MovedAmendmentForm(meeting=meeting),
        "ballot": BallotForm(
            prepared=_prepared(meeting, situation),
            heads=situation.numbers.present_heads + situation.numbers.represented_heads,
        ),
        "count": CountForm(),
        "split": SplitForm(initial={"parts": situation.motion.text if situation.motion else ""}),
        "reason": ReasonForm(),
        "recusal": PersonForm(meeting=meeting),
        "hand": RaisedHandForm(meeting=meeting),
        "adjourn": AdjournForm(),
        "hand_over": HandOverForm(meeting=meeting),
        "recorder": RecorderForm(meeting=meeting),
        "decision": DecisionForm(initial=_decided(situation, verdict)),
    }
    for key, form in forms.items():
        form.auto_id = f"{key}-%s"  # many forms stand on one page: a label must find its own field
    return forms


def _prepared(meeting: Meeting, situation: Situation) -> list[Ballot]:
    item = situation.current
    return prepared_ballots(meeting, item) if item is not None and situation.motion is None else []


def _decided(situation: Situation, verdict: Verdict | None) -> dict[str, Any]:
    """Return what stands on the present item; a vote that decided nothing is put into words for the chair to mend."""
    item = situation.current
    if item is None:
        return {}
    decision = item.decision
    if not decision and verdict is not None and situation.has_result:
        decision = f"{verdict['outcome_word']}：{verdict['title']}"
    return {"item": item.pk, "decision": decision, "dissent": item.dissent}


_ACTS = {**acts_course.ACTS, **acts_debate.ACTS, **acts_votes.ACTS}
