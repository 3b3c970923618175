"""Numbers of documents: one gapless series for each issuer, family of papers and year."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Family(models.TextChoices):
    """Papers that are numbered together. The label is the word that stands after the issuer's code word."""

    NOTICE = "notice", _("公示公告")
    MINUTES = "minutes", _("纪要")
    LETTER = "letter", _("函件")
    FORM = "form", _("表单")


class NumberSeries(models.Model):
    """The next serial of one issuer, family and year.

    What makes numbers gapless is the lock on this row and the unique constraint on notices.
    """

    issuer = models.ForeignKey("community.Unit", models.PROTECT, related_name="number_series", verbose_name=_("单位"))
    family = models.CharField(_("类别"), max_length=10, choices=Family.choices)
    year = models.PositiveSmallIntegerField(_("年份"))
    next_serial = models.PositiveIntegerField(_("下一号"), default=1)

    class Meta:
        verbose_name = _("编号序列")
        verbose_name_plural = _("编号序列")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "family", "year"], name="number_series_is_unique"),
            models.CheckConstraint(condition=Q(next_serial__gte=1), name="serials_start_at_one"),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2999), name="series_has_a_full_year"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.family} {self.year}"


class PublishingLease(models.Model):
    """Which worker is publishing for an issuer just now.

    It keeps a second worker from typesetting for the same serial in vain. It only saves work: when it runs out
    under a slow worker, the lock on the series still decides.
    """

    issuer = models.OneToOneField("community.Unit", models.CASCADE, related_name="+", primary_key=True)
    token = models.CharField(max_length=32, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("发布占用")
        verbose_name_plural = _("发布占用")
        constraints = [
            models.CheckConstraint(
                condition=Q(token="", until__isnull=True) | (~Q(token="") & Q(until__isnull=False)),
                name="lease_has_its_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer_id} {self.until}"


class ReservationState(models.TextChoices):
    """What became of a reserved number."""

    RESERVED = "reserved", _("已预留")
    VOIDED = "voided", _("已作废")


class ReservedNumber(models.Model):
    """A number given to a paper made outside the platform, or voided; so no gap is left unexplained."""

    series = models.ForeignKey(NumberSeries, models.PROTECT, related_name="reservations")
    serial = models.PositiveIntegerField(_("序号"))
    number = models.CharField(_("发文字号"), max_length=80, unique=True)
    purpose = models.CharField(_("用途"), max_length=200)
    state = models.CharField(
        _("状态"), max_length=10, choices=ReservationState.choices, default=ReservationState.RESERVED
    )
    reserved_at = models.DateTimeField(_("预留时间"))
    reserved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    void_reason = models.CharField(_("作废理由"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("预留编号")
        verbose_name_plural = _("预留编号")
        constraints = [
            models.UniqueConstraint(fields=["series", "serial"], name="reserved_serial_is_unique"),
            models.CheckConstraint(condition=~Q(purpose=""), name="reserved_number_has_a_purpose"),
            models.CheckConstraint(
                condition=Q(state="reserved", voided_at__isnull=True, void_reason="")
                | (Q(state="voided", voided_at__isnull=False) & ~Q(void_reason="")),
                name="voided_number_has_its_record",
            ),
        ]

    def __str__(self) -> str:
        return self.number
