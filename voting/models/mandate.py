"""Tables of what a vote rests on: a jurisdiction's own rules, the authorisation of a body, motions of several votes."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class RuleOverride(models.Model):
    """A jurisdiction's own form of a rule of the catalogue: holds for `unit` and everything under it.

    `quorum` and `passing` are lists of thresholds in the catalogue's form; null keeps the national ones. `article` is
    what results cite. `convene_days`: within how many days a requisition that reached its share must be followed by the
    call of the meeting. Rows are written by `set_rule` only, which compares them with the law's floor.
    """

    unit = models.ForeignKey("community.Unit", models.PROTECT, related_name="rule_overrides", verbose_name=_("地区"))
    key = models.CharField(_("规则"), max_length=60)
    quorum = models.JSONField(_("参与条件"), null=True, blank=True)
    passing = models.JSONField(_("通过条件"), null=True, blank=True)
    article = models.CharField(_("依据"), max_length=200)
    silence = models.CharField(_("未表决的"), max_length=20, blank=True)
    invalid = models.CharField(_("无效票"), max_length=20, blank=True)
    convene_days = models.PositiveSmallIntegerField(_("召集会议的期限（天）"), null=True, blank=True)

    class Meta:
        verbose_name = _("地方表决规则")
        verbose_name_plural = _("地方表决规则")
        constraints = [
            models.UniqueConstraint(fields=["unit", "key"], name="rule_override_is_unique"),
            models.CheckConstraint(condition=~Q(article=""), name="rule_override_has_an_article"),
            models.CheckConstraint(
                condition=Q(silence__in=["", "none", "follows_majority", "consents"]),
                name="rule_override_silence_is_known",
            ),
            models.CheckConstraint(
                condition=Q(invalid__in=["", "out", "in_base"]), name="rule_override_invalid_is_known"
            ),
            models.CheckConstraint(
                condition=Q(quorum__isnull=False)
                | Q(passing__isnull=False)
                | ~Q(silence="")
                | ~Q(invalid="")
                | Q(convene_days__isnull=False),
                name="rule_override_changes_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.key}"


class Authorisation(models.Model):
    """What the residents' meeting entrusted to the representatives' meeting (Residents' Committees Act art. 28).

    `matter` says for what (`is_general`: for all matters of the residents), `until_on` until when (inclusive),
    `document` which paper, `document_hash` its SHA-256.
    """

    community = models.ForeignKey("community.Unit", models.PROTECT, related_name="authorisations")
    matter = models.CharField(_("授权事项"), max_length=200)
    is_general = models.BooleanField(_("授权全部事项"), default=False)
    given_on = models.DateField(_("授权日期"))
    until_on = models.DateField(_("有效期至"))
    document = models.CharField(_("授权文件"), max_length=200)
    document_hash = models.CharField(max_length=64, blank=True)
    revoked_at = models.DateTimeField(_("撤销"), null=True, blank=True)

    class Meta:
        verbose_name = _("居民会议授权")
        verbose_name_plural = _("居民会议授权")
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("given_on")), name="authorisation_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(matter="") & ~Q(document=""), name="authorisation_says_what_and_where"),
        ]
        indexes = [models.Index(fields=["community", "until_on"], name="authorisations_in_force")]

    def __str__(self) -> str:
        return self.matter


class Motion(models.Model):
    """One matter that several ballots must all pass, each with its own rule and electorate."""

    community = models.ForeignKey("community.Unit", models.PROTECT, related_name="motions", verbose_name=_("单位"))
    title = models.CharField(_("标题"), max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("须多项表决的事项")
        verbose_name_plural = _("须多项表决的事项")

    def __str__(self) -> str:
        return self.title
