"""Tables of people and places."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node


class UnitKind(models.TextChoices):
    """The levels of the tree, from the city down."""

    CITY = "city", _("市")
    COUNTY = "county", _("区县")
    SUBDISTRICT = "subdistrict", _("街道")
    COMMUNITY = "community", _("社区")
    GRID = "grid", _("网格")
    ESTATE = "estate", _("小区")
    BUILDING = "building", _("楼栋")
    ENTRANCE = "entrance", _("单元")
    HOUSEHOLD = "household", _("户")


class Unit(MP_Node):
    """A place people belong to; a node of the tree. `code` is the official 12-digit code, or an extension of it."""

    code = models.CharField(_("代码"), max_length=64, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    kind = models.CharField(_("类别"), max_length=12, choices=UnitKind.choices, db_index=True)

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name


class IdentityLevel(models.IntegerChoices):
    """How well we know who somebody is (RULEBOOK 5)."""

    NONE = 0, _("未核验")
    L1 = 1, _("手机或纸质码")
    L2 = 2, _("已与名册核对")
    L3 = 3, _("实名")


class User(AbstractUser):
    """Somebody who can sign in. `name` is the full Chinese name; show it through `core.masking` in public."""

    first_name = None  # type: ignore[assignment] # one name field, as Chinese names need
    last_name = None  # type: ignore[assignment] # the same
    name = models.CharField(_("姓名"), max_length=50)
    phone = models.CharField(_("电话"), max_length=20, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("所属"))
    identity_level = models.PositiveSmallIntegerField(
        _("身份核验"), choices=IdentityLevel.choices, default=IdentityLevel.NONE
    )
    born_on = models.DateField(_("出生日期"), null=True, blank=True)
    large_type = models.BooleanField(_("大字版"), default=False)
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")

    def __str__(self) -> str:
        return self.name or self.username

    def actor_name(self) -> str:
        """Return the name the ledger keeps."""
        return self.name or self.username

    def get_full_name(self) -> str:
        """Return the full name."""
        return self.name

    def get_short_name(self) -> str:
        """Return the full name: Chinese names are not shortened."""
        return self.name


class Office(models.TextChoices):
    """What somebody is, at a unit, for a term."""

    SECRETARY = "secretary", _("书记")
    DIRECTOR = "director", _("主任")
    COMMITTEE_MEMBER = "committee_member", _("居委会委员")
    SECONDED_MEMBER = "seconded_member", _("兼职委员")
    GRID_WORKER = "grid_worker", _("网格员")
    FACILITATOR = "facilitator", _("主持人")
    SUPERVISION_COMMITTEE = "supervision_committee", _("居务监督委员会")
    TELLER = "teller", _("监票计票人")
    SUBDISTRICT_OFFICER = "subdistrict_officer", _("街道干部")
    RESIDENT_REPRESENTATIVE = "resident_representative", _("居民代表")
    OWNERS_COMMITTEE_MEMBER = "owners_committee_member", _("业主委员会委员")
    PARTY_MEMBER = "party_member", _("党员")
    PROPERTY_STAFF = "property_staff", _("物业服务人员")
    RESIDENT = "resident", _("居民")
    OWNER = "owner", _("业主")


class Term(models.Model):
    """One person holding one office at one unit, from a day to a day (inclusive; open while `ends_on` is null)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="terms", verbose_name=_("人员"))
    office = models.CharField(_("职务"), max_length=30, choices=Office.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="terms", verbose_name=_("单位"))
    starts_on = models.DateField(_("任职"))
    ends_on = models.DateField(_("离任"), null=True, blank=True)
    is_seconded = models.BooleanField(_("兼任"), default=False)

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="term_ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=["user", "office", "unit", "starts_on"], name="term_is_unique"),
        ]
        indexes = [models.Index(fields=["user", "office"], name="terms_of_user")]

    def __str__(self) -> str:
        return f"{self.unit}{self.get_office_display()} {self.user}"


class Household(models.Model):
    """The people of one dwelling. Its place is a unit of kind household."""

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="household", verbose_name=_("位置"))
    label = models.CharField(_("门牌"), max_length=80)

    class Meta:
        verbose_name = _("户")
        verbose_name_plural = _("户")

    def __str__(self) -> str:
        return self.label


class OwnerKind(models.TextChoices):
    """A person, or a body such as the developer."""

    PERSON = "person", _("个人")
    BODY = "body", _("单位")


class Owner(models.Model):
    """Somebody who owns exclusive units in one community: one head however many units (RULEBOOK 2)."""

    community = models.ForeignKey(Unit, models.PROTECT, related_name="owners", verbose_name=_("社区"))
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="owners")
    kind = models.CharField(_("类别"), max_length=8, choices=OwnerKind.choices, default=OwnerKind.PERSON)
    name = models.CharField(_("姓名或名称"), max_length=100)
    id_suffix = models.CharField(_("证件尾号"), max_length=8, blank=True)
    phone = models.CharField(_("电话"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("业主")
        verbose_name_plural = _("业主")
        constraints = [
            models.UniqueConstraint(fields=["community", "name", "id_suffix"], name="owner_is_one_head"),
        ]

    def __str__(self) -> str:
        return self.name


class Ground(models.TextChoices):
    """Why an owner does not vote in person."""

    MINOR = "minor", _("未成年")
    INCAPABLE = "incapable", _("无民事行为能力或者限制民事行为能力")


class Guardianship(models.Model):
    """Who votes for an owner who is a minor or incapable (Civil Code 23, 27, 28): the legal representative.

    It holds until `until_on` (that day included; null: open) or until it was ended. `basis` names the paper it rests
    on. Ended ones stay: what a guardian voted was voted rightly.
    """

    owner = models.ForeignKey(Owner, models.PROTECT, related_name="guardianships", verbose_name=_("业主"))
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="guardianships")
    name = models.CharField(_("监护人"), max_length=50)
    ground = models.CharField(_("事由"), max_length=10, choices=Ground.choices, default=Ground.MINOR)
    basis = models.CharField(_("依据"), max_length=200)
    until_on = models.DateField(_("有效期至"), null=True, blank=True)
    ended_at = models.DateTimeField(_("终止"), null=True, blank=True)

    class Meta:
        verbose_name = _("监护")
        verbose_name_plural = _("监护")
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(ended_at__isnull=True), name="one_guardian_for_each_owner"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(basis=""), name="guardianship_says_who_and_why"),
        ]

    def __str__(self) -> str:
        return f"{self.name} → {self.owner}"


class PropertyKind(models.TextChoices):
    """What kind of exclusive unit; decides whether and how it counts."""

    SOLD = "sold", _("已售")
    UNSOLD = "unsold", _("未售")
    UNDELIVERED = "undelivered", _("未交付")
    PARKING = "parking", _("车位")
    STORAGE = "storage", _("储藏间")


class ExclusiveUnit(models.Model):
    """A separately owned part. `area` is in units of 0.01 m2."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="exclusive_units", verbose_name=_("户"))
    label = models.CharField(_("编号"), max_length=80)
    kind = models.CharField(_("类别"), max_length=12, choices=PropertyKind.choices, default=PropertyKind.SOLD)
    area = models.PositiveBigIntegerField(_("专有面积（0.01平方米）"))

    class Meta:
        verbose_name = _("专有部分")
        verbose_name_plural = _("专有部分")
        constraints = [
            models.CheckConstraint(condition=Q(area__gt=0), name="exclusive_unit_has_area"),
            models.UniqueConstraint(fields=["household", "label", "kind"], name="exclusive_unit_is_unique"),
        ]

    def __str__(self) -> str:
        return self.label


class Ownership(models.Model):
    """Who owns an exclusive unit. Of several co-owners one is the voter (`is_voter`).

    `named` is whom this co-owner wants to vote for the unit; when all of them name the same, that one is the voter.
    """

    exclusive_unit = models.ForeignKey(ExclusiveUnit, models.CASCADE, related_name="ownerships")
    owner = models.ForeignKey(Owner, models.PROTECT, related_name="ownerships")
    is_voter = models.BooleanField(_("共有人推选的表决人"), default=True)
    named = models.ForeignKey(Owner, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("推选"))

    class Meta:
        verbose_name = _("产权")
        verbose_name_plural = _("产权")
        constraints = [
            models.UniqueConstraint(fields=["exclusive_unit", "owner"], name="ownership_is_unique"),
            models.UniqueConstraint(
                fields=["exclusive_unit"], condition=Q(is_voter=True), name="one_voter_for_each_exclusive_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.exclusive_unit}"


class Residency(models.Model):
    """A user living in a household, and how they belong to it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="residencies")
    household = models.ForeignKey(Household, models.CASCADE, related_name="residencies")
    relation = models.CharField(_("关系"), max_length=20, blank=True)
    is_representative = models.BooleanField(_("户代表"), default=False)

    class Meta:
        verbose_name = _("居住")
        verbose_name_plural = _("居住")
        constraints = [
            models.UniqueConstraint(fields=["user", "household"], name="residency_is_unique"),
            models.UniqueConstraint(
                fields=["household"], condition=Q(is_representative=True), name="one_representative_for_each_household"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.household}"


class SignInCode(models.Model):
    """A printed code that signs one user in. Only its keyed hash is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_in_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("登录码")
        verbose_name_plural = _("登录码")

    def __str__(self) -> str:
        return f"{self.user}"


class SignInFailure(models.Model):
    """How many wrong codes came from one address in one minute. `address_hash` is keyed; rows older than an hour go.

    In the database, so that every server process counts the same failures.
    """

    address_hash = models.CharField(max_length=64)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("登录失败")
        verbose_name_plural = _("登录失败")
        constraints = [
            models.UniqueConstraint(fields=["address_hash", "minute"], name="failures_are_counted_by_the_minute"),
        ]
        indexes = [models.Index(fields=["minute"], name="failures_by_minute")]

    def __str__(self) -> str:
        return f"{self.minute:%H:%M} {self.count}"
