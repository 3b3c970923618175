"""Motions, amendments, and counts entered from a sheet (hands, paper, consent)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meetings.models.attendance import Attendance
from meetings.models.meeting import AgendaItem, Meeting


class MotionStatus(models.TextChoices):
    """Where a motion or an amendment stands."""

    WAITING = "waiting", _("待议")
    PROPOSED = "proposed", _("待附议")
    SECONDED = "seconded", _("已附议")
    ADOPTED = "adopted", _("通过")
    REJECTED = "rejected", _("未通过")
    WITHDRAWN = "withdrawn", pgettext_lazy("status", "撤回")
    SPLIT = "split", _("已拆分")
    FALLEN = "fallen", _("未获附议")
    MOOT = "moot", _("原句已改，不再表决")


LIVE = ("proposed", "seconded")


class Motion(models.Model):
    """A concrete proposal before the meeting. `text` is as it stands now, adopted amendments merged in."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="motions")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="motions")
    text = models.TextField(_("动议"))
    original_text = models.TextField(_("原文"))
    mover = models.ForeignKey(Attendance, models.PROTECT, null=True, blank=True, related_name="motions_moved")
    seconder = models.ForeignKey(Attendance, models.PROTECT, null=True, blank=True, related_name="motions_seconded")
    split_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    status = models.CharField(_("状态"), max_length=10, choices=MotionStatus.choices, default=MotionStatus.PROPOSED)
    proposed_at = models.DateTimeField(_("提出"))
    decided_at = models.DateTimeField(_("决定"), null=True, blank=True)

    class Meta:
        verbose_name = _("动议")
        verbose_name_plural = _("动议")
        ordering = ["meeting", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting"], condition=Q(status__in=LIVE), name="one_motion_at_a_time"),
            models.CheckConstraint(
                condition=Q(seconder__isnull=True) | Q(mover__isnull=True) | ~Q(seconder=F("mover")),
                name="nobody_seconds_their_own_motion",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["adopted", "rejected", "withdrawn", "split", "fallen"], decided_at__isnull=False
                )
                | Q(status__in=["waiting", "proposed", "seconded"], decided_at__isnull=True),
                name="decided_motion_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Amendment(models.Model):
    """A change of a motion: one passage replaced by another ("" strikes it)."""

    motion = models.ForeignKey(Motion, models.PROTECT, related_name="amendments")
    position = models.PositiveSmallIntegerField(_("表决次序"))
    passage = models.TextField(_("原句"))
    replacement = models.TextField(_("改为"), blank=True)
    mover = models.ForeignKey(Attendance, models.PROTECT, null=True, blank=True, related_name="amendments_moved")
    seconder = models.ForeignKey(Attendance, models.PROTECT, null=True, blank=True, related_name="amendments_seconded")
    status = models.CharField(_("状态"), max_length=10, choices=MotionStatus.choices, default=MotionStatus.PROPOSED)
    text_after = models.TextField(_("修改后的动议"), blank=True)
    proposed_at = models.DateTimeField(_("提出"))
    decided_at = models.DateTimeField(_("决定"), null=True, blank=True)

    class Meta:
        verbose_name = _("修正案")
        verbose_name_plural = _("修正案")
        ordering = ["motion", "position"]
        constraints = [
            models.UniqueConstraint(fields=["motion", "position"], name="amendment_position_is_unique"),
            models.CheckConstraint(
                condition=Q(seconder__isnull=True) | Q(mover__isnull=True) | ~Q(seconder=F("mover")),
                name="nobody_seconds_their_own_amendment",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["adopted", "rejected", "withdrawn", "fallen", "moot"], decided_at__isnull=False)
                | Q(status__in=["proposed", "seconded"], decided_at__isnull=True),
                name="decided_amendment_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.passage[:20]} → {self.replacement[:20]}"


class CountMethod(models.TextChoices):
    """How a count that is entered by hand was taken."""

    HAND = "hand", _("举手表决")
    PAPER = "paper", _("纸质计票")
    CONSENT = "consent", _("无异议通过")


class SheetCount(models.Model):
    """A count taken in the room and entered from a sheet; heads only. Never more votes than present and represented."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="counts")
    motion = models.ForeignKey(Motion, models.PROTECT, null=True, blank=True, related_name="counts")
    amendment = models.ForeignKey(Amendment, models.PROTECT, null=True, blank=True, related_name="counts")
    method = models.CharField(_("方式"), max_length=8, choices=CountMethod.choices)
    for_count = models.PositiveIntegerField(_("同意"))
    against_count = models.PositiveIntegerField(_("反对"))
    abstain_count = models.PositiveIntegerField(_("弃权"))
    present_count = models.PositiveIntegerField(_("实到"))
    represented_count = models.PositiveIntegerField(_("委托代表"), default=0)
    due_count = models.PositiveIntegerField(_("应到"))
    outcome = models.CharField(_("结论"), max_length=12)
    sentence = models.TextField(_("说明"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("现场计数")
        verbose_name_plural = _("现场计数")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    present_count__gte=F("for_count") + F("against_count") + F("abstain_count") - F("represented_count")
                ),
                name="no_more_votes_than_present",
            ),
            models.CheckConstraint(
                condition=Q(due_count__gte=F("present_count") + F("represented_count")),
                name="no_more_present_than_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.for_count}/{self.against_count}/{self.abstain_count}"
