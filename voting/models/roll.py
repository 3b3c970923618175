"""Tables of a roll: who may vote with which weight, and what changed on it before it was frozen.

Weights: `heads` in persons, `area` in units of 0.01 m2, always integers.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Ballot


class Voter(models.Model):
    """One entry of a ballot's roll. `code_hash` is the keyed hash of the printed voting code.

    `guardian_name` votes for an owner who is a minor or incapable, with the account `guardian` where there is one.
    `household` is whose entry it is where households vote, whoever speaks for it.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="voters")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="voters")
    owner = models.ForeignKey("community.Owner", models.SET_NULL, null=True, blank=True, related_name="voters")
    household = models.ForeignKey("community.Household", models.SET_NULL, null=True, blank=True, related_name="voters")
    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="wards")
    guardian_name = models.CharField(_("监护人"), max_length=50, blank=True)
    name = models.CharField(_("姓名"), max_length=100)
    place = models.CharField(_("房号"), max_length=100, blank=True)
    heads = models.PositiveIntegerField(_("人数"), default=1)
    area = models.PositiveBigIntegerField(_("面积"), default=0)
    present = models.BooleanField(_("到会"), default=False)
    code_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = _("表决人")
        verbose_name_plural = _("表决人")
        constraints = [
            models.UniqueConstraint(fields=["ballot", "user"], name="user_stands_once_on_a_roll"),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True) | (~Q(guardian_name="") & Q(user__isnull=True)),
                name="ward_votes_through_the_guardian",
            ),
        ]
        indexes = [models.Index(fields=["ballot", "id"], name="voters_of_ballot")]

    def __str__(self) -> str:
        return self.name


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
