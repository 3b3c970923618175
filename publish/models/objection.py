"""Objections against a notice, and what was ruled."""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from publish.models.notice import Notice


class ObjectionStatus(models.TextChoices):
    """The life of an objection."""

    RECEIVED = "received", _("已收到")
    ACKNOWLEDGED = "acknowledged", _("已受理")
    UPHELD = "upheld", _("异议成立")
    DISMISSED = "dismissed", _("异议不成立")
    WITHDRAWN = "withdrawn", _("已撤回")


class Channel(models.TextChoices):
    """How it reached the office."""

    WEB = "web", _("网上")
    DESK = "desk", _("当面书面")
    MAIL = "mail", _("信函")


_RULED = Q(status__in=["upheld", "dismissed"])


class Objection(models.Model):
    """A written, real-name objection. Name and phone are for the office only; the public sees them masked.

    Acknowledged by `acknowledge_due_on` (1 working day) and ruled by `rule_due_on` (3 days), both counted from receipt.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections", verbose_name=_("公示"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="objections")
    name = models.CharField(_("姓名"), max_length=50)
    phone = models.CharField(_("电话"), max_length=20)
    text = models.TextField(_("异议内容"), max_length=4000)
    channel = models.CharField(_("方式"), max_length=6, choices=Channel.choices, default=Channel.WEB)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    status = FSMField(_("状态"), choices=ObjectionStatus.choices, default=ObjectionStatus.RECEIVED, protected=True)
    received_at = models.DateTimeField(_("收到时间"))
    acknowledge_due_on = models.DateField(_("受理期限"))
    rule_due_on = models.DateField(_("答复期限"))
    acknowledged_at = models.DateTimeField(_("受理时间"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ruled_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ruling = models.TextField(_("答复"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["received_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(phone="") & ~Q(text=""), name="objection_is_signed"),
            models.CheckConstraint(
                condition=Q(status__in=["received", "withdrawn"]) | Q(acknowledged_at__isnull=False),
                name="objection_is_acknowledged_before_it_is_ruled",
            ),
            models.CheckConstraint(
                condition=~Q(status="received") | Q(acknowledged_at__isnull=True), name="received_is_not_acknowledged"
            ),
            models.CheckConstraint(
                condition=(_RULED & Q(ruled_at__isnull=False) & ~Q(ruling=""))
                | (~_RULED & Q(ruled_at__isnull=True, ruling="")),
                name="ruled_objection_has_its_ruling",
            ),
            models.UniqueConstraint(
                fields=["notice", "name", "phone"],
                condition=Q(status__in=["received", "acknowledged"]),
                name="one_open_objection_for_each_person",
            ),
        ]
        indexes = [models.Index(fields=["status", "rule_due_on"], name="objections_by_deadline")]

    def __str__(self) -> str:
        return f"{self.notice} {self.get_status_display()}"

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet["Objection"] | None = None,
    ) -> None:
        """Re-read the row; the protected status may be set again because it was dropped first."""
        if fields is None or "status" in fields:
            self.__dict__.pop("status", None)
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)

    @transition(field=status, source=ObjectionStatus.RECEIVED, target=ObjectionStatus.ACKNOWLEDGED)
    def acknowledge(self, *, at: dt.datetime, by_id: int | None) -> None:
        """Take it up."""
        self.acknowledged_at, self.acknowledged_by_id = at, by_id

    @transition(field=status, source=ObjectionStatus.ACKNOWLEDGED, target=ObjectionStatus.UPHELD)
    def uphold(self, *, at: dt.datetime, by_id: int | None, ruling: str) -> None:
        """Find it right: the matter goes back."""
        self.ruled_at, self.ruled_by_id, self.ruling = at, by_id, ruling

    @transition(field=status, source=ObjectionStatus.ACKNOWLEDGED, target=ObjectionStatus.DISMISSED)
    def dismiss(self, *, at: dt.datetime, by_id: int | None, ruling: str) -> None:
        """Find it not right; the ruling says why."""
        self.ruled_at, self.ruled_by_id, self.ruling = at, by_id, ruling

    @transition(
        field=status,
        source=[ObjectionStatus.RECEIVED, ObjectionStatus.ACKNOWLEDGED],
        target=ObjectionStatus.WITHDRAWN,
    )
    def take_back(self) -> None:
        """Let the objector drop it."""
