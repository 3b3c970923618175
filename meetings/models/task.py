"""What has to be done after a decision: who owes it, until when, and how it was done."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import AgendaItem


class DecisionTask(models.Model):
    """One task that follows from a decision of a meeting."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="tasks")
    title = models.CharField(_("要办的事"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="decision_tasks", verbose_name=_("责任人")
    )
    due_on = models.DateField(_("期限"))
    created_at = models.DateTimeField(_("时间"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    result = models.CharField(_("办理结果"), max_length=500, blank=True)
    done_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("会议交办")
        verbose_name_plural = _("会议交办")
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "title"], name="decision_task_is_listed_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True, result="")
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(result="")),
                name="done_decision_task_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "done_at", "due_on"], name="decision_tasks_of_owner"),
        ]

    def __str__(self) -> str:
        return self.title
