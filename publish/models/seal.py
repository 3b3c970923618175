"""Pictures of an issuer's electronic seal: uploaded by its leaders, never made by the program."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SealImage(models.Model):
    """One picture of a seal. The one that is not retired is laid over the sign-off space when a leader seals a notice.

    `file` is a PNG named by its own SHA-256; `width_mm` is how wide it is printed.
    """

    issuer = models.ForeignKey("community.Unit", models.PROTECT, related_name="seal_images")
    file = models.FileField(max_length=200)
    file_hash = models.CharField(_("文件摘要"), max_length=64)
    width_mm = models.PositiveSmallIntegerField(_("宽度（毫米）"))
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(_("停用时间"), null=True)
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("电子印章")
        verbose_name_plural = _("电子印章")
        constraints = [
            models.UniqueConstraint(fields=["issuer"], condition=Q(retired_at__isnull=True), name="one_seal_in_use"),
            models.CheckConstraint(condition=Q(width_mm__gte=30, width_mm__lte=60), name="seal_has_a_seals_width"),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, retired_by__isnull=True)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
                name="seal_is_retired_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.file_hash[:8]}"
