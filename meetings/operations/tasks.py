"""What follows from a decision: given to somebody with a day, reported done with its result."""

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from community.models import User
from core import clock, notify
from core.errors import BadInput, NotAllowed, Refused, WrongStage
from core.words import day_in_words
from meetings import phases
from meetings.models import AgendaItem, DecisionTask
from meetings.operations.acting import lock, note
from meetings.rules import may_run, require_running

_TITLE_LIMIT = 200
_RESULT_LIMIT = 500


def assign_task(
    *, item: AgendaItem, title: str, owner: User, due_on: dt.date, by: User, now: dt.datetime | None = None
) -> DecisionTask:
    """Give somebody a task that follows from what was decided on `item`; they are told, and find it in their work.

    The same task on the same item: the first one is returned. Raises NotAllowed, BadInput, WrongStage (the meeting
    has not begun), Refused (nothing was decided on the item).
    """
    if not title.strip() or len(title) > _TITLE_LIMIT:
        raise BadInput(_("请写要办的事，最多200字。"), field="title")
    now = now or clock.now()
    if due_on < clock.local_date(now):
        raise BadInput(_("期限不能早于今天。"), field="due_on")
    with transaction.atomic():
        meeting = lock(item.meeting)
        require_running(by, meeting)
        if meeting.phase not in {*phases.ONGOING, phases.CLOSED, phases.MINUTED}:
            raise WrongStage(_("会议开始以后才能交办任务。"))
        item = AgendaItem.objects.get(pk=item.pk)
        if not item.decision:
            raise Refused(_("这项议程还没有议定，不能交办。"), code="not_decided")
        task, made = DecisionTask.objects.get_or_create(
            item=item,
            title=title.strip(),
            defaults={"owner": owner, "due_on": due_on, "created_at": now, "created_by": by},
        )
        if made:
            after = {"title": task.title, "owner": owner.pk, "due_on": due_on.isoformat()}
            note(meeting, by=by, act="assign_decision_task", parts=(), subject=task, after=after, now=now)
            url = reverse("meetings:tasks", args=[meeting.pk])
            notify.tell([owner], f"会议交办：{task.title}，{day_in_words(due_on)}前办结。", url=url)
    return task


def finish_decision_task(*, task: DecisionTask, result: str, by: User, now: dt.datetime | None = None) -> DecisionTask:
    """Report a task done, with its result: its owner, or who may run the meeting. Done already: nothing changes."""
    if not result.strip() or len(result) > _RESULT_LIMIT:
        raise BadInput(_("请写明办理结果，最多500字。"), field="result")
    now = now or clock.now()
    with transaction.atomic():
        meeting = lock(task.item.meeting)
        task = DecisionTask.objects.select_related("created_by").get(pk=task.pk)
        if by.pk != task.owner_id and not may_run(by, meeting):
            raise NotAllowed(_("由责任人报告办理结果。"))
        if task.done_at is not None:
            return task
        task.result, task.done_at, task.done_by = result.strip(), now, by
        task.save(update_fields=["result", "done_at", "done_by"])
        after = {"result": task.result}
        note(meeting, by=by, act="finish_decision_task", parts=(), subject=task, after=after, now=now)
        url = reverse("meetings:tasks", args=[meeting.pk])
        notify.tell([task.created_by], f"会议交办已办结：{task.title}", url=url)
    return task
