"""The register of households and owners of a community, brought in from a table by the counting rules."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from community.models import (
    ExclusiveUnit,
    Guardianship,
    Household,
    Office,
    Owner,
    Ownership,
    PropertyKind,
    Unit,
    UnitKind,
    User,
)
from community.operations.units import append_children
from community.queries import COUNTED_KINDS
from community.roll_table import OwnerKey, Part, RollTable, read_roll
from community.rules import is_platform, require_office, within
from community.signals import roll_imported
from core import clock, ledger
from core.actors import Actor
from core.errors import BadInput, Stale
from core.measure import format_area
from core.tables import Row, bad_cell

_PLACES = frozenset(
    {UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.ESTATE, UnitKind.BUILDING, UnitKind.ENTRANCE, UnitKind.HOUSEHOLD}
)
_CHUNK = 2000
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
    table = read_roll(rows)
    try:
        with transaction.atomic():
            done = _imported(table, community, now or clock.now())
            if check:
                transaction.set_rollback(True)
            elif done.created or done.updated:
                after = {"created": done.created, "updated": done.updated, "heads": done.heads, "area": done.area}
                ledger.record(by=by, act="import_roll", subject=community, office=office, after=after, now=now)
                transaction.on_commit(lambda: roll_imported.send(sender=Household, community=community))
            return done
    except IntegrityError as error:
        raise Stale(_("另一次导入刚刚改动了名册，请再导入一次。")) from error


# --- storing ----------------------------------------------------------------


def _imported(table: RollTable, community: Unit, now: dt.datetime) -> RollImport:
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
    _guardians(table, owners, done, now)
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


def _households(table: RollTable, community: Unit, done: RollImport) -> dict[tuple[str, str], Household]:
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


def _named_units(table: RollTable, community: Unit) -> dict[str, Unit]:
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


def _existing_dwellings(table: RollTable, codes: set[str], ours: dict[str, tuple[Unit, str]]) -> dict[str, Unit]:
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


def _owners(table: RollTable, community: Unit, done: RollImport) -> dict[OwnerKey, Owner]:
    names = {key.name for key in table.people}
    stored: dict[OwnerKey, Owner] = {}
    for part in _chunks(names):
        for known in Owner.objects.filter(community=community, name__in=part):
            stored[OwnerKey(known.name, known.id_suffix)] = known
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
        stored[OwnerKey(made.name, made.id_suffix)] = made
    Owner.objects.bulk_update(changed, ["kind", "phone"], batch_size=300)
    done.created += len(new)
    done.updated += len(changed)
    return {key: stored[key] for key in table.people}


def _guardians(table: RollTable, owners: dict[OwnerKey, Owner], done: RollImport, now: dt.datetime) -> None:
    """Store the guardians the table names; who is not given one keeps what is recorded."""
    wanted = {owners[key].pk: person for key, person in table.people.items() if person.guardian is not None}
    stored: dict[int, Guardianship] = {}
    for part in _chunks(wanted):
        stored.update({one.owner_id: one for one in Guardianship.objects.filter(owner__in=part, ended_at__isnull=True)})
    kept = {pk for pk, one in stored.items() if (one.name, one.ground) == wanted[pk].guardian}
    gone = [one.pk for pk, one in stored.items() if pk not in kept]
    Guardianship.objects.filter(pk__in=gone).update(ended_at=now)
    Guardianship.objects.bulk_create(
        Guardianship(
            owner_id=pk,
            name=person.guardian[0],
            ground=person.guardian[1],
            basis=f"名册导入：{table.file}第{person.row}行"[:200],
        )
        for pk, person in wanted.items()
        if pk not in kept and person.guardian is not None
    )
    done.updated += len(gone)
    done.created += len(wanted) - len(kept) - len(gone)
    done.unchanged += len(kept)


def _parts(
    table: RollTable,
    households: dict[tuple[str, str], Household],
    homes: dict[OwnerKey, Household],
    owners: dict[OwnerKey, Owner],
    done: RollImport,
) -> set[int]:
    """Store exclusive units and who owns them, and return the ids of the owners who vote for a unit that counts.

    Parking of somebody without a flat here is counted as excluded, not stored.
    """
    placed: list[tuple[Part, Household]] = []
    for part in table.parts:
        home = households.get((part.unit_code, part.household)) or homes.get(next(iter(part.owners)))
        if home is not None:
            placed.append((part, home))
    stored: dict[int, list[ExclusiveUnit]] = defaultdict(list)
    for ids in _chunks({home.pk for _part, home in placed}):
        for held in ExclusiveUnit.objects.filter(household__in=ids).order_by("pk"):
            stored[held.household_id].append(held)
    named: set[tuple[int, str, str]] = {(home.pk, part.label, part.kind) for part, home in placed}
    found: list[tuple[Part, ExclusiveUnit]] = []
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


def _same_unit(part: Part, stored: list[ExclusiveUnit], named: set[tuple[int, str, str]]) -> ExclusiveUnit | None:
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


def _ownerships(found: list[tuple[Part, ExclusiveUnit]], owners: dict[OwnerKey, Owner]) -> tuple[set[int], set[int]]:
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
