"""Around the meeting: what was given to whom after a decision, and who votes for whom."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import BadInput, NotAllowed
from core.web import page_errors
from meetings import phases
from meetings.forms_around import AssignForm, ProxyForm, ResultForm
from meetings.models import Attendance, DecisionTask, Meeting, MeetingProxy, Role
from meetings.operations import assign_task, finish_decision_task, lodge_meeting_proxy, revoke_meeting_proxy
from meetings.queries.powers import powers_of_ballots
from meetings.rules import may_desk, may_run, may_see
from meetings.views.finding import cleaned, meeting_or_404, person, row_of
from voting.rules import rule_of


def _tasks_page(_request: HttpRequest, meeting_id: int, **_more: Any) -> str:
    return reverse("meetings:tasks", args=[meeting_id])


def _proxies_page(_request: HttpRequest, meeting_id: int, **_more: Any) -> str:
    return reverse("meetings:proxies", args=[meeting_id])


@page_errors
def tasks(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show what follows from the decisions: to who was invited, and to who owes something. Five queries."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    rows = list(DecisionTask.objects.filter(item__meeting=meeting).select_related("item", "owner").order_by("due_on"))
    if not may_see(user, meeting) and all(row.owner_id != user.pk for row in rows):
        raise NotAllowed(_("会议交办的事项只对受邀人员和责任人开放。"))
    runs = may_run(user, meeting)
    may_assign = runs and meeting.phase in {*phases.ONGOING, phases.CLOSED, phases.MINUTED}
    context = {
        "meeting": meeting,
        "tasks": rows,
        "may_report": {row.pk for row in rows if row.done_at is None and (runs or row.owner_id == user.pk)},
        "result_form": ResultForm(),
        "form": AssignForm(meeting=meeting) if may_assign else None,
        "has_decisions": meeting.agenda.exclude(decision="").exists(),
    }
    return render(request, "meetings/tasks.html", context)


@require_POST
@page_errors(back=_tasks_page)
def task_act(request: HttpRequest, meeting_id: int, act: str) -> HttpResponse:
    """Give a task, or report one done."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if act == "assign":
        form = AssignForm(request.POST, meeting=meeting)
        cleaned(form)
        task = assign_task(**form.cleaned_data, by=user)
        messages.success(request, _("已交办给%(name)s。") % {"name": task.owner.actor_name()})
    elif act == "finish":
        task = row_of(DecisionTask, request.POST.get("task"), item__meeting=meeting)
        finish_decision_task(task=task, result=str(cleaned(ResultForm(request.POST))["result"]), by=user)
        messages.success(request, _("已办结。"))
    else:
        raise BadInput(_("没有这个操作。"), field="act")
    return redirect("meetings:tasks", meeting.pk)


@page_errors
def proxies(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Show who votes for whom, to who was invited; lodge and take back before the meeting opens."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if not may_see(user, meeting):
        raise NotAllowed(_("委托书只对受邀人员开放。"))
    mine, desk = _member_of(meeting, user.pk), may_desk(user, meeting)
    policy = rule_of(meeting.rule).entry["proxy"]
    is_open = meeting.phase == phases.CONVENED and policy["allowed"] and (desk or mine is not None)
    rows = list(meeting.proxies.filter(revoked_at__isnull=True).select_related("principal", "holder"))
    context = {
        "meeting": meeting,
        "proxies": rows,
        "of_ballots": powers_of_ballots(meeting, masked=not desk),
        "policy": policy,
        "may_revoke": {row.pk for row in rows if is_open and (desk or row.principal == mine)},
        "form": ProxyForm(meeting=meeting, principal=None if desk else mine) if is_open else None,
    }
    return render(request, "meetings/proxies.html", context)


@require_POST
@page_errors(back=_proxies_page)
def proxy_act(request: HttpRequest, meeting_id: int, act: str) -> HttpResponse:
    """Lodge a power, or take one back."""
    meeting, user = meeting_or_404(meeting_id), person(request)
    if act == "lodge":
        form = ProxyForm(request.POST, meeting=meeting, principal=_principal(request, meeting, user.pk))
        cleaned(form)
        facts = form.cleaned_data
        principal = facts.get("principal") or form.own
        if not isinstance(principal, Attendance):
            raise NotAllowed(_("您不在本次会议的邀请名单上。"))
        lodge_meeting_proxy(
            meeting=meeting, principal=principal, holder=facts["holder"], matters=facts["matters"], by=user
        )
        messages.success(request, _("委托书已登记。"))
    elif act == "revoke":
        revoke_meeting_proxy(proxy=row_of(MeetingProxy, request.POST.get("proxy"), meeting=meeting), by=user)
        messages.success(request, _("委托已撤销。"))
    else:
        raise BadInput(_("没有这个操作。"), field="act")
    return redirect("meetings:proxies", meeting.pk)


def _principal(request: HttpRequest, meeting: Meeting, user: int) -> Attendance | None:
    """Return whose power it is when the form does not say: the reader's own."""
    return None if "principal" in request.POST else _member_of(meeting, user)


def _member_of(meeting: Meeting, user: int) -> Attendance | None:
    return Attendance.objects.filter(meeting=meeting, user_id=user, role=Role.MEMBER).first()
