"""Residents' ratings, and putting right what they were not content with."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliberation.models.proposal import Proposal


class Grade(models.TextChoices):
    """The three grades (RULEBOOK 6)."""

    SATISFIED = "satisfied", _("满意")
    FAIRLY = "fairly", _("基本满意")
    DISSATISFIED = "dissatisfied", _("不满意")


class Rating(models.Model):
    """One resident's grade in one round; may be changed while the round runs."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="ratings")
    round = models.PositiveSmallIntegerField(_("轮次"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="ratings")
    grade = models.CharField(_("评价"), max_length=12, choices=Grade.choices)
    text = models.TextField(_("意见"), blank=True)
    rated_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("评议")
        verbose_name_plural = _("评议")
        ordering = ["proposal", "round", "id"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "round", "user"], name="user_rates_once_a_round"),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="grade_is_known"),
        ]

    def __str__(self) -> str:
        return self.grade


class Rectification(models.Model):
    """One order to put something right, and the report that it was done."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="rectifications")
    number = models.PositiveSmallIntegerField(_("次数"))
    demand = models.TextField(_("整改要求"))
    due_on = models.DateField(_("期限"))
    ordered_at = models.DateTimeField(_("责令时间"))
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    report = models.TextField(_("整改报告"), blank=True)
    reported_at = models.DateTimeField(_("报告时间"), null=True, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("整改")
        verbose_name_plural = _("整改")
        ordering = ["proposal", "number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="rectification_number_is_unique"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=2), name="rectified_at_most_twice"),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True, reported_by__isnull=True, report="")
                | (Q(reported_at__isnull=False, reported_by__isnull=False) & ~Q(report="")),
                name="reported_rectification_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}/{self.number}"
