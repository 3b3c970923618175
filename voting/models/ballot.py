"""Tables of ballots. Weights: `heads` in persons, `area` in units of 0.01 m2, always integers."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
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


class Voter(models.Model):
    """One entry of a ballot's roll. `code_hash` is the keyed hash of the printed voting code.

    `guardian_name` votes for an owner who is a minor or incapable, with the account `guardian` where there is one.
    `household` is whose entry it is where households vote, whoever speaks for it.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="voters")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="voters")
    owner = models.ForeignKey("community.Owner", models.SET_NULL, null=True, blank=True, related_name="voters")
    household = models.ForeignKey("community.Household", models.SET_NULL, null=True, blank=True, related_name="voters")
    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="wards")
    guardian_name = models.CharField(_("监护人"), max_length=50, blank=True)
    name = models.CharField(_("姓名"), max_length=100)
    place = models.CharField(_("房号"), max_length=100, blank=True)
    heads = models.PositiveIntegerField(_("人数"), default=1)
    area = models.PositiveBigIntegerField(_("面积"), default=0)
    present = models.BooleanField(_("到会"), default=False)
    code_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)

    class Meta:
        verbose_name = _("表决人")
        verbose_name_plural = _("表决人")
        constraints = [
            models.UniqueConstraint(fields=["ballot", "user"], name="user_stands_once_on_a_roll"),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True) | (~Q(guardian_name="") & Q(user__isnull=True)),
                name="ward_votes_through_the_guardian",
            ),
        ]
        indexes = [models.Index(fields=["ballot", "id"], name="voters_of_ballot")]

    def __str__(self) -> str:
        return self.name


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


class Proxy(models.Model):
    """A written power to vote for somebody else, lodged before opening. `holder` may stand outside the roll.

    It names the matter, the powers and the term (`valid_until`; null: until this vote ends); the principal's
    instructions to the holder are kept with it. `holder_present` says whether a holder outside the roll is in the room;
    of a holder on the roll the entry there says it.
    """

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="proxies")
    principal = models.ForeignKey(Voter, models.PROTECT, related_name="proxies_given")
    holder = models.ForeignKey(Voter, models.PROTECT, null=True, blank=True, related_name="proxies_held")
    holder_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    holder_name = models.CharField(_("受托人"), max_length=100)
    matter = models.CharField(_("委托事项"), max_length=300)
    powers = models.CharField(_("授权权限"), max_length=300)
    instructions = models.TextField(_("委托人的指示"), blank=True)
    lodged_at = models.DateTimeField(_("提交"))
    valid_until = models.DateField(_("期限"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("撤销"), null=True, blank=True)
    holder_present = models.BooleanField(_("名册外的受托人到会"), default=False)

    class Meta:
        verbose_name = _("委托书")
        verbose_name_plural = _("委托书")
        constraints = [
            models.UniqueConstraint(
                fields=["ballot", "principal"],
                condition=Q(revoked_at__isnull=True),
                name="one_proxy_for_each_principal",
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=True) | ~Q(holder=F("principal")), name="nobody_is_their_own_proxy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} → {self.holder_name}"


class Recusal(models.Model):
    """A voter who steps aside on one item: neither votes nor counts as present for it; the total stays."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="recusals")
    voter = models.ForeignKey(Voter, models.PROTECT, related_name="recusals")
    reason = models.TextField(_("事由"), blank=True)

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")
        constraints = [
            models.UniqueConstraint(fields=["item", "voter"], name="recusal_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.voter_id}"
