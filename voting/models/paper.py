"""Tables of paper ballots, assisted votes and mobile boxes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Ballot, Voter


class PaperBatch(models.Model):
    """The papers of one ballot: how many were handed out and what became of them (发出 = 收回 + 未收回)."""

    ballot = models.OneToOneField(Ballot, models.PROTECT, related_name="paper_batch")
    issued = models.PositiveIntegerField(_("发出"), default=0)
    returned = models.PositiveIntegerField(_("收回"), null=True, blank=True)
    unreturned = models.PositiveIntegerField(_("未收回"), null=True, blank=True)
    valid = models.PositiveIntegerField(_("有效"), null=True, blank=True)
    invalid = models.PositiveIntegerField(_("无效"), null=True, blank=True)
    reconciled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("核对人")
    )
    reconciled_at = models.DateTimeField(_("核对"), null=True, blank=True)

    class Meta:
        verbose_name = _("纸质票")
        verbose_name_plural = _("纸质票")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    reconciled_at__isnull=True,
                    returned__isnull=True,
                    unreturned__isnull=True,
                    valid__isnull=True,
                    invalid__isnull=True,
                )
                | Q(
                    reconciled_at__isnull=False,
                    returned__isnull=False,
                    unreturned__isnull=False,
                    valid__isnull=False,
                    invalid__isnull=False,
                ),
                name="papers_are_reconciled_as_a_whole",
            ),
            models.CheckConstraint(
                condition=Q(returned__isnull=True) | Q(issued=F("returned") + F("unreturned")),
                name="papers_issued_are_returned_or_not",
            ),
            models.CheckConstraint(
                condition=Q(returned__isnull=True) | Q(returned=F("valid") + F("invalid")),
                name="papers_returned_are_valid_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ballot_id}: {self.issued}"


class PaperState(models.TextChoices):
    """How far the entry of one paper has come."""

    ENTERED_ONCE = "entered_once", _("已录一遍")
    DIFFERS = "differs", _("两遍不一致")
    COUNTED = "counted", _("已计票")
    CONFLICT = "conflict", _("已经以其他方式投票")


class PaperBallot(models.Model):
    """The paper of one voter of a named ballot. `receipt` only when counted."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="papers")
    voter = models.OneToOneField(Voter, models.PROTECT, related_name="paper")
    state = models.CharField(_("状态"), max_length=12, choices=PaperState.choices, default=PaperState.ENTERED_ONCE)
    is_void = models.BooleanField(_("全部无效"), default=False)
    receipt = models.CharField(max_length=32, blank=True)
    settled_at = models.DateTimeField(_("办结"), null=True, blank=True)

    class Meta:
        verbose_name = _("一张纸质票")
        verbose_name_plural = _("一张纸质票")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="counted", settled_at__isnull=False) & ~Q(receipt="")
                | Q(state="conflict", settled_at__isnull=False, receipt="")
                | Q(state__in=["entered_once", "differs"], settled_at__isnull=True, receipt=""),
                name="settled_paper_has_its_time",
            ),
        ]
        indexes = [models.Index(fields=["ballot", "state"], name="papers_by_state")]

    def __str__(self) -> str:
        return f"{self.ballot_id}/{self.voter_id}"


class PaperEntry(models.Model):
    """What one person read on a paper: the first, the second, or the third who settles a difference.

    `choices` maps item ids to canonical choices. Without effect until the paper is settled.
    """

    paper = models.ForeignKey(PaperBallot, models.PROTECT, related_name="entries")
    place = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("录入人"))
    choices = models.JSONField()
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("录入")
        verbose_name_plural = _("录入")
        ordering = ["paper", "place"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "place"], name="paper_entry_place_is_unique"),
            models.UniqueConstraint(fields=["paper", "by"], name="nobody_enters_a_paper_twice"),
            models.CheckConstraint(condition=Q(place__gte=1, place__lte=3), name="paper_is_entered_at_most_thrice"),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id}/{self.place}"


class AssistedVote(models.Model):
    """That an officer marked the vote of somebody present, before a witness (代录)."""

    voter = models.OneToOneField(Voter, models.PROTECT, related_name="assisted")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("代录人"))
    witness = models.CharField(_("见证人"), max_length=100)
    receipt = models.CharField(max_length=32)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("代录")
        verbose_name_plural = _("代录")
        constraints = [models.CheckConstraint(condition=~Q(witness=""), name="assisted_vote_has_a_witness")]

    def __str__(self) -> str:
        return str(self.voter_id)


class BoxTrip(models.Model):
    """One way of a mobile ballot box: where to, carried by whom, when it went and came back."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="box_trips")
    box = models.CharField(_("票箱"), max_length=40)
    place = models.CharField(_("去处"), max_length=200)
    carriers = models.JSONField(_("随箱监票人"))
    carrier_count = models.PositiveSmallIntegerField()
    out_at = models.DateTimeField(_("出发"))
    in_at = models.DateTimeField(_("收回"), null=True, blank=True)

    class Meta:
        verbose_name = _("流动票箱")
        verbose_name_plural = _("流动票箱")
        constraints = [
            models.CheckConstraint(condition=Q(carrier_count__gte=3), name="box_is_carried_by_three"),
            models.CheckConstraint(
                condition=Q(in_at__isnull=True) | Q(in_at__gte=F("out_at")), name="box_returns_later"
            ),
            models.UniqueConstraint(
                fields=["ballot", "box"], condition=Q(in_at__isnull=True), name="box_is_out_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.box
