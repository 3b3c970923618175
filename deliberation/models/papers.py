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
    RESULT = "result", _("表决结果公示")
    RESOLUTION = "resolution", pgettext_lazy("document", "决议")
    RESPONSIBILITY = "responsibility", _("责任清单")
    FOLLOW_UP = "follow_up", _("督办单")
    IMPLEMENTATION = "implementation", _("实施情况公示")
    EVALUATION = "evaluation", _("评议报告")
    RECTIFICATION = "rectification", _("整改通知书")
    ARCHIVE = "archive", _("归档目录")


class NoticeLink(models.Model):
    """A notice that serves a proposal, and as what; one topic list serves several proposals.

    The latest link of a purpose is the one that counts. `plan` ties a posting to the version it posted.
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="notice_links")
    notice = models.ForeignKey("publish.Notice", models.PROTECT, related_name="+")
    purpose = models.CharField(_("用途"), max_length=16, choices=Purpose.choices)
    plan = models.ForeignKey("deliberation.Plan", models.PROTECT, null=True, blank=True, related_name="notice_links")

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
