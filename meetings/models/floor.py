"""Raised hands, speeches, and what the chair changed about them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings import speaking
from meetings.models.attendance import Attendance
from meetings.models.meeting import AgendaItem, Meeting


class Stance(models.TextChoices):
    """For what somebody asks for the floor."""

    FOR = speaking.FOR, _("赞成")
    AGAINST = speaking.AGAINST, _("反对")
    NEUTRAL = speaking.NEUTRAL, _("中立")
    POINT_OF_ORDER = speaking.POINT_OF_ORDER, _("程序问题")


class Speech(models.Model):
    """A raised hand, and the speech it became. `limit_seconds` grows by each extension; `extensions` counts them.

    `rank` is the place the chair has given by hand, null when the rule decides.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="speeches")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="speeches")
    motion = models.ForeignKey("meetings.Motion", models.PROTECT, null=True, blank=True, related_name="speeches")
    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="speeches")
    stance = models.CharField(_("立场"), max_length=16, choices=Stance.choices)
    asked_at = models.DateTimeField(_("举手"))
    started_at = models.DateTimeField(_("开始"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("放下"), null=True, blank=True)
    limit_seconds = models.PositiveSmallIntegerField(_("时限（秒）"), default=speaking.LIMIT_SECONDS)
    extensions = models.PositiveSmallIntegerField(_("延长次数"), default=0)
    rank = models.PositiveSmallIntegerField(_("主持人调整的次序"), null=True, blank=True)
    gist = models.TextField(_("发言要点"), blank=True)

    class Meta:
        verbose_name = _("发言")
        verbose_name_plural = _("发言")
        ordering = ["meeting", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(started_at__isnull=False, ended_at__isnull=True),
                name="one_speaker_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["attendance"],
                condition=Q(started_at__isnull=True, withdrawn_at__isnull=True),
                name="one_raised_hand_each",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="speech_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(started_at__isnull=True) | Q(withdrawn_at__isnull=True), name="withdrawn_hand_did_not_speak"
            ),
        ]
        indexes = [models.Index(fields=["item", "motion", "attendance"], name="speeches_on_motion")]

    def __str__(self) -> str:
        return f"{self.attendance_id} {self.stance}"


class FloorChangeKind(models.TextChoices):
    """What the chair changed."""

    EXTENDED = "extended", _("延长发言时间")
    MOVED = "moved", _("调整发言次序")
    CALLED = "called", _("提前请其发言")


class FloorChange(models.Model):
    """One change of the chair to the time or the order of speaking, with its reason; it stands in the minutes."""

    speech = models.ForeignKey(Speech, models.PROTECT, related_name="changes")
    kind = models.CharField(_("变动"), max_length=8, choices=FloorChangeKind.choices)
    seconds = models.PositiveSmallIntegerField(_("延长（秒）"), default=0)
    reason = models.CharField(_("理由"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("发言变动")
        verbose_name_plural = _("发言变动")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="floor_change_says_why"),
            models.CheckConstraint(
                condition=Q(kind="extended", seconds__gt=0) | (~Q(kind="extended") & Q(seconds=0)),
                name="only_an_extension_has_seconds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.speech_id} {self.kind}"
