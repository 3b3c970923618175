"""A roll table read and made consistent in itself: rows to owners and exclusive units. Stores nothing."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from community.models import Ground, OwnerKind, PropertyKind
from community.queries import COUNTED_KINDS
from core.errors import BadInput
from core.measure import parse_area
from core.tables import Row

COLUMNS = ("unit_code", "household", "area", "owner_name", "id_suffix", "phone", "relation", "kind")
OPTIONAL = ("guardian", "guardian_ground")
LONGEST = {
    "unit_code": 64, "household": 60, "area": 20, "owner_name": 100, "id_suffix": 8, "phone": 20, "relation": 20,
    "guardian": 50, "guardian_ground": 20,
}  # fmt: skip
ALIASES = {
    "单位代码": "unit_code",
    "房号": "household",
    "面积": "area",
    "姓名": "owner_name",
    "证件尾号": "id_suffix",
    "电话": "phone",
    "关系": "relation",
    "类别": "kind",
    "监护人": "guardian",
    "监护事由": "guardian_ground",
}
KINDS = {
    "已售": "sold",
    "未售": "unsold",
    "未交付": "undelivered",
    "车位": "parking",
    "储藏间": "storage",
} | {kind: kind for kind in PropertyKind.values}
GROUNDS = {
    "": Ground.MINOR,
    "未成年": Ground.MINOR,
    "无民事行为能力": Ground.INCAPABLE,
    "限制民事行为能力": Ground.INCAPABLE,
} | {ground.value: ground for ground in Ground}
TENANTS = frozenset({"租户", "承租人", "租客", "tenant", "renter"})
DEVELOPERS = frozenset({"开发商", "建设单位", "开发建设单位", "developer"})
DEFAULT_DEVELOPER = "开发建设单位"
_BODY = re.compile(
    r"(公司|集团|置业|地产|开发商|建设单位|中心|委员会|合作社|银行|学校|医院|管理局|(?<!.)政府|co\.|ltd|inc\.)",
    re.IGNORECASE,
)
_LARGEST_AREA = 10_000_000_00  # 10 km2 in 0.01 m2: a typing mistake, not a flat
_HAN_SPACES = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{2,18}", re.ASCII)
_SUFFIX = re.compile(r"[0-9A-Z]{1,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OwnerKey:
    """What makes two rows the same owner: one head."""

    name: str
    id_suffix: str


@dataclass(slots=True)
class Person:
    """One owner as the table describes them; `row` is where they first stand, `guardian` (name, ground) who votes."""

    key: OwnerKey
    kind: str
    phone: str
    row: int
    guardian: tuple[str, str] | None = None


@dataclass(slots=True)
class Part:
    """One exclusive unit of the table and its owners, the default voter first."""

    unit_code: str
    household: str
    label: str
    kind: str
    area: int
    row: int
    owners: dict[OwnerKey, None] = field(default_factory=dict)


@dataclass(slots=True)
class RollTable:
    """A whole table, read and consistent in itself."""

    file: str
    parts: list[Part]
    people: dict[OwnerKey, Person]
    places: dict[tuple[str, str], int]
    tenants: int


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
    guardian: tuple[str, str] | None


def read_roll(rows: Iterable[Row]) -> RollTable:
    """Read the whole table. Raises BadInput naming file, row and field, also where rows contradict each other."""
    lines = [_line(row) for row in rows]
    developer = _sole_developer(lines)
    table = RollTable(lines[0].row.file if lines else "", [], {}, {}, 0)
    parts: dict[tuple[str, str, str, str], Part] = {}
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
    return _Line(row, unit_code, household, kind, area, name, id_suffix, phone, relation, _guardian(row, name))


def _guardian(row: Row, owner: str) -> tuple[str, str] | None:
    name = _HAN_SPACES.sub("", " ".join(row.values.get("guardian", "").split()))
    ground = GROUNDS.get(_plain(row.values.get("guardian_ground", "")).lower())
    if ground is None:
        raise row.error("guardian_ground", _("监护事由须为未成年、无民事行为能力或限制民事行为能力。"))
    if name and name == owner:
        raise row.error("guardian", _("监护人不能是业主本人。"))
    return (name, str(ground)) if name else None


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


def _person(line: _Line, developer: str, people: dict[OwnerKey, Person]) -> OwnerKey:
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
    key = OwnerKey(name, suffix)
    known = people.setdefault(key, Person(key, kind, phone, line.row.number))
    if kind == OwnerKind.BODY:
        known.kind = kind
    if phone and known.phone and phone != known.phone and not suffix and kind == OwnerKind.PERSON:
        raise line.row.error(
            "id_suffix",
            _("第 %(row)s 行也有%(name)s，电话不同，分不清是不是同一个人：请填证件尾号。")
            % {"row": known.row, "name": name},
        )
    known.phone = known.phone or phone
    if line.guardian is not None and kind == OwnerKind.BODY:
        raise line.row.error("guardian", _("单位业主没有监护人。"))
    if line.guardian is not None and known.guardian not in {None, line.guardian}:
        raise line.row.error("guardian", _("第 %(row)s 行写了另一位监护人。") % {"row": known.row})
    known.guardian = known.guardian or line.guardian
    return key


def _part_of(line: _Line, key: OwnerKey, parts: dict[tuple[str, str, str, str], Part]) -> Part:
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
            part = parts[place] = Part(line.unit_code, line.household, label, line.kind, line.area, line.row.number)
            return part
        # A second parking space of the same owner is another one; a flat can only be repeated.
        if not counted and (key in part.owners or part.area != line.area):
            number += 1
            continue
        if part.area != line.area:
            raise line.row.error("area", _("与第 %(row)s 行是同一户，面积不同。") % {"row": part.row})
        return part


def _settle_voters(parts: list[Part]) -> None:
    """Where the same people own several units together, let the same one of them stand first everywhere."""
    first: dict[frozenset[OwnerKey], OwnerKey] = {}
    for part in parts:
        if len(part.owners) > 1:
            voter = first.setdefault(frozenset(part.owners), next(iter(part.owners)))
            part.owners = {voter: None, **part.owners}
