"""Asking whether anybody objects: the question, its window in seconds, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meetings.models.attendance import Attendance
from meetings.models.meeting import AgendaItem, Meeting
from meetings.models.motion import Amendment, Motion


class ConsentStatus(models.TextChoices):
    """Where the question stands."""

    ASKED = "asked", _("征求异议中")
    ADOPTED = "adopted", _("无人异议")
    OBJECTED = "objected", _("有人异议")
    WITHDRAWN = "withdrawn", pgettext_lazy("status", "撤回")


class ConsentRequest(models.Model):
    """The chair asks whether anybody objects; one member who does takes the matter to a vote.

    `seconds` is the window the screens count down. An objection is heard until the chair declares the outcome.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="consents")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="consents")
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, blank=True, related_name="consents")
    amendment = models.ForeignKey(Amendment, models.PROTECT, null=True, blank=True, related_name="consents")
    question = models.TextField(_("事项"))
    seconds = models.PositiveSmallIntegerField(_("异议期（秒）"))
    status = models.CharField(_("状态"), max_length=9, choices=ConsentStatus.choices, default=ConsentStatus.ASKED)
    asked_at = models.DateTimeField(_("征求时间"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    objector = models.ForeignKey(
        Attendance, models.PROTECT, null=True, blank=True, related_name="objections_to_consent"
    )
    settled_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("征求无异议")
        verbose_name_plural = _("征求无异议")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(status="asked"), name="one_question_of_consent_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="asked", settled_at__isnull=True)
                | (~Q(status="asked") & Q(settled_at__isnull=False)),
                name="settled_consent_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="objected", objector__isnull=False)
                | (~Q(status="objected") & Q(objector__isnull=True)),
                name="objected_consent_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return self.question[:40]
