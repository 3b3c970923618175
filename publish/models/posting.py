"""Proof of posting: where a notice hangs, photographed at the start and at the end."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from publish.models.notice import Notice


class Posting(models.Model):
    """A notice at one place. `missing_days` are days it did not hang there; they are added to the period."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="postings")
    place = models.CharField(_("张贴地点"), max_length=200)
    damaged_on = models.DateField(_("损毁日期"), null=True, blank=True)
    damage = models.CharField(_("损毁情况"), max_length=300, blank=True)
    missing_days = models.PositiveSmallIntegerField(_("缺失天数"), default=0)

    class Meta:
        verbose_name = _("张贴")
        verbose_name_plural = _("张贴")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "place"], name="posting_place_is_unique"),
            models.CheckConstraint(condition=~Q(place=""), name="posting_has_a_place"),
            models.CheckConstraint(
                condition=Q(damaged_on__isnull=True, damage="") | (Q(damaged_on__isnull=False) & ~Q(damage="")),
                name="damage_is_described",
            ),
        ]

    def __str__(self) -> str:
        return self.place


class EvidenceMoment(models.TextChoices):
    """When the photo was taken."""

    START = "start", _("张贴时")
    REPOST = "repost", _("重新张贴时")
    END = "end", _("期满时")


class EvidenceView(models.TextChoices):
    """What the photo shows."""

    CLOSE_UP = "close_up", _("近景")
    WIDE = "wide", _("远景")


class EvidencePhoto(models.Model):
    """One photo of a posting: who took it and when. Stored without EXIF, bounded in size."""

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="photos")
    moment = models.CharField(_("时点"), max_length=8, choices=EvidenceMoment.choices)
    view = models.CharField(_("景别"), max_length=10, choices=EvidenceView.choices)
    photo = models.FileField(_("照片"), max_length=200)
    photo_hash = models.CharField(max_length=64)
    taken_at = models.DateTimeField(_("拍摄时间"))
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("张贴凭证")
        verbose_name_plural = _("张贴凭证")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(photo="") & ~Q(photo_hash=""), name="evidence_has_its_photo"),
            models.CheckConstraint(condition=Q(taken_at__lte=F("uploaded_at")), name="evidence_is_taken_before_upload"),
        ]

    def __str__(self) -> str:
        return f"{self.posting} {self.moment} {self.view}"
