"""Tables of the core: the ledger, the editable calendar, notifications, news that is owed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LedgerEntry(models.Model):
    """One act, chained to the one before by its hash. Only appended, by `core.ledger.record`.

    `hash` is the SHA-256 of the canonical JSON of every other field (see `core.ledger.entry_hash`).
    """

    sequence = models.PositiveBigIntegerField(_("序号"), primary_key=True)
    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("行为人"),
        db_constraint=True,
    )
    actor_name = models.CharField(_("姓名"), max_length=100)
    office = models.CharField(_("职务"), max_length=60, blank=True)
    act = models.CharField(_("行为"), max_length=60)
    subject_type = models.CharField(_("对象类型"), max_length=60)
    subject_id = models.CharField(_("对象"), max_length=40)
    before = models.JSONField(_("之前"), default=dict)
    after = models.JSONField(_("之后"), default=dict)
    reason = models.TextField(_("理由"), blank=True)
    document_hash = models.CharField(_("依据文件"), max_length=64, blank=True)
    previous_hash = models.CharField(_("前一条"), max_length=64)
    hash = models.CharField(_("摘要"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("台账")
        verbose_name_plural = _("台账")
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "sequence"], name="ledger_by_subject"),
            models.Index(fields=["actor", "sequence"], name="ledger_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.act} {self.subject_type}:{self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append only: a stored entry is never saved again."""
        if not self._state.adding:
            message = "ledger entries are never changed"
            raise TypeError(message)
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Never."""
        message = "ledger entries are never deleted"
        raise TypeError(message)


class LedgerHead(models.Model):
    """The single row that orders the ledger: its lock is taken by every append."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="ledger_head_is_single"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash[:12]}"


class CalendarDay(models.Model):
    """A day whose working-day status the office has set by hand; it goes before the published schedule."""

    date = models.DateField(_("日期"), primary_key=True)
    is_working_day = models.BooleanField(_("上班"))
    source = models.CharField(_("依据"), max_length=200)

    class Meta:
        verbose_name = _("日历")
        verbose_name_plural = _("日历")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {'上班' if self.is_working_day else '休息'}"


class CalendarYear(models.Model):
    """A year whose holiday schedule has been published and imported; its `CalendarDay`s are the exceptions."""

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    source = models.CharField(_("依据"), max_length=200)
    imported_at = models.DateTimeField(_("导入时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("放假安排")
        verbose_name_plural = _("放假安排")
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.year)


class Notification(models.Model):
    """One thing told to one person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    text = models.CharField(_("内容"), max_length=300)
    url = models.CharField(_("链接"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("时间"), auto_now_add=True)
    read_at = models.DateTimeField(_("已读"), null=True, blank=True)

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "read_at", "-created_at"], name="notifications_of_user"),
        ]

    def __str__(self) -> str:
        return self.text


class News(models.Model):
    """One signal about some rows, written in the transaction of the act and kept until it has been delivered.

    `about`: the rows by the receivers' argument, each as [kind, id]. See `core.news`.
    """

    name = models.CharField(_("消息"), max_length=40)
    about = models.JSONField(_("对象"))
    created_at = models.DateTimeField(_("时间"), auto_now_add=True)
    delivered_at = models.DateTimeField(_("已传达"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    problem = models.CharField(_("问题"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("待传达")
        verbose_name_plural = _("待传达")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(delivered_at__isnull=True), name="news_to_deliver"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.about}"
