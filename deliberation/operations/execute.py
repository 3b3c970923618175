"""Carrying out: responsibility list, progress, follow-up orders, the report that it is done."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from community.models import User
from core import clock
from core.actors import SYSTEM, Actor
from core.errors import BadInput, NotFound, WrongStage
from core.notify import tell
from core.words import at_most
from deliberation.figures import fen
from deliberation.models import Completion, FollowUp, Proposal, Purpose, ResponsibilityTask
from deliberation.operations.acting import Done, acting, make_move, person
from deliberation.operations.notices import facts_hash, post_notice
from deliberation.operations.papers import file_follow_up, responsibility_facts
from deliberation.stages import Status
from publish import press

TEXT_LENGTH = 4000
MOST_TASKS = 100


def list_tasks(
    proposal: Proposal,
    *,
    by: Actor,
    tasks: Sequence[Mapping[str, Any]],
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> list[ResponsibilityTask]:
    """Add to the responsibility list: each {"title", "owner": User or "owner_name", "due_on": date}.

    Raises BadInput naming the row and field.
    """
    today = clock.local_date(now)
    with acting(
        proposal,
        by=by,
        act="list_task",
        expected_version=expected_version,
        now=now,
    ) as (locked, done):
        start = locked.tasks.count()
        if not 1 <= len(tasks) <= MOST_TASKS - start:
            raise BadInput(_("责任清单要有1至%(most)d项任务。") % {"most": MOST_TASKS}, field="tasks")
        listed = []
        for row, task in enumerate(tasks):
            owner: User | None = task.get("owner")
            name = str(task.get("owner_name") or (owner.actor_name() if owner else "")).strip()
            title = str(task.get("title") or "").strip()
            due_on = task.get("due_on")
            for field, good in (("title", 0 < len(title) <= 200), ("owner_name", 0 < len(name) <= 100)):  # noqa: PLR2004 - the columns' lengths
                if not good:
                    raise BadInput(_("第%(row)d项任务没有写全。") % {"row": row + 1}, field=f"tasks[{row}].{field}")
            if not isinstance(due_on, dt.date) or due_on < today:
                raise BadInput(_("第%(row)d项任务的期限不对。") % {"row": row + 1}, field=f"tasks[{row}].due_on")
            listed.append(
                ResponsibilityTask.objects.create(
                    proposal=locked, position=start + row + 1, title=title, owner=owner, owner_name=name, due_on=due_on
                )
            )
        press.require_drawable(tasks=[{"title": one.title, "owner_name": one.owner_name} for one in listed])
        if locked.status == Status.EXECUTING:
            locked.due_on = max(task.due_on for task in locked.tasks.all())
        done.facts = {"listed": len(listed)}
        tell(
            [task.owner for task in listed if task.owner is not None],
            f"您有新的任务：“{locked.title}”。",
            locked.get_absolute_url(),
        )
    return listed


def start_execution(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Begin: every task has an owner and a due date, and the list is posted. It is due when its last task is."""

    def carry_out(locked: Proposal) -> Done:
        tasks = list(locked.tasks.all())
        notice = post_notice(
            locked,
            Purpose.RESPONSIBILITY,
            kind="responsibility_list",
            facts=responsibility_facts(locked, tasks),
            by=SYSTEM,
            now=now,
        )
        return Done(
            document_hash=facts_hash(notice),
            due=max(task.due_on for task in tasks),
            facts={"tasks": len(tasks), "notice": notice.pk},
        )

    return make_move(
        "start_execution", proposal, by=by, expected_version=expected_version, now=now, carry_out=carry_out
    )


def report_progress(
    task: ResponsibilityTask, *, by: Actor, progress: str, now: dt.datetime | None = None
) -> ResponsibilityTask:
    """Say how far a task is: its owner, or the committee."""
    return _work_on(task, by=by, act="report_progress", progress=progress, evidence=None, now=now)


def finish_task(
    task: ResponsibilityTask, *, by: Actor, evidence: str, now: dt.datetime | None = None
) -> ResponsibilityTask:
    """Report a task done with the evidence: its owner, or the committee."""
    return _work_on(task, by=by, act="finish_task", progress=None, evidence=evidence, now=now)


def _work_on(
    task: ResponsibilityTask,
    *,
    by: Actor,
    act: str,
    progress: str | None,
    evidence: str | None,
    now: dt.datetime | None,
) -> ResponsibilityTask:
    moment = now or clock.now()
    text = (progress if progress is not None else evidence or "").strip()
    field = "progress" if progress is not None else "evidence"
    if not text or len(text) > TEXT_LENGTH:
        raise BadInput(_("请写明情况。"), field=field)
    user = person(by)
    with acting(
        task.proposal, by=by, act=act, also=task.owner_id, now=moment,
        reason=text, bumps=evidence is not None,
    ) as (locked, done):  # fmt: skip
        found = ResponsibilityTask.objects.filter(pk=task.pk, proposal=locked).first()
        if found is None:
            raise NotFound
        if found.done_at is not None:
            raise WrongStage(_("这项任务已经办结。"))
        if evidence is not None:
            found.evidence, found.done_at, found.done_by = text, moment, user
        else:
            found.progress = text
        found.save()
        done.facts = {"task": found.pk}
    return found


def order_follow_up(task: ResponsibilityTask, *, by: Actor, text: str, now: dt.datetime | None = None) -> FollowUp:
    """Chase a task: leaders, supervision committee or subdistrict. Its owner is told."""
    moment = now or clock.now()
    if not text.strip() or len(text) > TEXT_LENGTH:
        raise BadInput(_("请写督办意见。"), field="text")
    with acting(
        task.proposal, by=by, act="order_follow_up", now=moment,
        reason=text.strip(), bumps=False,
    ) as (locked, done):  # fmt: skip
        found = ResponsibilityTask.objects.select_related("owner").filter(pk=task.pk, proposal=locked).first()
        if found is None:
            raise NotFound
        if found.done_at is not None:
            raise WrongStage(_("这项任务已经办结。"))
        order = FollowUp.objects.create(task=found, text=text.strip(), ordered_at=moment, ordered_by=person(by))
        paper = file_follow_up(order, now=moment)
        done.facts = {"task": found.pk, "follow_up": order.pk, "notice": paper.pk}
        if found.owner is not None:
            tell(
                [found.owner],
                f"督办：{found.title}。{text.strip()}",
                locked.get_absolute_url(),
            )
    return order


def answer_follow_up(order: FollowUp, *, by: Actor, answer: str, now: dt.datetime | None = None) -> FollowUp:
    """Answer a follow-up order: the task's owner, or the committee."""
    moment = now or clock.now()
    if not answer.strip() or len(answer) > TEXT_LENGTH:
        raise BadInput(_("请写答复。"), field="answer")
    user = person(by)
    task = order.task
    with acting(
        task.proposal, by=by, act="answer_follow_up", also=task.owner_id, now=moment,
        reason=answer.strip(), bumps=False,
    ) as (_locked, done):  # fmt: skip
        found = FollowUp.objects.get(pk=order.pk)
        if found.answered_at is not None:
            raise WrongStage(_("督办已经答复。"))
        found.answer, found.answered_at, found.answered_by = answer.strip(), moment, user
        found.save()
        done.facts = {"follow_up": found.pk}
    return found


def record_completion(
    proposal: Proposal,
    *,
    by: Actor,
    text: str,
    cost: str,
    finished_on: dt.date,
    contractor: str = "",
    started_on: dt.date | None = None,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> Completion:
    """Write the report that the work is done; `cost` in yuan ("12345.60")."""
    moment = now or clock.now()
    if not text.strip() or len(text) > TEXT_LENGTH:
        raise BadInput(_("请写完工报告。"), field="text")
    try:
        cost_fen = fen(cost)
    except ValueError as error:
        raise BadInput(_("金额不对，应为元，如 1234.50。"), field="cost") from error
    if finished_on > clock.local_date(moment) or (started_on is not None and finished_on < started_on):
        raise BadInput(_("完工日期不对。"), field="finished_on")
    contractor = at_most(contractor, "contractor")
    press.require_drawable(text=text, contractor=contractor)
    with acting(
        proposal,
        by=by,
        act="record_completion",
        expected_version=expected_version,
        now=moment,
    ) as (locked, done):
        report = Completion.objects.create(
            proposal=locked,
            text=text.strip(),
            cost_fen=cost_fen,
            contractor=contractor,
            started_on=started_on,
            finished_on=finished_on,
            reported_at=moment,
            reported_by=person(by),
        )
        done.facts = {"completion": report.pk, "cost_fen": cost_fen}
    return report


def report_completion(
    proposal: Proposal, *, by: Actor, expected_version: int | None = None, now: dt.datetime | None = None
) -> Proposal:
    """Ask for acceptance: every task is done, the report is written."""
    return make_move("report_completion", proposal, by=by, expected_version=expected_version, now=now)
