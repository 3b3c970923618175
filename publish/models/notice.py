"""Notices: frozen facts, and once posted a number, a period and a file."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from publish.models.issuer import PeriodMode
from publish.models.numbering import Family


class NoticeStatus(models.TextChoices):
    """The life of a notice."""

    PREPARING = "preparing", _("排版中")
    FAILED = "failed", _("未能发布")
    POSTED = "posted", _("公示中")
    ENDED = "ended", _("公示期满")
    SUPERSEDED = "superseded", _("已被替代")
    WITHDRAWN = "withdrawn", _("已撤回")


UNPUBLISHED = (NoticeStatus.PREPARING, NoticeStatus.FAILED)
IN_FORCE = (NoticeStatus.POSTED, NoticeStatus.ENDED)

_NOTHING_PUBLISHED = Q(
    number="",
    number_year__isnull=True,
    number_serial__isnull=True,
    posted_on__isnull=True,
    posted_at__isnull=True,
    ends_on__isnull=True,
    file="",
    file_hash="",
    content_hash="",
    paper__isnull=True,
)
_ALL_PUBLISHED = (
    ~Q(number="")
    & Q(
        number_year__isnull=False,
        number_serial__isnull=False,
        posted_on__isnull=False,
        posted_at__isnull=False,
        ends_on__isnull=False,
        paper__isnull=False,
    )
    & ~Q(file="")
    & ~Q(file_hash="")
    & ~Q(content_hash="")
)


class Notice(models.Model):
    """One paper issued by one unit.

    `facts` are frozen when it is issued. At publication `paper` freezes everything the typesetter was given
    (facts, number, issuer, dates, verification address); `content_hash` is the SHA-256 of `paper` without that
    address, `file_hash` the SHA-256 of the PDF. `days` is the period in `mode` days, 0 when it is posted without
    one; `extra_days` were added because a posting was damaged. The period ends at 24:00 of `ends_on`.
    `follower` is what was issued after it in the same matter and is to be read in its stead; unlike one that was
    superseded, a followed notice stays in force, so that its objections can be brought until the day printed on it.
    `subject_type` and `subject_id` say what the notice is about; publish never follows them.
    """

    kind = models.CharField(_("种类"), max_length=40)
    family = models.CharField(_("编号类别"), max_length=10, choices=Family.choices)
    title = models.CharField(_("标题"), max_length=200)
    issuer = models.ForeignKey("community.Unit", models.PROTECT, related_name="notices", verbose_name=_("发文单位"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("签发人")
    )
    issued_at = models.DateTimeField(_("签发时间"))
    created_at = models.DateTimeField(_("录入时间"))
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("收件人")
    )
    is_public = models.BooleanField(_("公开"), default=True)
    facts = models.JSONField(_("内容"))
    paper = models.JSONField(_("定稿"), null=True)
    days = models.PositiveSmallIntegerField(_("公示天数"), default=0)
    mode = models.CharField(_("计算"), max_length=8, choices=PeriodMode.choices, default=PeriodMode.CALENDAR)
    extra_days = models.PositiveSmallIntegerField(_("补足天数"), default=0)
    number = models.CharField(_("发文字号"), max_length=80, blank=True)
    number_year = models.PositiveSmallIntegerField(_("年份"), null=True)
    number_serial = models.PositiveIntegerField(_("序号"), null=True)
    status = FSMField(_("状态"), choices=NoticeStatus.choices, default=NoticeStatus.PREPARING, protected=True)
    failure = models.CharField(_("未能发布的原因"), max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    posted_on = models.DateField(_("张贴日期"), null=True)
    posted_at = models.DateTimeField(_("发布时间"), null=True)
    ends_on = models.DateField(_("公示截止"), null=True)
    provisional = models.BooleanField(_("截止日待定"), default=False)
    ended_at = models.DateTimeField(_("期满时间"), null=True)
    file = models.FileField(_("文件"), max_length=200, blank=True)
    file_hash = models.CharField(_("文件摘要"), max_length=64, blank=True, db_index=True)
    file_size = models.PositiveIntegerField(default=0)
    content_hash = models.CharField(_("内容摘要"), max_length=64, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    version = models.PositiveSmallIntegerField(_("版次"), default=1)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("替代")
    )
    superseded_at = models.DateTimeField(_("被替代时间"), null=True)
    follower = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="follows", verbose_name=_("后续文书")
    )
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField(_("撤回理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("公示")
        verbose_name_plural = _("公示")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "family", "number_year", "number_serial"], name="notice_serial_is_unique"
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="notice_number_is_unique"),
            models.UniqueConstraint(
                fields=["content_hash"], condition=~Q(content_hash=""), name="notice_content_hash_is_unique"
            ),
            models.UniqueConstraint(
                fields=["supersedes"], condition=~Q(status="failed"), name="notice_is_superseded_once"
            ),
            models.CheckConstraint(
                condition=(Q(status__in=["preparing", "failed"]) & _NOTHING_PUBLISHED)
                | (Q(status__in=["posted", "ended", "superseded", "withdrawn"]) & _ALL_PUBLISHED),
                name="number_file_and_period_appear_together",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("posted_on")), name="notice_ends_after_posting"
            ),
            models.CheckConstraint(
                condition=Q(number_serial__isnull=True) | Q(number_serial__gte=1), name="notice_serial_starts_at_one"
            ),
            models.CheckConstraint(
                condition=(Q(status="failed") & ~Q(failure="")) | (~Q(status="failed") & Q(failure="")),
                name="failed_notice_says_why",
            ),
            models.CheckConstraint(
                condition=(Q(status="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""))
                | (~Q(status="withdrawn") & Q(withdrawn_at__isnull=True, withdrawn_reason="")),
                name="withdrawn_notice_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="superseded", superseded_at__isnull=False)
                | (~Q(status="superseded") & Q(superseded_at__isnull=True)),
                name="superseded_notice_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(follower__isnull=True) | ~Q(follower=F("id")), name="notice_does_not_follow_itself"
            ),
            models.CheckConstraint(
                condition=~Q(status="ended") | Q(ended_at__isnull=False, days__gt=0), name="ended_notice_had_a_period"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["preparing", "failed", "posted"]) | Q(ended_at__isnull=True),
                name="running_notice_has_not_ended",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=True) | Q(is_public=False), name="letter_to_a_person_is_not_public"
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="notices_by_subject"),
            models.Index(fields=["is_public", "status", "-posted_on", "-id"], name="notices_on_the_board"),
            models.Index(fields=["issuer", "family", "status", "id"], name="notices_of_issuer"),
            models.Index(fields=["status", "ends_on"], name="notices_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.get_status_display()} {self.title}"

    @property
    def state_word(self) -> str:
        """Return its status in words: a paper without a posting period is issued, not posted."""
        return str(_("已印发") if self.status == NoticeStatus.POSTED and not self.days else self.get_status_display())

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet["Notice"] | None = None,
    ) -> None:
        """Re-read the row; the protected status may be set again because it was dropped first."""
        if fields is None or "status" in fields:
            self.__dict__.pop("status", None)
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)

    @transition(field=status, source=NoticeStatus.PREPARING, target=NoticeStatus.POSTED)
    def post(self, *, paper: dict[str, Any], number: str, year: int, serial: int, at: dt.datetime) -> None:
        """Give it its number and freeze its paper; period and file are set beside."""
        self.paper, self.number, self.number_year, self.number_serial = paper, number, year, serial
        self.posted_at = at

    @transition(field=status, source=NoticeStatus.PREPARING, target=NoticeStatus.FAILED)
    def fail(self, *, sentence: str) -> None:
        """Say why it could not be published."""
        self.failure = sentence[:500]

    @transition(field=status, source=NoticeStatus.FAILED, target=NoticeStatus.PREPARING)
    def retry(self) -> None:
        """Try again."""
        self.failure, self.attempts = "", 0

    @transition(field=status, source=NoticeStatus.POSTED, target=NoticeStatus.ENDED)
    def end(self, *, at: dt.datetime) -> None:
        """Its period is over."""
        self.ended_at = at

    @transition(field=status, source=[*IN_FORCE], target=NoticeStatus.SUPERSEDED)
    def give_way(self, *, at: dt.datetime) -> None:
        """Let a correction take its place."""
        self.superseded_at = at

    @transition(field=status, source=[*IN_FORCE], target=NoticeStatus.WITHDRAWN)
    def withdraw(self, *, at: dt.datetime, by_id: int | None, reason: str) -> None:
        """Let it no longer hold; it stays readable, marked."""
        self.withdrawn_at, self.withdrawn_by_id, self.withdrawn_reason = at, by_id, reason


class Variant(models.TextChoices):
    """Forms of the same paper beside the document itself."""

    POSTER = "poster", _("A3张贴版")
    LARGE = "large", _("大字版")
    SEALED = "sealed", _("电子印章版")
    SIGNED = "signed", _("数字签名版")


# What anybody may ask for; the other two are acts of the office.
FREE_VARIANTS = (Variant.POSTER, Variant.LARGE)


class RenderingStatus(models.TextChoices):
    """Whether a variant is there."""

    WAITING = "waiting", _("排队中")
    READY = "ready", _("已生成")
    FAILED = "failed", _("未能生成")


class Rendering(models.Model):
    """Another form of a posted notice, made from the same frozen paper when somebody asks for it.

    A sealed one bears the uploaded `seal`; a signed one is the sealed one, or the document, with a PAdES signature.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="renderings")
    variant = models.CharField(max_length=10, choices=Variant.choices)
    status = models.CharField(max_length=8, choices=RenderingStatus.choices, default=RenderingStatus.WAITING)
    file = models.FileField(max_length=200, blank=True)
    file_hash = models.CharField(max_length=64, blank=True, db_index=True)
    file_size = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=500, blank=True)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    seal = models.ForeignKey("publish.SealImage", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("其他版式")
        verbose_name_plural = _("其他版式")
        constraints = [
            models.UniqueConstraint(fields=["notice", "variant"], name="rendering_is_unique"),
            models.CheckConstraint(
                condition=(Q(status="ready", failure="") & ~Q(file="") & ~Q(file_hash=""))
                | Q(status="waiting", file="", file_hash="", failure="")
                | (Q(status="failed", file="", file_hash="") & ~Q(failure="")),
                name="ready_rendering_has_its_file",
            ),
            models.CheckConstraint(
                condition=Q(variant="sealed", seal__isnull=False) | (~Q(variant="sealed") & Q(seal__isnull=True)),
                name="sealed_rendering_has_its_seal",
            ),
            models.CheckConstraint(
                condition=~Q(variant__in=["sealed", "signed"]) | Q(requested_by__isnull=False),
                name="seal_and_signature_have_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.variant}"
