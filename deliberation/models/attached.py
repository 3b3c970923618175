"""What hangs on a proposal: its photos, the appeal against its rejection."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliberation.models.proposal import Proposal


class Photo(models.Model):
    """A picture of the matter, re-encoded and without EXIF (core.photos)."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="photos")
    path = models.CharField(_("文件"), max_length=200)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("照片")
        verbose_name_plural = _("照片")
        ordering = ["proposal", "position"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "position"], name="photo_position_is_unique"),
            models.CheckConstraint(condition=Q(position__lt=9), name="at_most_nine_photos"),
        ]

    def __str__(self) -> str:
        return self.path


class Appeal(models.Model):
    """An objection to a rejection, within 10 working days. Upheld, the matter goes on as a new proposal."""

    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="appeal")
    text = models.TextField(_("申诉理由"))
    filed_at = models.DateTimeField(_("申诉时间"))
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    upheld = models.BooleanField(_("申诉成立"), null=True)
    decision = models.TextField(_("答复"), blank=True)
    decided_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("申诉")
        verbose_name_plural = _("申诉")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, upheld__isnull=True, decision="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False, upheld__isnull=False) & ~Q(decision="")),
                name="decided_appeal_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id}"
