"""Who issues: the name, code word and objection office on the papers; and how long each kind is posted."""

from typing import Literal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class IssuerProfile(models.Model):
    """How one unit signs its papers. Made with defaults at the unit's first notice; edited by its staff.

    `code_word` stands before 〔2026〕12号 and is the issuer's alone, so a number names one paper.
    """

    unit = models.OneToOneField("community.Unit", models.PROTECT, related_name="issuer_profile")
    full_name = models.CharField(_("全称"), max_length=120)
    code_word = models.CharField(_("发文代字"), max_length=40, unique=True)
    letterhead = models.CharField(_("红头"), max_length=80, blank=True)
    committee_term = models.CharField(_("业主委员会届别"), max_length=40, blank=True)
    objection_office = models.CharField(_("异议受理部门"), max_length=120, blank=True)
    objection_phone = models.CharField(_("异议电话"), max_length=40, blank=True)
    objection_address = models.CharField(_("异议地址"), max_length=200, blank=True)
    places = models.JSONField(_("张贴地点"), default=list, blank=True)

    class Meta:
        verbose_name = _("发文单位")
        verbose_name_plural = _("发文单位")
        constraints = [
            models.CheckConstraint(condition=~Q(code_word="") & ~Q(full_name=""), name="issuer_has_its_names"),
        ]

    def __str__(self) -> str:
        return self.full_name


class PeriodMode(models.TextChoices):
    """How days are counted (Civil Code 200-204)."""

    CALENDAR = "calendar", _("自然日")
    WORKING = "working", _("工作日")

    @property
    def counted(self) -> Literal["calendar", "working"]:
        """Return the mode as `core.calendar` names it."""
        return "working" if self is PeriodMode.WORKING else "calendar"


class NoticePeriodProfile(models.Model):
    """A jurisdiction's own posting period of a kind: holds for `unit` and everything under it.

    `key` is a kind, or a kind with a variant ("meeting_notice.owners").
    """

    unit = models.ForeignKey("community.Unit", models.CASCADE, related_name="notice_periods", verbose_name=_("地区"))
    key = models.CharField(_("种类"), max_length=60)
    days = models.PositiveSmallIntegerField(_("天数"))
    mode = models.CharField(_("计算"), max_length=8, choices=PeriodMode.choices, default=PeriodMode.CALENDAR)
    basis = models.CharField(_("依据"), max_length=200)

    class Meta:
        verbose_name = _("公示期设置")
        verbose_name_plural = _("公示期设置")
        constraints = [
            models.UniqueConstraint(fields=["unit", "key"], name="notice_period_is_unique"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=365), name="notice_period_has_days"),
            models.CheckConstraint(condition=~Q(basis=""), name="notice_period_has_a_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.key} {self.days}"
