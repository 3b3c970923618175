"""The tree of units: one unit by hand, or a whole city from a table."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from community.models import Office, Unit, UnitKind, User
from community.rules import is_platform, require_office
from core import ledger
from core.actors import Actor
from core.errors import BadInput, NotAllowed, Stale
from core.tables import Row, bad_cell

COLUMNS = ("code", "name", "kind", "parent_code")
LONGEST = {"code": 64, "name": 100, "kind": 12, "parent_code": 64}
# How deep a kind stands; a unit lies under one of a smaller number. A grid and an estate may hold each other.
RANK = {
    UnitKind.CITY: 0,
    UnitKind.COUNTY: 1,
    UnitKind.SUBDISTRICT: 2,
    UnitKind.COMMUNITY: 3,
    UnitKind.GRID: 4,
    UnitKind.ESTATE: 4,
    UnitKind.BUILDING: 5,
    UnitKind.ENTRANCE: 6,
    UnitKind.HOUSEHOLD: 7,
}
_LOWEST_ROOT = RANK[UnitKind.COMMUNITY]
_CHUNK = 5000


@dataclass(slots=True)
class UnitsImport:
    """What an import did: numbers of units, and of the table's units by kind."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    name: str
    kind: str
    parent: str
    file: str
    row: int

    def error(self, column: str, sentence: str) -> BadInput:
        return bad_cell(self.file, self.row, column, sentence)


@dataclass(slots=True)
class _Stored:
    pk: int
    code: str
    name: str
    kind: str
    path: str
    numchild: int


def may_stand_under(kind: str, parent_kind: str) -> bool:
    """Return whether a unit of `kind` may lie under one of `parent_kind` ("" = at the top)."""
    if not parent_kind:
        return RANK[UnitKind(kind)] <= _LOWEST_ROOT
    if {kind, parent_kind} == {UnitKind.GRID, UnitKind.ESTATE}:
        return True
    return RANK[UnitKind(parent_kind)] < RANK[UnitKind(kind)]


def add_unit(
    *, code: str, name: str, kind: str, parent: Unit | None, by: Actor, now: dt.datetime | None = None
) -> Unit:
    """Add one unit under `parent`. By an administrator, or the secretary or director above. Raises BadInput."""
    office = _require_registrar(by, parent, now=now)
    entry = _Entry(code, name, kind, parent.code if parent else "", "unit", 1)
    if kind not in UnitKind.values:
        raise BadInput(_("没有这一类单位。"), field="kind")
    if not may_stand_under(kind, parent.kind if parent else ""):
        raise BadInput(_nesting(entry, parent.kind if parent else ""), field="kind")
    with transaction.atomic():
        if Unit.objects.filter(code=code).exists():
            raise BadInput(_("代码 %(code)s 已经有了。") % {"code": code}, field="code")
        fields: dict[str, Any] = {"code": code, "name": name, "kind": kind}
        unit: Unit
        if parent is None:
            unit = Unit.objects.add_root(fields)
        else:
            unit = Unit.objects.add_child(Unit.objects.select_for_update().get(pk=parent.pk), fields)
        ledger.record(by=by, act="add_unit", subject=unit, office=office, after=fields, now=now)
    return unit


def import_units(rows: Iterable[Row], *, by: Actor, now: dt.datetime | None = None) -> UnitsImport:
    """Bring the tree to what the table says, in one transaction; units it does not name stay as they are.

    Columns: `code`, `name`, `kind`, `parent_code` ("" at the top: community and above). The order of the rows does
    not matter. A unit whose parent changed moves with everything below it. Running it again changes nothing.
    By an administrator. Costs a few queries for every 5,000 rows; one more set for every unit that moves.
    Raises BadInput naming file, row and field: unknown kind, missing parent, wrong nesting, a cycle, a code twice
    with different content.
    """
    if not is_platform(by) and not (isinstance(by, User) and by.is_superuser):
        raise NotAllowed(_("只有系统管理员可以导入单位。"))
    entries = _distinct(_read(row) for row in rows)
    try:
        with transaction.atomic():
            return _imported(entries, by=by, now=now)
    except IntegrityError as error:
        raise Stale(_("另一次导入刚刚改动了单位，请再导入一次。")) from error


def _imported(entries: dict[str, _Entry], *, by: Actor, now: dt.datetime | None) -> UnitsImport:
    list(Unit.objects.filter(depth=1).select_for_update().values_list("pk"))
    stored = _stored(_chunks({*entries, *(e.parent for e in entries.values() if e.parent)}))
    parents = _parents_now(stored)
    _check_parents(entries, stored)
    _check_cycles(entries, parents)
    _check_children(entries, stored)
    done = UnitsImport(by_kind=dict(sorted(Counter(e.kind for e in entries.values()).items())))
    changed = []
    moved = []
    for entry in entries.values():
        if (unit := stored.get(entry.code)) is None:
            done.created += 1
            continue
        is_moved = parents.get(entry.code, "") != entry.parent
        if (unit.name, unit.kind) != (entry.name, entry.kind):
            changed.append(Unit(pk=unit.pk, name=entry.name, kind=entry.kind))
        elif not is_moved:
            done.unchanged += 1
            continue
        done.updated += 1
        if is_moved:
            moved.append(entry)
    for part in _chunks(changed):
        Unit.objects.bulk_update(part, ["name", "kind"], batch_size=300)
    _insert([e for e in entries.values() if e.code not in stored], stored)
    for entry in sorted(moved, key=lambda e: RANK[UnitKind(e.kind)]):
        _move(entry)
    if done.created or done.updated:
        top = next(e for e in entries.values() if e.parent not in entries)
        after = {"created": done.created, "updated": done.updated}
        ledger.record(by=by, act="import_units", subject=Unit.objects.get(code=top.code), after=after, now=now)
    return done


# --- reading ----------------------------------------------------------------


def _read(row: Row) -> _Entry:
    code, name, kind, parent = (row[column] for column in COLUMNS)
    if not code or any(c.isspace() for c in code):
        raise row.error("code", _("代码不能为空，也不能有空格。"))
    if not name:
        raise row.error("name", _("名称不能为空。"))
    if kind not in UnitKind.values:
        raise row.error("kind", _("类别须为 %(kinds)s 之一。") % {"kinds": "、".join(UnitKind.values)})
    if parent == code:
        raise row.error("parent_code", _("单位不能是自己的上级。"))
    return _Entry(code, name, kind, parent, row.file, row.number)


def _distinct(read: Iterable[_Entry]) -> dict[str, _Entry]:
    entries: dict[str, _Entry] = {}
    for entry in read:
        other = entries.setdefault(entry.code, entry)
        if (other.name, other.kind, other.parent) != (entry.name, entry.kind, entry.parent):
            raise entry.error(
                "code", _("代码 %(code)s 与第 %(row)s 行重复，内容不同。") % {"code": entry.code, "row": other.row}
            )
    return entries


def _stored(code_chunks: Iterable[Sequence[str]]) -> dict[str, _Stored]:
    found = {}
    for part in code_chunks:
        for values in Unit.objects.filter(code__in=part).values_list("pk", "code", "name", "kind", "path", "numchild"):
            unit = _Stored(*values)
            found[unit.code] = unit
    return found


def _parents_now(stored: dict[str, _Stored]) -> dict[str, str]:
    """Return code -> parent's code for every stored unit and every ancestor of one."""
    codes = {unit.path: unit.code for unit in stored.values()}
    wanted = set()
    for path in codes:
        for length in range(Unit.steplen, len(path), Unit.steplen):
            wanted.add(path[:length])
    for part in _chunks(wanted - codes.keys()):
        codes.update(Unit.objects.filter(path__in=part).values_list("path", "code"))
    return {code: codes[path[: -Unit.steplen]] for path, code in codes.items() if len(path) > Unit.steplen}


def _check_parents(entries: dict[str, _Entry], stored: dict[str, _Stored]) -> None:
    for entry in entries.values():
        parent = entries.get(entry.parent) or stored.get(entry.parent)
        if entry.parent and parent is None:
            raise entry.error("parent_code", _("没有代码为 %(code)s 的上级。") % {"code": entry.parent})
        parent_kind = parent.kind if parent else ""
        if not may_stand_under(entry.kind, parent_kind):
            raise entry.error("kind" if parent_kind else "parent_code", _nesting(entry, parent_kind))


def _nesting(entry: _Entry, parent_kind: str) -> str:
    if not parent_kind:
        return _("%(kind)s必须有上级。") % {"kind": UnitKind(entry.kind).label}
    return _("%(kind)s不能在%(parent)s之下。") % {
        "kind": UnitKind(entry.kind).label,
        "parent": UnitKind(parent_kind).label,
    }


def _check_cycles(entries: dict[str, _Entry], parents: dict[str, str]) -> None:
    """Follow every chain of parents once; grid and estate may hold each other, so kinds alone do not exclude a ring."""
    sound: set[str] = set()
    for entry in entries.values():
        chain: dict[str, None] = {}
        code = entry.code
        while code and code not in sound:
            if code in chain:
                raise entry.error("parent_code", _("上级关系绕成了圈：%(code)s。") % {"code": code})
            chain[code] = None
            code = entries[code].parent if code in entries else parents.get(code, "")
        sound.update(chain)


def _check_children(entries: dict[str, _Entry], stored: dict[str, _Stored]) -> None:
    """Check that a unit that changes its kind still stands above the children the table does not name."""
    for entry in entries.values():
        unit = stored.get(entry.code)
        if unit is None or unit.kind == entry.kind or not unit.numchild:
            continue
        depth = len(unit.path) // Unit.steplen + 1
        last = unit.path + Unit.alphabet[-1] * Unit.steplen
        children = Unit.objects.filter(path__range=(unit.path, last), depth=depth).values_list("code", "kind")
        for code, kind in children:
            if code not in entries and not may_stand_under(kind, entry.kind):
                raise entry.error(
                    "kind", _("下面还有%(kind)s %(code)s。") % {"kind": UnitKind(kind).label, "code": code}
                )


# --- writing ----------------------------------------------------------------


def append_children(parent: Unit, children: list[Unit]) -> list[Unit]:
    """Insert new units under `parent` after its last child with one INSERT, and return them with their paths.

    In the transaction of the caller, who holds the lock of the community.
    """
    known = _Stored(parent.pk, parent.code, parent.name, parent.kind, parent.path, parent.numchild)
    step = _last_steps([parent.code], {parent.code: known}).get(parent.code, 0)
    for child in children:
        step += 1
        _place(child, parent.path, step)
    made: list[Unit] = Unit.objects.bulk_create(children)
    Unit.objects.filter(pk=parent.pk).update(numchild=F("numchild") + len(made))
    return made


def _place(unit: Unit, parent_path: str, step: int) -> None:
    depth = len(parent_path) // Unit.steplen + 1
    unit.path, unit.depth = Unit._get_path(parent_path, depth, step), depth  # noqa: SLF001 - treebeard's path arithmetic


def _insert(entries: list[_Entry], stored: dict[str, _Stored]) -> None:
    """Insert new units with paths counted here, parents before children: one INSERT for many rows."""
    children: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        children[entry.parent].append(entry)
    new = {entry.code for entry in entries}
    waiting = [(code, stored[code].path if code else "") for code in children if code not in new]
    steps = _last_steps([code for code, _path in waiting], stored)
    made: list[Unit] = []
    while waiting:
        parent, path = waiting.pop()
        for step, entry in enumerate(children[parent], start=steps.get(parent, 0) + 1):
            below = len(children.get(entry.code, ()))
            unit = Unit(code=entry.code, name=entry.name, kind=entry.kind, numchild=below)
            _place(unit, path, step)
            made.append(unit)
            if below:
                waiting.append((entry.code, unit.path))
    for part in _chunks(made):
        Unit.objects.bulk_create(part)
    raised = [
        Unit(pk=stored[code].pk, numchild=stored[code].numchild + len(children[code]))
        for code in children
        if code in stored
    ]
    for part in _chunks(raised):
        Unit.objects.bulk_update(part, ["numchild"], batch_size=300)


def _last_steps(parents: list[str], stored: dict[str, _Stored]) -> dict[str, int]:
    """Return parent's code -> number of its last child's step, for stored parents that have children."""
    by_depth: dict[int, dict[str, str]] = defaultdict(dict)
    for code in parents:
        path = stored[code].path if code else ""
        by_depth[len(path) // Unit.steplen][path] = code
    last: dict[str, int] = {}
    for depth, codes in by_depth.items():
        below = Unit.objects.filter(depth=depth + 1)
        if depth == 0:
            if path := below.aggregate(last=Max("path"))["last"]:
                last[codes[""]] = Unit._str2int(path[-Unit.steplen :])  # noqa: SLF001 - treebeard's path arithmetic
            continue
        for part in _chunks(codes):
            found = (
                below.annotate(parent_path=Substr("path", 1, depth * Unit.steplen))
                .filter(parent_path__in=part)
                .order_by()
                .values_list("parent_path")
                .annotate(last=Max("path"))
            )
            for parent_path, path in found:
                last[codes[parent_path]] = Unit._str2int(path[-Unit.steplen :])  # noqa: SLF001 - the same
    return last


def _move(entry: _Entry) -> None:
    unit = Unit.objects.get(code=entry.code)
    if entry.parent:
        Unit.objects.move(unit, Unit.objects.get(code=entry.parent), "last-child")
    else:
        Unit.objects.move(unit, Unit.objects.filter(depth=1).last(), "last-sibling")


def _require_registrar(by: Actor, parent: Unit | None, *, now: dt.datetime | None) -> str:
    if is_platform(by) or (isinstance(by, User) and by.is_superuser):
        return ""
    if parent is None:
        raise NotAllowed(_("只有系统管理员可以这样做。"))
    return require_office(by, Office.SECRETARY, Office.DIRECTOR, Office.SUBDISTRICT_OFFICER, unit=parent, now=now)


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while part := list(islice(rest, _CHUNK)):
        yield part
