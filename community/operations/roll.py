"""The register of households and owners of a community, brought in from a table by the counting rules."""

import datetime as dt
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from community.models import (
    ExclusiveUnit,
    Household,
    Office,
    Owner,
    OwnerKind,
    Ownership,
    PropertyKind,
    Unit,
    UnitKind,
    User,
)
from community.operations.units import append_children
from community.queries import COUNTED_KINDS
from community.rules import is_platform, require_office, within
from community.signals import roll_imported
from core import ledger
from core.actors import Actor
from core.errors import BadInput, Stale
from core.measure import format_area, parse_area
from core.tables import Row, bad_cell

COLUMNS = ("unit_code", "household", "area", "owner_name", "id_suffix", "phone", "relation", "kind")
LONGEST = {"unit_code": 64, "household": 60, "area": 20, "owner_name": 100, "id_suffix": 8, "phone": 20, "relation": 20}
ALIASES = {
    "单位代码": "unit_code",
    "房号": "household",
    "面积": "area",
    "姓名": "owner_name",
    "证件尾号": "id_suffix",
    "电话": "phone",
    "关系": "relation",
    "类别": "kind",
}
KINDS = {
    "已售": "sold",
    "未售": "unsold",
    "未交付": "undelivered",
    "车位": "parking",
    "储藏间": "storage",
} | {kind: kind for kind in PropertyKind.values}
TENANTS = frozenset({"租户", "承租人", "租客", "tenant", "renter"})
DEVELOPERS = frozenset({"开发商", "建设单位", "开发建设单位", "developer"})
DEFAULT_DEVELOPER = "开发建设单位"
_BODY = re.compile(
    r"(公司|集团|置业|地产|开发商|建设单位|中心|委员会|合作社|银行|学校|医院|管理局|(?<!.)政府|co\.|ltd|inc\.)",
    re.IGNORECASE,
)
_LARGEST_AREA = 10_000_000_00  # 10 km2 in 0.01 m2: a typing mistake, not a flat
_CHUNK = 2000
_PLACES = frozenset(
    {UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.ESTATE, UnitKind.BUILDING, UnitKind.ENTRANCE, UnitKind.HOUSEHOLD}
)
_HAN_SPACES = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{2,18}", re.ASCII)
_SUFFIX = re.compile(r"[0-9A-Z]{1,8}", re.ASCII)
T = TypeVar("T")


@dataclass(slots=True)
class RollImport:
    """What a table says (households, owners, units, heads, area in 0.01 m2) and what it changed."""

    households: int = 0
    owners: int = 0
    exclusive_units: int = 0
    heads: int = 0
    area: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the command's answer; the area as a decimal string."""
        return {
            "households": self.households,
            "owners": self.owners,
            "exclusive_units": self.exclusive_units,
            "heads": self.heads,
            "area": format_area(self.area),
            "excluded": self.excluded,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
        }


@dataclass(frozen=True, slots=True)
class _OwnerKey:
    name: str
    id_suffix: str


@dataclass(slots=True)
class _Person:
    key: _OwnerKey
    kind: str
    phone: str
    row: int


@dataclass(slots=True)
class _Part:
    """One exclusive unit of the table and its owners, the default voter first."""

    unit_code: str
    household: str
    label: str
    kind: str
    area: int
    row: int
    owners: dict[_OwnerKey, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Table:
    """A whole table, read and consistent in itself."""

    file: str
    parts: list[_Part]
    people: dict[_OwnerKey, _Person]
    places: dict[tuple[str, str], int]
    tenants: int


def import_roll(
    rows: Iterable[Row], *, community: Unit, by: Actor, check: bool = False, now: dt.datetime | None = None
) -> RollImport:
    """Bring households, exclusive units and owners of `community` to what the table says, in one transaction.

    Each exclusive unit the table names gets exactly the owners the table gives it; units it does not name stay. A
    voter chosen by co-owners stays chosen while they own; otherwise the first listed votes. Running it again
    changes nothing. With `check` everything is done and undone: the same answer, nothing stored.

    Counting (RULEBOOK 2): one buyer of several units is one head; the developer's unsold and undelivered units are
    one head; rows of the same unit, household and kind with different owners are one unit, its area once, with one
    voter; parking and storage count neither heads nor area; tenants are no owners.
    By the community's secretary, director or committee. Raises BadInput naming file, row and field.
    """
    office = ""
    if not is_platform(by) and not (isinstance(by, User) and by.is_superuser):
        office = require_office(by, Office.SECRETARY, Office.DIRECTOR, Office.COMMITTEE_MEMBER, unit=community, now=now)
    if community.kind != UnitKind.COMMUNITY:
        raise BadInput(_("%(unit)s不是社区。") % {"unit": community}, field="community")
    table = _read(rows)
    try:
        with transaction.atomic():
            done = _imported(table, community)
            if check:
                transaction.set_rollback(True)
            elif done.created or done.updated:
                after = {"created": done.created, "updated": done.updated, "heads": done.heads, "area": done.area}
                ledger.record(by=by, act="import_roll", subject=community, office=office, after=after, now=now)
                transaction.on_commit(lambda: roll_imported.send(sender=Household, community=community))
            return done
    except IntegrityError as error:
        raise Stale(_("另一次导入刚刚改动了名册，请再导入一次。")) from error


# --- reading ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    row: Row
    unit_code: str
    household: str
    kind: str
    area: int
    name: str
    id_suffix: str
    phone: str
    relation: str


def _read(rows: Iterable[Row]) -> _Table:
    lines = [_line(row) for row in rows]
    developer = _sole_developer(lines)
    table = _Table(lines[0].row.file if lines else "", [], {}, {}, 0)
    parts: dict[tuple[str, str, str, str], _Part] = {}
    for line in lines:
        if line.kind in COUNTED_KINDS:
            table.places.setdefault((line.unit_code, line.household), line.row.number)
        if line.relation in TENANTS:
            table.tenants += 1
            continue
        key = _person(line, developer, table.people)
        part = _part_of(line, key, parts)
        part.owners[key] = None
    table.parts = list(parts.values())
    _settle_voters(table.parts)
    return table


def _line(row: Row) -> _Line:
    kind = KINDS.get(_plain(row["kind"]).lower())
    if kind is None:
        raise row.error("kind", _("类别须为 %(kinds)s 之一。") % {"kinds": "、".join(PropertyKind.values)})
    relation = _plain(row["relation"]).lower()
    unit_code = _plain(row["unit_code"])
    if not unit_code:
        raise row.error("unit_code", _("单位代码不能为空。"))
    household = _plain(row["household"])
    is_tenant = relation in TENANTS
    name = _HAN_SPACES.sub("", " ".join(row["owner_name"].split()))
    is_developers = kind in {PropertyKind.UNSOLD, PropertyKind.UNDELIVERED}
    if not name and not is_developers and not is_tenant:
        raise row.error("owner_name", _("姓名不能为空。"))
    id_suffix = _plain(row["id_suffix"]).upper()
    if id_suffix and not _SUFFIX.fullmatch(id_suffix):
        raise row.error("id_suffix", _("证件尾号只能是最多 8 位数字或字母。"))
    phone = _plain(row["phone"])
    if phone and not _PHONE.fullmatch(phone):
        raise row.error("phone", _("电话号码不对。"))
    area = 0
    if row["area"] or not is_tenant:
        try:
            area = parse_area(_plain(row["area"]))
        except BadInput as error:
            raise row.error("area", str(error.sentence)) from error
        if area > _LARGEST_AREA:
            raise row.error("area", _("面积太大。"))
    return _Line(row, unit_code, household, kind, area, name, id_suffix, phone, relation)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _sole_developer(lines: list[_Line]) -> str:
    """Return the developer's name when the table names exactly one, else the general word."""
    named = {
        line.name
        for line in lines
        if line.name
        and (
            line.relation in DEVELOPERS
            or line.kind == PropertyKind.UNSOLD
            or (line.kind == PropertyKind.UNDELIVERED and _BODY.search(line.name))
        )
    }
    return named.pop() if len(named) == 1 else DEFAULT_DEVELOPER


def _person(line: _Line, developer: str, people: dict[_OwnerKey, _Person]) -> _OwnerKey:
    """Return whose head this row is; a developer's unit is the developer's whoever else stands in the row."""
    name, suffix, phone = line.name, line.id_suffix, line.phone
    kind = OwnerKind.BODY if _BODY.search(name) or line.relation in DEVELOPERS else OwnerKind.PERSON
    if line.kind in {PropertyKind.UNSOLD, PropertyKind.UNDELIVERED}:
        if line.kind == PropertyKind.UNDELIVERED and kind == OwnerKind.PERSON and name != developer:
            name, phone = developer, ""
        name = name or developer
        kind = OwnerKind.BODY
    if kind == OwnerKind.BODY:
        suffix = ""
    key = _OwnerKey(name, suffix)
    known = people.setdefault(key, _Person(key, kind, phone, line.row.number))
    if kind == OwnerKind.BODY:
        known.kind = kind
    if phone and known.phone and phone != known.phone and not suffix and kind == OwnerKind.PERSON:
        raise line.row.error(
            "id_suffix",
            _("第 %(row)s 行也有%(name)s，电话不同，分不清是不是同一个人：请填证件尾号。")
            % {"row": known.row, "name": name},
        )
    known.phone = known.phone or phone
    return key


def _part_of(line: _Line, key: _OwnerKey, parts: dict[tuple[str, str, str, str], _Part]) -> _Part:
    counted = line.kind in COUNTED_KINDS
    if counted and line.area == 0:
        raise line.row.error("area", _("面积必须大于 0。"))
    number = 1
    while True:
        label = line.household or line.unit_code
        if number > 1:
            label = f"{label}#{number}"
        place = (line.unit_code, line.household, line.kind, label)
        part = parts.get(place)
        if part is None:
            part = parts[place] = _Part(line.unit_code, line.household, label, line.kind, line.area, line.row.number)
            return part
        # A second parking space of the same owner is another one; a flat can only be repeated.
        if not counted and (key in part.owners or part.area != line.area):
            number += 1
            continue
        if part.area != line.area:
            raise line.row.error("area", _("与第 %(row)s 行是同一户，面积不同。") % {"row": part.row})
        return part


def _settle_voters(parts: list[_Part]) -> None:
    """Where the same people own several units together, let the same one of them stand first everywhere."""
    first: dict[frozenset[_OwnerKey], _OwnerKey] = {}
    for part in parts:
        if len(part.owners) > 1:
            voter = first.setdefault(frozenset(part.owners), next(iter(part.owners)))
            part.owners = {voter: None, **part.owners}


# --- storing ----------------------------------------------------------------


def _imported(table: _Table, community: Unit) -> RollImport:
    Unit.objects.select_for_update().get(pk=community.pk)
    done = RollImport()
    households = _households(table, community, done)
    owners = _owners(table, community, done)
    homes = {
        key: households[part.unit_code, part.household]
        for part in reversed(table.parts)
        if part.kind in COUNTED_KINDS
        for key in part.owners
    }
    voters = _parts(table, households, homes, owners, done)
    counted = [part for part in table.parts if part.kind in COUNTED_KINDS]
    done.households = len(table.places)
    done.owners = len({key for part in counted for key in part.owners})
    done.exclusive_units = len(counted)
    done.heads = len(voters)
    done.area = sum(part.area for part in counted)
    done.excluded = {
        "parking": sum(part.kind == PropertyKind.PARKING for part in table.parts),
        "storage": sum(part.kind == PropertyKind.STORAGE for part in table.parts),
        "tenants": table.tenants,
    }
    return done


def _households(table: _Table, community: Unit, done: RollImport) -> dict[tuple[str, str], Household]:
    """Return the household of every dwelling the table names, making what is missing below the named units."""
    units = _named_units(table, community)
    dwellings: dict[tuple[str, str], str] = {}
    missing: dict[str, tuple[Unit, str]] = {}
    for (code, label), row in table.places.items():
        if units[code].kind == UnitKind.HOUSEHOLD:
            dwellings[code, label] = code
            continue
        if not label:
            raise bad_cell(table.file, row, "household", _("房号不能为空。"))
        dwellings[code, label] = own = _household_code(code, label)
        if own in missing:
            raise bad_cell(table.file, row, "household", _("代码 %(code)s 已经用在别的单位上。") % {"code": own})
        missing[own] = (units[code], label)
    existing = _existing_dwellings(table, set(dwellings.values()), missing)
    below: dict[int, list[Unit]] = defaultdict(list)
    for own, (unit, label) in missing.items():
        if own not in existing:
            below[unit.pk].append(Unit(code=own, name=label, kind=UnitKind.HOUSEHOLD))
    above = {unit.pk: unit for unit in units.values()}
    for pk, children in below.items():
        existing.update({child.code: child for child in append_children(above[pk], children)})
    return _household_rows(dwellings, existing, _place_names(community, existing.values()), done)


def _named_units(table: _Table, community: Unit) -> dict[str, Unit]:
    """Return the units the table names, by code. Raises BadInput for one that is not in the community."""
    wanted = {part.unit_code: part.row for part in reversed(table.parts)}
    wanted |= {code: row for (code, _label), row in reversed(table.places.items())}
    units: dict[str, Unit] = {}
    for codes in _chunks(wanted):
        units.update({unit.code: unit for unit in Unit.objects.filter(within(community), code__in=codes)})
    for code, row in sorted(wanted.items(), key=lambda item: item[1]):
        if code not in units:
            raise bad_cell(table.file, row, "unit_code", _("本社区没有代码为 %(code)s 的单位。") % {"code": code})
    return units


def _existing_dwellings(table: _Table, codes: set[str], ours: dict[str, tuple[Unit, str]]) -> dict[str, Unit]:
    """Return the stored units of the dwellings' codes. Raises BadInput where a code of ours means something else."""
    existing: dict[str, Unit] = {}
    for part in _chunks(codes):
        existing.update({unit.code: unit for unit in Unit.objects.filter(code__in=part)})
    for own, (unit, label) in ours.items():
        held = existing.get(own)
        if held and (held.kind != UnitKind.HOUSEHOLD or held.path[: -Unit.steplen] != unit.path):
            row = table.places[unit.code, label]
            raise bad_cell(table.file, row, "household", _("代码 %(code)s 已经用在别的单位上。") % {"code": own})
    return existing


def _household_rows(
    dwellings: dict[tuple[str, str], str], units: dict[str, Unit], names: dict[str, str], done: RollImport
) -> dict[tuple[str, str], Household]:
    by_unit: dict[int, Household] = {}
    ids = [unit.pk for unit in units.values()]
    for part in _chunks(ids):
        by_unit.update({row.unit_id: row for row in Household.objects.filter(unit__in=part)})
    new = [Household(unit=unit, label=names[unit.path]) for unit in units.values() if unit.pk not in by_unit]
    for row in Household.objects.bulk_create(new, batch_size=300):
        by_unit[row.unit_id] = row
    done.created += len(new)
    done.unchanged += len(units) - len(new)
    return {place: by_unit[units[code].pk] for place, code in dwellings.items()}


def _place_names(community: Unit, units: Iterable[Unit]) -> dict[str, str]:
    """Return path -> address below the community: 幸福小区3幢2单元301, without the grid."""
    steps = Unit.steplen
    paths = {unit.path for unit in units}
    wanted = {path[:n] for path in paths for n in range(len(community.path) + steps, len(path) + 1, steps)}
    named: dict[str, str] = {}
    for part in _chunks(wanted):
        for path, name, kind in Unit.objects.filter(path__in=part).values_list("path", "name", "kind"):
            named[path] = "" if kind == UnitKind.GRID else name
    return {
        path: "".join(named[path[:n]] for n in range(len(community.path) + steps, len(path) + 1, steps))[-80:]
        for path in paths
    }


def _household_code(code: str, label: str) -> str:
    own = f"{code}:{label}"
    if len(own) <= 64 and not any(c.isspace() for c in own):  # noqa: PLR2004 - the length of Unit.code
        return own
    return f"{code[:47]}:{hashlib.sha256(own.encode()).hexdigest()[:16]}"


def _owners(table: _Table, community: Unit, done: RollImport) -> dict[_OwnerKey, Owner]:
    names = {key.name for key in table.people}
    stored: dict[_OwnerKey, Owner] = {}
    for part in _chunks(names):
        for known in Owner.objects.filter(community=community, name__in=part):
            stored[_OwnerKey(known.name, known.id_suffix)] = known
    new: list[Owner] = []
    changed: list[Owner] = []
    for key, person in table.people.items():
        if (owner := stored.get(key)) is None:
            new.append(
                Owner(
                    community=community,
                    name=key.name,
                    id_suffix=key.id_suffix,
                    kind=person.kind,
                    phone=person.phone,
                )
            )
        elif (owner.kind, owner.phone) != (person.kind, person.phone or owner.phone):
            owner.kind, owner.phone = person.kind, person.phone or owner.phone
            changed.append(owner)
        else:
            done.unchanged += 1
    for made in Owner.objects.bulk_create(new, batch_size=300):
        stored[_OwnerKey(made.name, made.id_suffix)] = made
    Owner.objects.bulk_update(changed, ["kind", "phone"], batch_size=300)
    done.created += len(new)
    done.updated += len(changed)
    return {key: stored[key] for key in table.people}


def _parts(
    table: _Table,
    households: dict[tuple[str, str], Household],
    homes: dict[_OwnerKey, Household],
    owners: dict[_OwnerKey, Owner],
    done: RollImport,
) -> set[int]:
    """Store exclusive units and who owns them, and return the ids of the owners who vote for a unit that counts.

    Parking of somebody without a flat here is counted as excluded, not stored.
    """
    placed: list[tuple[_Part, Household]] = []
    for part in table.parts:
        home = households.get((part.unit_code, part.household)) or homes.get(next(iter(part.owners)))
        if home is not None:
            placed.append((part, home))
    stored: dict[int, list[ExclusiveUnit]] = defaultdict(list)
    for ids in _chunks({home.pk for _part, home in placed}):
        for held in ExclusiveUnit.objects.filter(household__in=ids).order_by("pk"):
            stored[held.household_id].append(held)
    named: set[tuple[int, str, str]] = {(home.pk, part.label, part.kind) for part, home in placed}
    found: list[tuple[_Part, ExclusiveUnit]] = []
    new: list[ExclusiveUnit] = []
    changed: list[ExclusiveUnit] = []
    known: list[int] = []
    for part, home in placed:
        if (unit := _same_unit(part, stored[home.pk], named)) is None:
            unit = ExclusiveUnit(household=home, label=part.label, kind=part.kind, area=part.area)
            new.append(unit)
        elif (unit.kind, unit.area) != (part.kind, part.area):
            unit.kind, unit.area = part.kind, part.area
            changed.append(unit)
        else:
            known.append(unit.pk)
        found.append((part, unit))
    ExclusiveUnit.objects.bulk_create(new, batch_size=300)
    ExclusiveUnit.objects.bulk_update(changed, ["kind", "area"], batch_size=300)
    regrouped, voters = _ownerships(found, owners)
    done.created += len(new)
    done.updated += len({unit.pk for unit in changed} | (regrouped - {unit.pk for unit in new}))
    done.unchanged += len(set(known) - regrouped)
    return voters


def _same_unit(part: _Part, stored: list[ExclusiveUnit], named: set[tuple[int, str, str]]) -> ExclusiveUnit | None:
    """Return the stored unit this part is: same place and kind, or a flat whose kind changed (it was sold)."""
    for unit in stored:
        if (unit.label, unit.kind) == (part.label, part.kind):
            return unit
    if part.kind in COUNTED_KINDS:
        for unit in stored:
            free = (unit.household_id, unit.label, unit.kind) not in named
            if unit.label == part.label and unit.kind in COUNTED_KINDS and free:
                return unit
    return None


def _ownerships(found: list[tuple[_Part, ExclusiveUnit]], owners: dict[_OwnerKey, Owner]) -> tuple[set[int], set[int]]:
    """Give each unit exactly its owners and one voter; return the ids of changed units and of the voters that count."""
    held: dict[int, dict[int, Ownership]] = defaultdict(dict)
    for ids in _chunks([unit.pk for _part, unit in found]):
        for ownership in Ownership.objects.filter(exclusive_unit__in=ids):
            held[ownership.exclusive_unit_id][ownership.owner_id] = ownership
    gone: list[int] = []
    quiet: list[int] = []
    raised: list[int] = []
    new: list[Ownership] = []
    changed: set[int] = set()
    voters: set[int] = set()
    for part, unit in found:
        wanted = [owners[key].pk for key in part.owners]
        now_held = held[unit.pk]
        chosen = next((pk for pk, one in now_held.items() if one.is_voter and pk in wanted), wanted[0])
        if part.kind in COUNTED_KINDS:
            voters.add(chosen)
        before = (len(gone), len(quiet), len(raised), len(new))
        gone.extend(one.pk for pk, one in now_held.items() if pk not in wanted)
        quiet.extend(one.pk for pk, one in now_held.items() if pk in wanted and one.is_voter and pk != chosen)
        raised.extend(one.pk for pk, one in now_held.items() if pk == chosen and not one.is_voter)
        new.extend(
            Ownership(exclusive_unit=unit, owner_id=pk, is_voter=pk == chosen) for pk in wanted if pk not in now_held
        )
        if before != (len(gone), len(quiet), len(raised), len(new)):
            changed.add(unit.pk)
    for ids in _chunks(gone):
        Ownership.objects.filter(pk__in=ids).delete()
    for ids in _chunks(quiet):
        Ownership.objects.filter(pk__in=ids).update(is_voter=False)
    for ids in _chunks(raised):
        Ownership.objects.filter(pk__in=ids).update(is_voter=True)
    Ownership.objects.bulk_create(new, batch_size=300)
    return changed, voters


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while part := list(islice(rest, _CHUNK)):
        yield part
