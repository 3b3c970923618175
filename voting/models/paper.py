"""Tables of paper ballots, assisted votes and mobile boxes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Ballot
from voting.models.roll import Voter


class PaperBatch(models.Model):
    """The papers of one ballot: how many were handed out and what became of them (发出 = 收回 + 未收回).

    More papers out of the box than were handed out (`is_overfull`) void the vote.
    """

    ballot = models.OneToOneField(Ballot, models.PROTECT, related_name="paper_batch")
    issued = models.PositiveIntegerField(_("发出"), default=0)
    returned = models.PositiveIntegerField(_("收回"), null=True, blank=True)
    unreturned = models.PositiveIntegerField(_("未收回"), null=True, blank=True)
    valid = models.PositiveIntegerField(_("有效"), null=True, blank=True)
    invalid = models.PositiveIntegerField(_("无效"), null=True, blank=True)
    is_overfull = models.BooleanField(_("收回多于发出"), default=False)
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
                condition=Q(returned__isnull=True, is_overfull=False)
                | Q(is_overfull=False, issued=F("returned") + F("unreturned"))
                | Q(is_overfull=True, returned__gt=F("issued"), unreturned=0),
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


class BearerPaper(models.Model):
    """A printed paper of a secret ballot: whoever bears it. Its code is stored as a keyed hash, its id is random.

    Nothing says who was handed which paper.
    """

    id = models.BigAutoField(primary_key=True)  # given explicitly, at random: it must not tell the order of printing
    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="bearer_papers")
    code_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("无记名纸质票")
        verbose_name_plural = _("无记名纸质票")

    def __str__(self) -> str:
        return str(self.pk)


class PaperHandout(models.Model):
    """That a voter of a secret ballot holds a paper, any one, and so cannot vote by another way. No time is kept."""

    voter = models.OneToOneField(Voter, models.PROTECT, related_name="handout")

    class Meta:
        verbose_name = _("领票")
        verbose_name_plural = _("领票")

    def __str__(self) -> str:
        return str(self.voter_id)


class PaperBallot(models.Model):
    """A paper being entered: of one voter of a named ballot, or one that only its bearer knows, of a secret one.

    `receipt` only when counted, and never of a secret ballot: it would lead from the paper to the vote.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="papers")
    voter = models.OneToOneField(Voter, models.PROTECT, related_name="paper", null=True, blank=True)
    bearer = models.OneToOneField(BearerPaper, models.PROTECT, related_name="paper", null=True, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=PaperState.choices, default=PaperState.ENTERED_ONCE)
    is_void = models.BooleanField(_("全部无效"), default=False)
    receipt = models.CharField(max_length=32, blank=True)
    settled_at = models.DateTimeField(_("办结"), null=True, blank=True)

    class Meta:
        verbose_name = _("一张纸质票")
        verbose_name_plural = _("一张纸质票")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="counted", settled_at__isnull=False, voter__isnull=False) & ~Q(receipt="")
                | Q(state="counted", settled_at__isnull=False, bearer__isnull=False, receipt="")
                | Q(state="conflict", settled_at__isnull=False, receipt="")
                | Q(state__in=["entered_once", "differs"], settled_at__isnull=True, receipt=""),
                name="settled_paper_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(voter__isnull=False, bearer__isnull=True) | Q(voter__isnull=True, bearer__isnull=False),
                name="paper_is_named_or_borne",
            ),
        ]
        indexes = [models.Index(fields=["ballot", "state"], name="papers_by_state")]

    def __str__(self) -> str:
        return f"{self.ballot_id}/{self.voter_id or self.bearer_id}"


class PaperEntry(models.Model):
    """What one person read on a paper: the first, the second, or the third who settles a difference.

    `choices` maps item ids to canonical choices. Without effect until the paper is settled; then those of a secret
    ballot are forgotten.
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
    """One way of a mobile ballot box: where to, carried by whom, under which seal, when it went and came back.

    `papers` is how many papers were in it when it was opened, `seal_intact` whether the seal was whole.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="box_trips")
    box = models.CharField(_("票箱"), max_length=40)
    place = models.CharField(_("去处"), max_length=200)
    carriers = models.JSONField(_("随箱监票人"))
    seal = models.CharField(_("封条号"), max_length=60)
    carrier_count = models.PositiveSmallIntegerField()
    out_at = models.DateTimeField(_("出发"))
    in_at = models.DateTimeField(_("收回"), null=True, blank=True)
    papers = models.PositiveIntegerField(_("箱内张数"), null=True, blank=True)
    seal_intact = models.BooleanField(_("封条完好"), null=True, blank=True)

    class Meta:
        verbose_name = _("流动票箱")
        verbose_name_plural = _("流动票箱")
        constraints = [
            models.CheckConstraint(condition=Q(carrier_count__gte=3), name="box_is_carried_by_three"),
            models.CheckConstraint(
                condition=Q(in_at__isnull=True) | Q(in_at__gte=F("out_at")), name="box_returns_later"
            ),
            models.CheckConstraint(
                condition=Q(in_at__isnull=True, papers__isnull=True, seal_intact__isnull=True)
                | Q(in_at__isnull=False, papers__isnull=False, seal_intact__isnull=False),
                name="returned_box_is_counted",
            ),
            models.UniqueConstraint(
                fields=["ballot", "box"], condition=Q(in_at__isnull=True), name="box_is_out_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.box


class PrintState(models.TextChoices):
    """How far the printing of papers has come."""

    WAITING = "waiting", _("排队")
    RUNNING = "running", _("正在排版")
    READY = "ready", _("可以打印")
    FAILED = "failed", _("没有做成")


class PrintRun(models.Model):
    """Papers set into one PDF in the background: numbers `first` to `last` of the roll, or so many bearer papers.

    `done` counts papers set; `requested_at` is when it was asked for, then when it was begun. The file goes when the
    ballot closes: it carries names, or codes as good as papers.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="print_runs")
    first = models.PositiveIntegerField(default=1)
    last = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=PrintState.choices, default=PrintState.WAITING)
    failure = models.CharField(max_length=500, blank=True)
    file = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()

    class Meta:
        verbose_name = _("印制")
        verbose_name_plural = _("印制")
        constraints = [
            models.CheckConstraint(condition=Q(first__gte=1, last__gte=F("first")), name="print_run_has_papers"),
            models.CheckConstraint(
                condition=Q(state="ready") & ~Q(file="") | ~Q(state="ready") & Q(file=""),
                name="print_run_that_is_ready_has_its_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ballot_id}: {self.first}-{self.last}"
