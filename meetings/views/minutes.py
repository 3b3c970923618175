"""The minutes: read, edit, object, answer, sign, publish."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.models import User
from core.errors import BadInput, NotAllowed, NotFound
from core.requirements import Missing
from core.web import key_of, page_errors
from meetings.forms import AnswerForm, MinutesForm, ObjectionForm
from meetings.models import Minutes, MinutesObjection
from meetings.operations import (
    answer_objection,
    draft_minutes,
    edit_minutes,
    object_to_minutes,
    publish_minutes,
    sign_minutes,
)
from meetings.queries.papers import notices_of
from meetings.redline import redline
from meetings.requirements import RULES_OF_DEBATE
from meetings.rules import may_run, may_see, seats_of
from meetings.views.finding import cleaned, meeting_or_404, person
from publish.rules import issuing_offices, may


def _back(_request: HttpRequest, meeting_id: int, **_more: Any) -> str:
    return reverse("meetings:minutes", args=[meeting_id])


@page_errors
def minutes_page(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show the minutes to who was invited; the public reads the published notice."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if not may_see(user, meeting):
        raise NotAllowed(_("会议纪要定稿后会在公示栏公开（隐去姓名）。"))
    minutes = Minutes.objects.filter(meeting=meeting).first()
    versions = list(minutes.versions.select_related("author").order_by("-number")) if minutes else []
    context = {
        "meeting": meeting,
        "minutes": minutes,
        "versions": versions,
        "changes": redline(versions[1].text, versions[0].text) if len(versions) > 1 else [],
        "objections": list(minutes.objections.select_related("attendance", "answered_by")) if minutes else [],
        "signatures": list(minutes.signatures.select_related("user")) if minutes else [],
        "may_run": may_run(user, meeting),
        "may_publish": may(user, issuing_offices("minutes"), meeting.community),
        "may_object": any(seat.signed_in_at is not None for seat in seats_of(user, meeting)),
        "may_sign": user.pk in {meeting.chair_id, meeting.recorder_id},
        **_signing(minutes, user),
        "form": MinutesForm(initial={"text": minutes.text, "version": minutes.version}) if minutes else None,
        "objection_form": ObjectionForm(),
        "answer_form": AnswerForm(),
        "notices": [notice for notice in notices_of(meeting) if notice.kind == "minutes"],
    }
    return render(request, "meetings/minutes.html", context)


def _signing(minutes: Minutes | None, user: User) -> dict[str, Any]:
    """Return whether the reader has signed, and what keeps the minutes from being signed."""
    if minutes is None:
        return {}
    is_waiting = minutes.objections.filter(answered_at__isnull=True).exists()
    why = [Missing("objections_open", _("还有异议没有答复"), str(RULES_OF_DEBATE))] if is_waiting else []
    return {"has_signed": minutes.signatures.filter(user=user).exists(), "unsigned_why": why}


@require_POST
@page_errors(back=_back)
def minutes_act(request: HttpRequest, meeting_id: int, act: str) -> HttpResponse:
    """Do one act on the minutes."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if act == "draft":
        draft_minutes(meeting=meeting, by=user)
        messages.success(request, _("会议纪要已按记录起草。"))
        return redirect("meetings:minutes", meeting.pk)
    minutes = Minutes.objects.select_related("meeting").filter(meeting=meeting).first()
    if minutes is None:
        raise NotFound(_("会议纪要还没有起草。"))
    done = _ACTS.get(act)
    if done is None:
        raise BadInput(_("没有这个操作。"), field="act")
    messages.success(request, done(request, minutes, user))
    return redirect("meetings:minutes", meeting.pk)


def _edit(request: HttpRequest, minutes: Minutes, user: User) -> str:
    form = MinutesForm(request.POST)
    cleaned(form)
    facts = form.cleaned_data
    edit_minutes(minutes=minutes, text=facts["text"], version=facts["version"], reason=facts["reason"], by=user)
    return _("纪要已修改；原来的签字失效，需要重新签字。")


def _object(request: HttpRequest, minutes: Minutes, user: User) -> str:
    object_to_minutes(minutes=minutes, text=str(cleaned(ObjectionForm(request.POST))["text"]), by=user)
    return _("异议已提出，签字前会答复您。")


def _answer(request: HttpRequest, minutes: Minutes, user: User) -> str:
    key = key_of(request.POST.get("objection", ""))
    objection = MinutesObjection.objects.select_related("minutes__meeting").filter(pk=key, minutes=minutes).first()
    if objection is None:
        raise BadInput(_("没有这条异议。"))
    answer_objection(objection=objection, answer=str(cleaned(AnswerForm(request.POST))["answer"]), by=user)
    return _("异议已答复。")


def _sign(_request: HttpRequest, minutes: Minutes, user: User) -> str:
    done = sign_minutes(minutes=minutes, by=user)
    return _("已签字，纪要定稿。") if done.frozen_at else _("已签字，等待另一位签字。")


def _publish(_request: HttpRequest, minutes: Minutes, user: User) -> str:
    publish_minutes(minutes=minutes, by=user)
    return _("纪要正在排版，发布后在公示栏可查。")


_ACTS = {"edit": _edit, "object": _object, "answer": _answer, "sign": _sign, "publish": _publish}
