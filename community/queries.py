"""Reading people and places."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, Prefetch, Q, QuerySet, When
from django.utils.translation import gettext as _

from community.models import (
    ExclusiveUnit,
    Guardianship,
    Household,
    Office,
    Owner,
    Ownership,
    PropertyKind,
    Residency,
    Term,
    Unit,
    UnitKind,
    User,
)
from community.names import joined, short_name
from community.rules import OFFICES_BY_RANK, holds_office, in_force, paths_from_root, within
from core import clock
from core.errors import NotFound

LEAST_DIGITS = 4  # of the end of a phone number, to be found by it
ADULT = 18  # years: who votes (Residents' Committees Act 10, Civil Code 17)
_INSIDE_COMMUNITY = (UnitKind.ESTATE, UnitKind.BUILDING, UnitKind.ENTRANCE, UnitKind.HOUSEHOLD)

# Parking and storage are excluded from heads and area (RULEBOOK 2).
COUNTED_KINDS: tuple[str, ...] = (PropertyKind.SOLD, PropertyKind.UNSOLD, PropertyKind.UNDELIVERED)


@dataclass(frozen=True, slots=True)
class OwnerShare:
    """One owner's weight in a place: always 1 head, and the area (0.01 m2) of all the units they vote for there.

    `places` are the addresses of those units, in the order of the tree; `guardian` votes where there is one.
    """

    owner: Owner
    heads: int
    area: int
    places: tuple[str, ...]
    guardian: Guardianship | None = None


def unit_by_code(code: str) -> Unit:
    """Return the unit of an official code. Raises NotFound naming it."""
    # PostgreSQL refuses to look for text with a NUL.
    unit: Unit | None = Unit.objects.filter(code=code).first() if "\x00" not in code else None
    if unit is None:
        raise NotFound(_("没有代码为 %(code)s 的单位。") % {"code": code[:64]})
    return unit


def units_under(unit: Unit, *kinds: str) -> QuerySet[Unit]:
    """Return `unit` and everything below it in the order of the tree, of `kinds` only where given. Lazy."""
    under: QuerySet[Unit] = Unit.objects.filter(within(unit)).order_by("path")
    return under.filter(kind__in=kinds) if kinds else under


def community_of(unit: Unit) -> Unit:
    """Return the community `unit` lies in, or is. One query at most. Raises NotFound above the communities."""
    if unit.kind == UnitKind.COMMUNITY:
        return unit
    above = Unit.objects.filter(path__in=paths_from_root(unit), kind=UnitKind.COMMUNITY)
    found: Unit | None = above.order_by("-depth").first()
    if found is None:
        raise NotFound(_("%(unit)s不属于任何社区。") % {"unit": unit})
    return found


def households_under(unit: Unit) -> QuerySet[Household]:
    """Return the households in `unit`, in the order of the tree. Lazy."""
    return Household.objects.filter(within(unit, "unit__")).select_related("unit").order_by("unit__path")


def roll_of(unit: Unit, *, today: dt.date | None = None) -> list[OwnerShare]:
    """Return the owners who vote on matters of `unit` with their weight, by the counting rules of RULEBOOK 2.

    One head for each owner however many units; the area of a unit counts once, for the voter its co-owners chose;
    parking and storage do not count. Guardians are those of `today`. Runs two queries; about 10 us a unit.
    """
    held = (
        Ownership.objects.filter(
            within(unit, "exclusive_unit__household__unit__"),
            is_voter=True,
            exclusive_unit__kind__in=COUNTED_KINDS,
        )
        .select_related("owner__user", "exclusive_unit__household")
        .order_by("exclusive_unit__household__unit__path", "exclusive_unit_id")
    )
    owners: dict[int, Owner] = {}
    areas: dict[int, int] = {}
    places: dict[int, list[str]] = {}
    for ownership in held:
        owner, part = ownership.owner, ownership.exclusive_unit
        owners.setdefault(owner.pk, owner)
        areas[owner.pk] = areas.get(owner.pk, 0) + part.area
        places.setdefault(owner.pk, []).append(part.household.label)
    guarded = {one.owner_id: one for one in guardianships_in(unit, today or clock.local_date())} if owners else {}
    return [OwnerShare(owner, 1, areas[pk], tuple(places[pk]), guarded.get(pk)) for pk, owner in owners.items()]


def guardianships_in(unit: Unit, today: dt.date) -> QuerySet[Guardianship]:
    """Return the guardianships in force of those who own something in `unit`. Lazy."""
    owning = Ownership.objects.filter(within(unit, "exclusive_unit__household__unit__"))
    return _guarding(today).filter(owner__in=owning.values("owner")).select_related("user")


def guardian_of(owner: Owner, today: dt.date) -> Guardianship | None:
    """Return who votes for an owner who is a minor or incapable, None where the owner votes in person. One query."""
    return _guarding(today).filter(owner=owner).select_related("user").first()


def guardians_of(owners: Iterable[int], today: dt.date) -> dict[int, Guardianship]:
    """Return who votes for each of `owners` (ids) that is a minor or incapable, by owner. One query."""
    found = _guarding(today).filter(owner__in=list(owners)).select_related("user").order_by("-pk")
    return {one.owner_id: one for one in found}


def is_minor(user: User, today: dt.date) -> bool:
    """Return whether the account's owner is under 18 on `today`; False where no date of birth is known."""
    born = user.born_on
    return born is not None and (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) < ADULT


def units_owned_by(user: User, today: dt.date) -> QuerySet[ExclusiveUnit]:
    """Return what `user`, or an owner `user` is the guardian of, owns, with owners, in the order of the tree. Lazy."""
    wards = _guarding(today).filter(user=user).values("owner")
    own = Ownership.objects.filter(Q(owner__user=user) | Q(owner__in=wards))
    return _with_owners(ExclusiveUnit.objects.filter(pk__in=own.values("exclusive_unit")))


def units_named(place: Unit, text: str) -> QuerySet[ExclusiveUnit]:
    """Return the counted units of a place whose address holds `text` or whose owner is called so. Lazy."""
    found = ExclusiveUnit.objects.filter(within(place, "household__unit__"), kind__in=COUNTED_KINDS)
    named = Ownership.objects.filter(owner__name=text).values("exclusive_unit")
    return _with_owners(found.filter(Q(household__label__icontains=text) | Q(pk__in=named)))


def co_owned_in(place: Unit) -> QuerySet[ExclusiveUnit]:
    """Return the counted units of a place that several people own. Lazy."""
    several = Ownership.objects.values("exclusive_unit").annotate(owners=Count("pk")).filter(owners__gt=1)
    found = ExclusiveUnit.objects.filter(within(place, "household__unit__"), kind__in=COUNTED_KINDS)
    return _with_owners(found.filter(pk__in=several.values("exclusive_unit")))


def residents_of(community: Unit, text: str = "") -> QuerySet[Residency]:
    """Return who lives in a community: everybody, or whom a name, an address or the end of a phone finds. Lazy."""
    found = Residency.objects.filter(within(community, "household__unit__"))
    if text:
        such = Q(user__name__icontains=text) | Q(household__label__icontains=text)
        if len(text) >= LEAST_DIGITS and text.isascii() and text.isdigit():
            such |= Q(user__phone__endswith=text)
        found = found.filter(such)
    return found.select_related("user", "household__unit").order_by("household__unit__path", "pk")


def homes_in(community: Unit, users: Iterable[int]) -> dict[int, str]:
    """Return where each of these accounts lives in a community, else what they own there; who has neither is left out.

    Two queries.
    """
    wanted = set(users)
    here = within(community, "household__unit__")
    lives = Residency.objects.filter(here, user__in=wanted).order_by("-household__unit__path", "-pk")
    homes = dict(lives.values_list("user_id", "household__label"))
    owns = Ownership.objects.filter(
        within(community, "exclusive_unit__household__unit__"), owner__user__in=wanted - homes.keys()
    ).order_by("-exclusive_unit__household__unit__path", "-pk")
    return {**homes, **dict(owns.values_list("owner__user_id", "exclusive_unit__household__label"))}


def accounts_in(community: Unit) -> QuerySet[User]:
    """Return the accounts whose people live, own, serve or belong in the community, or serve above it. Lazy.

    Pages find people among these: an exact username of another community would tell the name behind it.
    """
    inside = Q(residencies__household__unit__path__startswith=community.path)
    inside |= Q(owners__community=community) | Q(unit__path__startswith=community.path)
    inside |= Q(terms__unit__path__startswith=community.path) | Q(terms__unit__path__in=paths_from_root(community))
    return User.objects.filter(inside).distinct()


def account_in(community: Unit, username: str) -> User | None:
    """Return the account of this name among `accounts_in(community)` that is not switched off. One query."""
    return accounts_in(community).filter(username=username, is_active=True).first()


def terms_within(place: Unit, *, now: dt.datetime | None = None) -> QuerySet[Term]:
    """Return the running terms of office in a place, but those of residents and owners, the highest first. Lazy."""
    found = Term.objects.filter(in_force(clock.local_date(now)), within(place, "unit__"))
    found = found.exclude(office__in=[Office.RESIDENT, Office.OWNER]).select_related("user", "unit")
    rank = Case(*(When(office=office, then=place) for place, office in enumerate(OFFICES_BY_RANK)))
    return found.order_by(rank, "unit__depth", "unit__path", "starts_on", "pk")


def _with_owners(units: QuerySet[ExclusiveUnit]) -> QuerySet[ExclusiveUnit]:
    owners = Ownership.objects.select_related("owner__user", "named").order_by("pk")
    return (
        units.select_related("household__unit")
        .prefetch_related(Prefetch("ownerships", owners))
        .order_by("household__unit__path", "pk")
    )


def _guarding(today: dt.date) -> QuerySet[Guardianship]:
    return Guardianship.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=today), ended_at__isnull=True
    ).order_by("pk")


def office_holders(unit: Unit, *offices: str, below: bool = False, now: dt.datetime | None = None) -> QuerySet[User]:
    """Return the people holding one of `offices` at `unit` (with `below`: also at units under it), each once. Lazy."""
    terms = Term.objects.filter(in_force(clock.local_date(now)), office__in=offices, user__is_active=True)
    terms = terms.filter(within(unit, "unit__")) if below else terms.filter(unit=unit)
    return User.objects.filter(pk__in=terms.values("user")).order_by("pk")


def holders_around(unit: Unit, *offices: str, now: dt.datetime | None = None) -> QuerySet[User]:
    """Return the people holding one of `offices` at `unit`, above it or in it, each once. Lazy."""
    terms = Term.objects.filter(in_force(clock.local_date(now)), office__in=offices, user__is_active=True)
    near = terms.filter(within(unit, "unit__") | Q(unit__path__in=paths_from_root(unit)))
    return User.objects.filter(pk__in=near.values("user")).order_by("pk")


def representatives_of(community: Unit, *, now: dt.datetime | None = None) -> QuerySet[User]:
    """Return the residents' representatives of a community, those elected by its grids and estates included."""
    return office_holders(community, Office.RESIDENT_REPRESENTATIVE, below=True, now=now)


def communities_of(user: User, *, now: dt.datetime | None = None) -> QuerySet[Unit]:
    """Return the communities `user` belongs to by office, in the order of the tree. Lazy."""
    terms = Term.objects.filter(in_force(clock.local_date(now)), user=user, unit__kind=UnitKind.COMMUNITY)
    units: QuerySet[Unit] = Unit.objects.filter(pk__in=terms.values("unit")).order_by("path")
    return units


def community_served(user: User, *offices: str) -> Unit:
    """Return the first community in which `user` holds one of `offices`. Raises NotFound."""
    served = next((one for one in communities_of(user) if holds_office(user, *offices, unit=one)), None)
    if served is None:
        raise NotFound(_("您没有在哪个社区任职。"))
    return served


def full_name(unit: Unit, *, since: str = UnitKind.COUNTY) -> str:
    """Return the names from the county (or `since`) down to `unit`, joined: 顺庆区中城街道平城街社区居民委员会."""
    order = list(UnitKind.values)
    above = Unit.objects.filter(path__in=paths_from_root(unit)).order_by("path").values_list("kind", "name")
    return joined(name for kind, name in above if order.index(kind) >= order.index(since))


def place_names(units: Iterable[Unit]) -> dict[str, str]:
    """Return path -> how a place is called inside its community: 平城苑3幢2单元, grids left out. One query."""
    found = {unit.path: unit for unit in units}
    wanted = {path for unit in found.values() for path in paths_from_root(unit)}
    inside = Unit.objects.filter(path__in=wanted, kind__in=_INSIDE_COMMUNITY).values_list("path", "name")
    names = dict(inside)
    return {
        unit.path: joined(names.get(path, "") for path in paths_from_root(unit)) or short_name(unit.name)
        for unit in found.values()
    }


def place_name(unit: Unit) -> str:
    """Return how one place is called inside its community."""
    return place_names([unit])[unit.path]


def property_staff_of(community: Unit, *, now: dt.datetime | None = None) -> QuerySet[User]:
    """Return those whom a property company employs anywhere in the community or above it, on the day of `now`. Lazy."""
    serving = Term.objects.filter(
        in_force(clock.local_date(now)),
        within(community, "unit__") | Q(unit__path__in=paths_from_root(community)),
        office=Office.PROPERTY_STAFF,
    )
    return User.objects.filter(pk__in=serving.values("user"))


def names_in_household_of(user: User) -> frozenset[str]:
    """Return the names of those who live with `user`, without `user`: the near kin the register knows of."""
    homes = Residency.objects.filter(user=user).values("household")
    mates = Residency.objects.filter(household__in=homes).exclude(user=user)
    return frozenset(mates.values_list("user__name", flat=True))
