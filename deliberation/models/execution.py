"""Carrying out: the responsibility list, follow-up orders, the report that the work is done."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliberation import limits
from deliberation.models.proposal import Proposal


class Light(models.TextChoices):
    """How a task stands."""

    GREEN = "green", _("正常")
    AMBER = "amber", _("临期")
    RED = "red", _("逾期")
    DONE = "done", _("已办结")


class ResponsibilityTask(models.Model):
    """One task of the list: who owes it, until when, and the evidence that it is done."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="tasks")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("任务"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="responsibility_tasks"
    )
    owner_name = models.CharField(_("责任人"), max_length=100)
    due_on = models.DateField(_("期限"))
    progress = models.TextField(_("进展"), blank=True)
    evidence = models.TextField(_("办结依据"), blank=True)
    done_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("责任清单")
        verbose_name_plural = _("责任清单")
        ordering = ["proposal", "position"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "position"], name="task_position_is_unique"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(owner_name=""), name="task_has_an_owner"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(evidence="")),
                name="done_task_has_evidence",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "done_at", "due_on"], name="tasks_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title

    def light(self, today: dt.date) -> Light:
        """Return how the task stands on `today`."""
        if self.done_at is not None:
            return Light.DONE
        if self.due_on < today:
            return Light.RED
        if self.due_on <= today + dt.timedelta(days=limits.TASK_AMBER_DAYS):
            return Light.AMBER
        return Light.GREEN


class FollowUp(models.Model):
    """A follow-up order on a task, and what was answered."""

    task = models.ForeignKey(ResponsibilityTask, models.CASCADE, related_name="follow_ups")
    text = models.TextField(_("督办意见"))
    ordered_at = models.DateTimeField(_("督办时间"))
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answer = models.TextField(_("答复"), blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("督办")
        verbose_name_plural = _("督办")
        ordering = ["task", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="answered_follow_up_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Completion(models.Model):
    """The report that the work is done, with what it cost. A returned work gets a new report; the latest counts."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="completions")
    text = models.TextField(_("完工报告"))
    cost_fen = models.PositiveBigIntegerField(_("实际支出（分）"))
    contractor = models.CharField(_("实施单位"), max_length=200, blank=True)
    started_on = models.DateField(_("开工"), null=True, blank=True)
    finished_on = models.DateField(_("完工"))
    reported_at = models.DateTimeField(_("报告时间"))
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("完工报告")
        verbose_name_plural = _("完工报告")
        ordering = ["proposal", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="completion_has_its_text"),
            models.CheckConstraint(
                condition=Q(started_on__isnull=True) | Q(finished_on__gte=models.F("started_on")),
                name="work_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]
