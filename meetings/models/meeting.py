"""The meeting, its agenda, and which ballots were opened from it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings import phases
from meetings.kinds import CHOICES, KINDS, MeetingKind


class Phase(models.TextChoices):
    """The words for the phases of meetings/phases.py."""

    DRAFT = phases.DRAFT, _("草拟")
    CONVENED = phases.CONVENED, _("已通知")
    OPEN = phases.OPEN, _("进行中")
    SUSPENDED = phases.SUSPENDED, _("休会")
    CLOSED = phases.CLOSED, _("已结束")
    MINUTED = phases.MINUTED, _("纪要已签")
    CANCELLED = phases.CANCELLED, _("已取消")


class Meeting(models.Model):
    """One meeting of one community. `phase` moves only along `meetings.phases.MOVES`, by an operation.

    `rule` is what its ballots are decided by (a key of the catalogue or an object of the same form). `version` rises
    with every change a screen shows. `chair` is who presides now; `convener` called it; `recorder` writes the minutes.
    """

    community = models.ForeignKey("community.Unit", models.PROTECT, related_name="meetings", verbose_name=_("社区"))
    kind = models.CharField(_("会议类别"), max_length=24, choices=CHOICES)
    title = models.CharField(_("名称"), max_length=200)
    place = models.CharField(_("地点"), max_length=200)
    starts_at = models.DateTimeField(_("开始时间"))
    convener = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("召集人"))
    chair = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="meetings_chaired", verbose_name=_("主持人")
    )
    recorder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("记录人")
    )
    phase = models.CharField(_("阶段"), max_length=10, choices=Phase.choices, default=Phase.DRAFT)
    rule = models.JSONField(_("表决规则"))
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    urgent_reason = models.TextField(_("紧急召开的理由"), blank=True)
    version = models.PositiveBigIntegerField(default=0)
    convened_at = models.DateTimeField(_("通知时间"), null=True, blank=True)
    opened_at = models.DateTimeField(_("开会时间"), null=True, blank=True)
    resumes_at = models.DateTimeField(_("续会时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("散会时间"), null=True, blank=True)
    quorum_sentence = models.CharField(_("法定人数"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("会议")
        verbose_name_plural = _("会议")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="meeting_phase_is_known"),
            models.CheckConstraint(
                condition=Q(phase__in=["draft", "convened", "cancelled"], opened_at__isnull=True)
                | Q(phase__in=["open", "suspended", "closed", "minuted"], opened_at__isnull=False),
                name="meeting_is_opened_exactly_once",
            ),
            models.CheckConstraint(
                condition=Q(phase__in=["closed", "minuted"], closed_at__isnull=False)
                | (~Q(phase__in=["closed", "minuted"]) & Q(closed_at__isnull=True)),
                name="closed_meeting_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(phase__in=["draft", "cancelled"]) | Q(convened_at__isnull=False),
                name="convened_meeting_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(resumes_at__isnull=True) | Q(phase="suspended"), name="only_a_suspended_meeting_resumes"
            ),
        ]
        indexes = [
            models.Index(fields=["community", "phase", "starts_at"], name="meetings_of_community"),
            models.Index(fields=["subject_type", "subject_id"], name="meetings_by_subject"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def template(self) -> MeetingKind:
        """Return what the law asks of this kind of meeting."""
        return KINDS[self.kind]


class AgendaStatus(models.TextChoices):
    """Where an agenda item stands."""

    AHEAD = "ahead", _("未议")
    CURRENT = "current", _("正在议")
    DONE = "done", _("已议")
    SKIPPED = "skipped", _("未议及")


class AgendaItem(models.Model):
    """One matter on the agenda. `subject_type`, `subject_id` say what it is about; `ballot` is the one that decides."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="agenda")
    position = models.PositiveSmallIntegerField(_("次序"))
    title = models.CharField(_("议程"), max_length=300)
    motion_text = models.TextField(_("拟议内容"), blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    ballot = models.ForeignKey(
        "voting.Ballot", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("表决")
    )
    status = models.CharField(_("状态"), max_length=8, choices=AgendaStatus.choices, default=AgendaStatus.AHEAD)
    decision = models.TextField(_("议定"), blank=True)
    dissent = models.TextField(_("不同意见"), blank=True)
    started_at = models.DateTimeField(_("开始"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束"), null=True, blank=True)

    class Meta:
        verbose_name = _("议程")
        verbose_name_plural = _("议程")
        ordering = ["meeting", "position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="agenda_position_is_unique"),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(status="current"), name="one_agenda_item_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="agenda_item_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AgendaBallot(models.Model):
    """A ballot opened from an agenda item, perhaps on one motion or one amendment.

    In a roll call the recorder calls the names and notes the answers; phones may answer too.
    """

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="ballots")
    ballot = models.OneToOneField("voting.Ballot", models.PROTECT, related_name="on_agenda")
    motion = models.ForeignKey("meetings.Motion", models.PROTECT, null=True, blank=True, related_name="ballots")
    amendment = models.ForeignKey("meetings.Amendment", models.PROTECT, null=True, blank=True, related_name="ballots")
    present_heads = models.PositiveIntegerField(_("实到"), default=0)
    represented_heads = models.PositiveIntegerField(_("委托代表"), default=0)
    due_heads = models.PositiveIntegerField(_("应到"), default=0)
    settled_at = models.DateTimeField(_("结论已转入议程"), null=True, blank=True)
    is_roll_call = models.BooleanField(_("唱名表决"), default=False)

    class Meta:
        verbose_name = _("会上表决")
        verbose_name_plural = _("会上表决")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.ballot_id}"

    @property
    def question(self) -> str:
        """Return what is asked: the one item of the ballot, the title of a ballot of several. Reads its items."""
        items = list(self.ballot.items.all())
        return items[0].title if len(items) == 1 else self.ballot.title


class ItemRecusal(models.Model):
    """Somebody who steps aside for one agenda item: not counted present for it; the total stays."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="recusals")
    attendance = models.ForeignKey("meetings.Attendance", models.PROTECT, related_name="recusals")
    reason = models.TextField(_("事由"))

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")
        constraints = [
            models.UniqueConstraint(fields=["item", "attendance"], name="item_recusal_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.attendance_id}"
