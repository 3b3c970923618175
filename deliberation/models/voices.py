"""What people say: co-signatures, opinions, stakeholders, and the record of a consultation."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliberation.models.proposal import Proposal


class CoSignature(models.Model):
    """Somebody who stands behind a proposal. `carried_from` is the merged proposal it came with."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="co_signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("姓名"), max_length=50)
    phone = models.CharField(_("电话"), max_length=20, blank=True)
    carried_from = models.ForeignKey(Proposal, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("联名")
        verbose_name_plural = _("联名")
        ordering = ["proposal", "id"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "user"], name="user_co_signs_once"),
            models.UniqueConstraint(
                fields=["proposal", "name", "phone"], condition=Q(user__isnull=True), name="person_co_signs_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Stance(models.TextChoices):
    """For, against, or neither."""

    FOR = "for", _("赞成")
    AGAINST = "against", _("反对")
    NEUTRAL = "neutral", _("中立")


class Opinion(models.Model):
    """What one resident thinks, and what was answered. One for each person; the person may change it until answered."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="opinions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="opinions")
    stance = models.CharField(_("态度"), max_length=8, choices=Stance.choices)
    text = models.TextField(_("意见"), blank=True)
    given_at = models.DateTimeField(_("时间"))
    answer = models.TextField(_("答复"), blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("意见")
        verbose_name_plural = _("意见")
        ordering = ["proposal", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "user"], name="user_has_one_opinion"),
            models.CheckConstraint(condition=Q(stance__in=Stance.values), name="stance_is_known"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="answered_opinion_says_who_and_when",
            ),
        ]
        indexes = [models.Index(fields=["proposal", "stance"], name="opinions_by_stance")]

    def __str__(self) -> str:
        return f"{self.stance} {self.text[:30]}"


class Stakeholder(models.Model):
    """Somebody whose interest is touched and who is therefore invited to every session."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="stakeholders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("姓名或单位"), max_length=100)
    interest = models.CharField(_("与事项的关系"), max_length=200)

    class Meta:
        verbose_name = _("利益相关方")
        verbose_name_plural = _("利益相关方")
        ordering = ["proposal", "id"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "user"], name="user_is_stakeholder_once"),
            models.UniqueConstraint(
                fields=["proposal", "name"], condition=Q(user__isnull=True), name="named_stakeholder_is_listed_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConsultationRecord(models.Model):
    """The outcome of one round: made when the minutes are signed, filled in by the facilitator, confirmed by a move."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="consultations")
    round = models.PositiveSmallIntegerField(_("轮次"))
    meeting = models.ForeignKey("meetings.Meeting", models.PROTECT, null=True, blank=True, related_name="+")
    minutes_hash = models.CharField(_("纪要摘要"), max_length=64, blank=True)
    invited_stakeholders = models.PositiveIntegerField(_("应到利益相关方"), default=0)
    present_stakeholders = models.PositiveIntegerField(_("实到利益相关方"), default=0)
    consensus = models.BooleanField(_("达成一致"), null=True)
    summary = models.TextField(_("协商意见"), blank=True)
    dissent = models.TextField(_("不同意见"), blank=True)
    recorded_at = models.DateTimeField(_("记录时间"), null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("协商意见书")
        verbose_name_plural = _("协商意见书")
        ordering = ["proposal", "round"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "round"], name="one_consultation_record_a_round"),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True, recorded_by__isnull=True, consensus__isnull=True)
                | (
                    Q(recorded_at__isnull=False, recorded_by__isnull=False, consensus__isnull=False)
                    & ~Q(summary="")
                    & ~Q(dissent="")
                ),
                name="recorded_consultation_says_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}/{self.round}"
