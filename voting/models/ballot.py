"""Tables of what is put to the vote: a ballot with its questions and options, frozen at opening."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BallotKind(models.TextChoices):
    """Whether it is kept who chose what."""

    NAMED = "named", _("记名")
    SECRET = "secret", _("无记名")


class Phase(models.TextChoices):
    """The life of a ballot; only forward."""

    DRAFT = "draft", _("未开始")
    OPEN = "open", _("表决中")
    CLOSED = "closed", _("已截止")
    CERTIFIED = "certified", _("已确认")


class Disclosure(models.TextChoices):
    """When running counts may be seen."""

    RUNNING = "running", _("实时公开计数")
    AT_CLOSING = "at_closing", _("截止后公开计数")


class Ballot(models.Model):
    """One paper put before one electorate: one or more items decided by one rule.

    `rule` is the frozen rule (an entry of the catalogue or an object of the same form); an item must also pass by each
    of `more_rules`, counted from the same votes. Where another electorate must agree too, its ballot shares the
    `motion`. `scope` says how the roll was drawn (voting/electorates.py) and `drawn_from` where; empty: it was given
    as a list. Under a rule that asks for it `authorisation` is what the body acted on. `subject_type` and `subject_id`
    say what the ballot is about; voting never follows them. `version` rises with every change that a screen shows.
    `cast` sums the heads of the voters who have voted on at least one item. When `in_room`, only who is marked present
    may vote: the voter, the guardian in the voter's place, the holder of a power. Who is in the room or represented
    when it closes, and who had voted before leaving, are the base of rules that count those present; `present_heads`
    and `present_area` (null: not counted apart from those voting) may also be told at closing. Of a voter's paper and
    their vote by another way the first holds, or, when `paper_wins`, the paper. `previous` is the round before this
    one of the same matter, `petition` the signatures a vote such as a recall rests on.
    """

    community = models.ForeignKey("community.Unit", models.PROTECT, related_name="ballots", verbose_name=_("单位"))
    title = models.CharField(_("标题"), max_length=200)
    kind = models.CharField(_("方式"), max_length=8, choices=BallotKind.choices, default=BallotKind.NAMED)
    revisable = models.BooleanField(_("截止前可修改"), default=False)
    disclosure = models.CharField(
        _("计数公开"), max_length=12, choices=Disclosure.choices, default=Disclosure.AT_CLOSING
    )
    rule = models.JSONField(_("表决规则"))
    more_rules = models.JSONField(_("同时适用的规则"), default=list, blank=True)
    scope = models.CharField(_("名册来源"), max_length=30, blank=True)
    drawn_from = models.ForeignKey(
        "community.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("名册范围")
    )
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="following", verbose_name=_("上一轮")
    )
    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    petition = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="called_for", verbose_name=_("联名要求")
    )
    motion = models.ForeignKey(
        "voting.Motion", models.PROTECT, null=True, blank=True, related_name="ballots", verbose_name=_("共同事项")
    )
    authorisation = models.ForeignKey(
        "voting.Authorisation", models.PROTECT, null=True, blank=True, related_name="ballots", verbose_name=_("授权")
    )
    phase = models.CharField(_("阶段"), max_length=10, choices=Phase.choices, default=Phase.DRAFT)
    version = models.PositiveBigIntegerField(default=0)
    cast = models.PositiveBigIntegerField(_("已投"), default=0)
    in_room = models.BooleanField(_("仅限到会者"), default=False)
    paper_wins = models.BooleanField(_("纸质票优先"), default=False)
    present_heads = models.PositiveBigIntegerField(_("到会人数"), null=True, blank=True)
    present_area = models.PositiveBigIntegerField(_("到会面积"), null=True, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=40, blank=True)
    opens_at = models.DateTimeField(_("计划开始"), null=True, blank=True)
    closes_at = models.DateTimeField(_("计划截止"), null=True, blank=True)
    opened_at = models.DateTimeField(_("开始"), null=True, blank=True)
    closed_at = models.DateTimeField(_("截止"), null=True, blank=True)
    certified_at = models.DateTimeField(_("确认"), null=True, blank=True)
    roll_hash = models.CharField(_("名册摘要"), max_length=64, blank=True)
    roll_heads = models.PositiveBigIntegerField(_("名册人数"), default=0)
    roll_area = models.PositiveBigIntegerField(_("名册面积"), default=0)
    result = models.JSONField(_("结果"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("表决")
        verbose_name_plural = _("表决")
        constraints = [
            models.CheckConstraint(
                condition=Q(phase="draft", opened_at__isnull=True) | (~Q(phase="draft") & Q(opened_at__isnull=False)),
                name="ballot_is_opened_exactly_once",
            ),
            models.CheckConstraint(
                condition=Q(phase__in=["draft", "open"], closed_at__isnull=True, result__isnull=True)
                | Q(phase__in=["closed", "certified"], closed_at__isnull=False, result__isnull=False),
                name="closed_ballot_has_a_result",
            ),
            models.CheckConstraint(
                condition=Q(phase="certified", certified_at__isnull=False)
                | (~Q(phase="certified") & Q(certified_at__isnull=True)),
                name="certified_ballot_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(previous__isnull=True, round=1) | Q(previous__isnull=False, round__gt=1),
                name="later_round_follows_another",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="ballots_by_subject"),
            models.Index(fields=["community", "phase"], name="ballots_of_community"),
        ]

    def __str__(self) -> str:
        return self.title


class Method(models.TextChoices):
    """How one item is answered; the forms stand in voting/methods.py."""

    FOR_AGAINST = "for_against", _("同意/反对/弃权")
    ONE_OF = "one_of", _("多选一")
    APPROVAL = "approval", _("可选多项")
    RANKING = "ranking", _("排序")
    SCORE = "score", _("打分")
    BUDGET = "budget", _("分配预算")
    ELECTION = "election", _("选举")


class Item(models.Model):
    """One question. `form` holds the method's settings (min, max, seats, points), frozen at opening."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("事项"), max_length=300)
    method = models.CharField(_("方法"), max_length=12, choices=Method.choices, default=Method.FOR_AGAINST)
    form = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("表决事项")
        verbose_name_plural = _("表决事项")
        ordering = ["ballot", "position"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "position"], name="item_position_is_unique"),
        ]

    def __str__(self) -> str:
        return self.title


class Option(models.Model):
    """One possible answer. `key` is "for", "against", "abstain", or a number as text."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="options")
    key = models.CharField(max_length=20)
    label = models.CharField(_("选项"), max_length=200)
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("选项")
        verbose_name_plural = _("选项")
        ordering = ["item", "position"]
        constraints = [
            models.UniqueConstraint(fields=["item", "key"], name="option_key_is_unique"),
            models.UniqueConstraint(fields=["item", "position"], name="option_position_is_unique"),
        ]

    def __str__(self) -> str:
        return self.label
