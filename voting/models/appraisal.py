"""Table of the yearly appraisal of committee members."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Item


class Mark(models.TextChoices):
    """How a member was appraised."""

    COMPETENT = "competent", _("称职")
    FAIR = "fair", _("基本称职")
    INCOMPETENT = "incompetent", _("不称职")


class Appraisal(models.Model):
    """One member of the residents' committee put to the yearly appraisal, and the mark once it is certified.

    `mark` stays empty where too few took part. `ended_term`: twice running 不称职, the office ended (Residents'
    Committees Act 37).
    """

    item = models.OneToOneField(Item, models.PROTECT, related_name="appraisal")
    term = models.ForeignKey("community.Term", models.PROTECT, related_name="appraisals", verbose_name=_("任职"))
    year = models.PositiveSmallIntegerField(_("年度"))
    mark = models.CharField(_("评议结果"), max_length=12, choices=Mark.choices, blank=True)
    ended_term = models.BooleanField(_("职务终止"), default=False)

    class Meta:
        verbose_name = _("年度评议")
        verbose_name_plural = _("年度评议")
        constraints = [
            models.UniqueConstraint(fields=["term", "year"], condition=~Q(mark=""), name="one_mark_a_term_and_year"),
            models.CheckConstraint(
                condition=Q(ended_term=False) | Q(mark="incompetent"), name="only_the_incompetent_lose_office"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term} {self.year}"
