"""Plans in versions, their money, and the party organisation's study. Money is integer fen."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliberation.models.proposal import Proposal


class Plan(models.Model):
    """Version N of the plan. Its words are frozen: a change is a new version. `content_hash` is over text and money."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="plans")
    number = models.PositiveSmallIntegerField(_("版本"))
    text = models.TextField(_("方案"))
    funds = models.CharField(_("资金来源"), max_length=200, blank=True)
    sharing = models.CharField(_("分摊办法"), max_length=200, blank=True)
    schedule = models.CharField(_("工期"), max_length=200, blank=True)
    no_cost = models.BooleanField(_("不需要资金"), default=False)
    content_hash = models.CharField(_("摘要"), max_length=64)
    drafted_at = models.DateTimeField(_("拟定时间"))
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    is_lawful = models.BooleanField(_("合法性审查通过"), null=True)
    legality_opinion = models.TextField(_("合法性审查意见"), blank=True)
    legality_reviewer = models.CharField(_("审查人"), max_length=100, blank=True)
    legality_reviewed_at = models.DateTimeField(_("审查时间"), null=True, blank=True)
    legality_reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("方案")
        verbose_name_plural = _("方案")
        ordering = ["proposal", "number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="plan_version_is_unique"),
            models.CheckConstraint(condition=Q(number__gte=1) & ~Q(text=""), name="plan_has_its_text"),
            models.CheckConstraint(
                condition=Q(
                    legality_reviewed_at__isnull=True, legality_reviewed_by__isnull=True, is_lawful__isnull=True
                )
                | (
                    Q(legality_reviewed_at__isnull=False, legality_reviewed_by__isnull=False, is_lawful__isnull=False)
                    & ~Q(legality_opinion="")
                ),
                name="legality_review_says_who_and_what",
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"

    @property
    def party_review(self) -> "PartyReview | None":
        """Return the last study of this version: the one that holds."""
        return max(self.party_reviews.all(), key=lambda review: review.pk, default=None)


class BudgetLine(models.Model):
    """One line of a plan's budget, in fen."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="budget_lines")
    position = models.PositiveSmallIntegerField()
    item = models.CharField(_("项目"), max_length=200)
    amount_fen = models.PositiveBigIntegerField(_("金额（分）"))
    source = models.CharField(_("来源"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("预算")
        verbose_name_plural = _("预算")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="budget_position_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.amount_fen}"


class PartyReview(models.Model):
    """A study of one version of the plan by the party organisation (Residents' Committees Act art. 30).

    A later study of the same version takes the place of the earlier, which stays on record.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="party_reviews")
    held_on = models.DateField(_("研究日期"))
    due = models.PositiveSmallIntegerField(_("应到"))
    present = models.PositiveSmallIntegerField(_("实到"))
    agrees = models.BooleanField(_("同意"))
    conclusion = models.TextField(_("研究意见"))
    recorded_at = models.DateTimeField(_("记录时间"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("党组织研究记录")
        verbose_name_plural = _("党组织研究记录")
        constraints = [
            models.CheckConstraint(
                condition=Q(due__gte=1, present__lte=models.F("due")) & ~Q(conclusion=""),
                name="party_review_has_its_numbers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.held_on}"


class PartyStepKind(models.TextChoices):
    """The party steps of 四议两公开 that come before the vote."""

    BRANCH = "branch_proposes", _("党组织提议")
    COMMITTEES = "committees_consult", _("两委会商议")
    MEMBERS = "members_review", _("党员大会审议")


class PartyStep(models.Model):
    """One party step of a matter that goes through 四议两公开, as it was held; the last of a kind holds.

    `plan` is the version that lay before them, `agreed` the members in favour, `passed` whether that is enough.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="party_steps")
    kind = models.CharField(_("步骤"), max_length=20, choices=PartyStepKind.choices)
    held_on = models.DateField(_("日期"))
    due = models.PositiveSmallIntegerField(_("应到"))
    present = models.PositiveSmallIntegerField(_("实到"))
    agreed = models.PositiveSmallIntegerField(_("同意人数"))
    passed = models.BooleanField(_("通过"))
    conclusion = models.TextField(_("意见"))
    recorded_at = models.DateTimeField(_("记录时间"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("四议两公开步骤")
        verbose_name_plural = _("四议两公开步骤")
        ordering = ["plan", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due__gte=1, present__lte=models.F("due"), agreed__lte=models.F("present"))
                & ~Q(conclusion=""),
                name="party_step_has_its_numbers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.get_kind_display()}"
