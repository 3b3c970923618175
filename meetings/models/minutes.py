"""Minutes: drafted from the record, edited, objected to, signed by two, frozen."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.models.attendance import Attendance
from meetings.models.meeting import Meeting


class Minutes(models.Model):
    """The minutes of one meeting. `facts` is the record they were drafted from; `text` is the wording.

    Frozen once chair and recorder have signed: `content_hash` is the hash of facts and text.
    """

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes")
    facts = models.JSONField(_("记录"))
    text = models.TextField(_("正文"))
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    frozen_at = models.DateTimeField(_("定稿"), null=True, blank=True)
    content_hash = models.CharField(_("摘要"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("会议纪要")
        verbose_name_plural = _("会议纪要")
        constraints = [
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, content_hash="")
                | (Q(frozen_at__isnull=False) & ~Q(content_hash="")),
                name="frozen_minutes_carry_their_hash",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} v{self.version}"


class MinutesVersion(models.Model):
    """One wording of the minutes, kept."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("版本"))
    text = models.TextField(_("正文"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(_("修改说明"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("纪要版本")
        verbose_name_plural = _("纪要版本")
        ordering = ["minutes", "number"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="minutes_version_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_id} v{self.number}"


class MinutesObjection(models.Model):
    """What somebody who was there says is wrong with the minutes, and the answer."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="objections")
    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="objections")
    text = models.TextField(_("异议"))
    at = models.DateTimeField(_("时间"))
    answer = models.TextField(_("答复"), blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("对纪要的异议")
        verbose_name_plural = _("对纪要的异议")
        ordering = ["minutes", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="answered_objection_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class SignerRole(models.TextChoices):
    """As what somebody signs the minutes."""

    CHAIR = "chair", _("主持人")
    RECORDER = "recorder", _("记录人")


class MinutesSignature(models.Model):
    """One signature under one wording. Two different people sign: chair and recorder."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="signatures")
    role = models.CharField(_("身份"), max_length=8, choices=SignerRole.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text_hash = models.CharField(_("所签正文摘要"), max_length=64)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("纪要签字")
        verbose_name_plural = _("纪要签字")
        ordering = ["minutes", "id"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "role"], name="one_signature_for_each_role"),
            models.UniqueConstraint(fields=["minutes", "user"], name="nobody_signs_twice"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_id} {self.role}"
