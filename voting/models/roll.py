"""Table of what changed on a roll between its publication and the opening of the ballot."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Ballot


class ChangeKind(models.TextChoices):
    """What happened to an entry."""

    ADDED = "added", _("增加")
    REMOVED = "removed", _("去除")
    CORRECTED = "corrected", _("更正")


class RollChange(models.Model):
    """One entry put on a draft's roll, taken off it, or corrected, and why; the entry as it was (removed) or is.

    `objection` is the objection to the published roll whose ruling asks for it, null where nobody objected.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="roll_changes")
    kind = models.CharField(_("变更"), max_length=9, choices=ChangeKind.choices)
    name = models.CharField(_("姓名"), max_length=100)
    place = models.CharField(_("房号"), max_length=100, blank=True)
    heads = models.PositiveIntegerField(_("人数"))
    area = models.PositiveBigIntegerField(_("面积"))
    reason = models.CharField(_("理由"), max_length=300)
    objection = models.ForeignKey(
        "publish.Objection", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("异议")
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("名册变更")
        verbose_name_plural = _("名册变更")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="roll_change_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
