"""The papers of a proposal: which notice serves it, and as what."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deliberation.models.proposal import Proposal


class Purpose(models.TextChoices):
    """What a notice does for a proposal."""

    REGISTRATION = "registration", _("提议登记表")
    LETTER = "letter", _("答复提案人的通知书")
    TOPIC = "topic", _("议题公示")
    SESSION = "session", _("协商会通知")
    PLAN = "plan", _("方案公示")
    LEGALITY = "legality", _("合法性审查意见书")
    PARTY_STUDY = "party_study", _("党组织研究记录")
    ROLL = "roll", _("名册公示")
    VOTE = "vote", _("表决公告")
    PROCEDURE = "procedure", _("表决办法")
    PROXY_FORM = "proxy_form", _("授权委托书")
    COUNT_SHEET = "count_sheet", _("计票单")
    PRELIMINARY = "preliminary", _("表决初步结果公告")
    RESULT = "result", _("表决结果公示")
    NOT_QUORATE = "not_quorate", _("表决未达法定人数的公告")
    RESOLUTION = "resolution", pgettext_lazy("document", "决议")
    RESPONSIBILITY = "responsibility", _("责任清单")
    FOLLOW_UP = "follow_up", _("督办单")
    IMPLEMENTATION = "implementation", _("实施情况公示")
    RATING_FORM = "rating_form", _("评议表")
    EVALUATION = "evaluation", _("评议报告")
    RECTIFICATION = "rectification", _("整改通知书")
    ARCHIVE = "archive", _("归档目录")


class NoticeLink(models.Model):
    """A notice that serves a proposal, and as what; one topic list serves several proposals.

    The latest link of a purpose is the one that counts. `plan` ties a posting to the version it posted, `electorates`
    a posted roll to those whose roll it is.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="notice_links")
    notice = models.ForeignKey("publish.Notice", models.PROTECT, related_name="+")
    purpose = models.CharField(_("用途"), max_length=16, choices=Purpose.choices)
    plan = models.ForeignKey("deliberation.Plan", models.PROTECT, null=True, blank=True, related_name="notice_links")
    electorates = models.CharField(_("表决人"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("公示关联")
        verbose_name_plural = _("公示关联")
        ordering = ["proposal", "id"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "notice"], name="notice_serves_a_proposal_once"),
        ]
        indexes = [models.Index(fields=["proposal", "purpose", "-id"], name="notice_links_by_purpose")]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.purpose}"


class PostedRoll(models.Model):
    """A roll as it was posted, with full names: what the roll drawn for the vote is compared with. Never public.

    `lines` holds [electorate, key, name, place, heads, area in 0.01 m2, guardian] (voting.entries).
    """

    link = models.OneToOneField(NoticeLink, models.CASCADE, related_name="posted_roll")
    lines = models.JSONField(_("名册"))

    class Meta:
        verbose_name = _("公示的名册")
        verbose_name_plural = _("公示的名册")

    def __str__(self) -> str:
        return f"{self.link}"
