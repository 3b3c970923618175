"""Papers of an agenda item: what the participants read before they decide."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.models.meeting import AgendaItem


class PaperKind(models.TextChoices):
    """What a paper is."""

    PDF = "pdf", _("PDF 文件")
    PHOTO = "photo", _("图片")


class AgendaPaper(models.Model):
    """One paper of one agenda item: a PDF as it came, or a picture written anew without its metadata.

    `file` is its name in the default storage, `size` in bytes. A paper that was taken back keeps its row.
    """

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="papers")
    title = models.CharField(_("材料名称"), max_length=100)
    kind = models.CharField(_("类别"), max_length=5, choices=PaperKind.choices)
    file = models.CharField(max_length=200)
    size = models.PositiveIntegerField(_("大小（字节）"))
    digest = models.CharField(max_length=64)
    added_at = models.DateTimeField(_("发出"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("撤下"), null=True, blank=True)

    class Meta:
        verbose_name = _("会议材料")
        verbose_name_plural = _("会议材料")
        ordering = ["item", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "title"], condition=Q(withdrawn_at__isnull=True), name="paper_is_listed_once"
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(file=""), name="paper_has_title_and_file"),
        ]

    def __str__(self) -> str:
        return self.title
