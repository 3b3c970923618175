"""Tables of votes: who took part, what was chosen, and the running counts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from voting.models.ballot import Item
from voting.models.roll import Voter


class Channel(models.TextChoices):
    """How a vote came in."""

    LIVE = "live", _("现场终端")
    WEB = "web", _("网页")
    PAPER = "paper", _("纸质")
    ASSISTED = "assisted", _("代录")
    HAND = "hand", _("举手")


class Participation(models.Model):
    """That a voter has voted on an item of a secret ballot; nothing about the choice, no time, a random id.

    In a named ballot the vote itself says so. The unique (item, voter), here and there, is the one-voter-one-vote
    guarantee of every channel. Ask `voting.queries`, which know both. The single index serves every lookup, by item
    first: an index more costs a tenth of the live path's speed.
    """

    id = models.BigAutoField(primary_key=True)  # given explicitly, at random: it must not tell the order of voting
    item = models.ForeignKey(Item, models.PROTECT, related_name="participations", db_index=False)
    voter = models.ForeignKey(Voter, models.PROTECT, related_name="participations", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.LIVE)

    class Meta:
        verbose_name = _("参与")
        verbose_name_plural = _("参与")
        constraints = [
            models.UniqueConstraint(fields=["item", "voter"], name="voter_takes_part_once_an_item"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.voter_id}"


class Vote(models.Model):
    """A choice on one item of a named ballot: an option key, or canonical JSON (voting/methods.py)."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="votes", db_index=False)
    voter = models.ForeignKey(Voter, models.PROTECT, related_name="votes", db_index=False)
    choice = models.TextField(_("选择"))
    cast_by = models.ForeignKey(
        Voter, models.PROTECT, null=True, blank=True, related_name="votes_for_others", db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.LIVE)
    receipt = models.CharField(max_length=32)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("记名票")
        verbose_name_plural = _("记名票")
        constraints = [
            models.UniqueConstraint(fields=["item", "voter"], name="one_vote_for_each_item_and_voter"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.voter_id}"


class SecretVote(models.Model):
    """One choice on one item of a secret ballot: no voter, no time, no weight, a random id that orders nothing.

    `receipt` is a keyed hash of the request only the voter knows; all items of one cast carry different receipts.
    `slot`, only while a revisable ballot is open, is a keyed hash of item and voter that finds the row to replace;
    closing forgets it.
    """

    id = models.BigAutoField(primary_key=True)  # always given explicitly, at random: on SQLite it is the row's place
    item = models.ForeignKey(Item, models.PROTECT, related_name="secret_votes", db_index=False)
    choice = models.TextField(_("选择"))
    receipt = models.CharField(max_length=32)
    slot = models.CharField(max_length=32, null=True, blank=True)  # noqa: DJ001 - null is "no slot": unique skips it

    class Meta:
        verbose_name = _("无记名票")
        verbose_name_plural = _("无记名票")
        constraints = [
            models.UniqueConstraint(fields=["item", "receipt"], name="secret_receipt_is_unique"),
            models.UniqueConstraint(fields=["slot"], name="secret_slot_is_unique"),
        ]
        indexes = [models.Index(fields=["item", "id"], name="secret_votes_at_random")]

    def __str__(self) -> str:
        return str(self.item_id)


class OptionCount(models.Model):
    """Running sums of one answer of one item: a hint for screens, compared with the rows at closing.

    For secret ballots with unequal weights the sums are the only place where weights meet choices.
    `key` is an option key, "invalid", or "*" for all who took part in the item, whatever they chose. For scores and
    budgets the sums are points.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="counts", db_index=False)
    key = models.CharField(max_length=20)
    votes = models.BigIntegerField(default=0)
    heads = models.BigIntegerField(default=0)
    area = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("计数")
        verbose_name_plural = _("计数")
        constraints = [
            models.UniqueConstraint(fields=["item", "key"], name="option_count_is_unique"),
            models.CheckConstraint(
                condition=Q(votes__gte=0, heads__gte=0, area__gte=0), name="counts_are_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.key}: {self.votes}"


class CastRequest(models.Model):
    """A request that was answered with acceptance: sent again, it gets the same answer.

    Only the hash of the request id is kept; the receipt is derived again from the request id the voter sends.
    """

    # No constraint in the database: it would be checked row by row on the live path, for a mere memory of answers.
    voter = models.ForeignKey(Voter, models.PROTECT, related_name="cast_requests", db_index=False, db_constraint=False)
    request_hash = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["voter", "request_hash"], name="cast_request_is_unique"),
        ]

    def __str__(self) -> str:
        return self.request_hash[:12]
