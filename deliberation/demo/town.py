"""The community of the demonstration: places, register, offices and residents, through the operations of community."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from community.divisions import bundled_units, full_code
from community.models import IdentityLevel, Office, Owner, Unit, User
from community.operations.people import appoint, open_account, register_resident, verify_identity
from community.operations.roll import import_roll
from community.operations.units import import_units
from core import clock
from core.actors import COMMAND_LINE
from core.tables import Row, read_table
from deliberation.demo.places import COMMUNITY_CODE, roll_rows, unit_rows
from voting.operations import record_authorisation

PASSWORD = "wuyi-demo-2026"  # noqa: S105 - printed in the README: the demonstration's own
_SUBDISTRICT = full_code(COMMUNITY_CODE[:9])
_CHAIN = (full_code(COMMUNITY_CODE[:4]), full_code(COMMUNITY_CODE[:6]), _SUBDISTRICT)
REPRESENTATIVES = 28

# username, name, offices; those above the community are appointed at the subdistrict.
STAFF: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("officer", "何建国", (Office.SUBDISTRICT_OFFICER,)),
    ("secretary", "周明华", (Office.SECRETARY, Office.COMMITTEE_MEMBER)),
    ("director", "陈秀兰", (Office.DIRECTOR, Office.COMMITTEE_MEMBER)),
    ("member1", "李国庆", (Office.COMMITTEE_MEMBER, Office.TELLER)),
    ("member2", "王桂英", (Office.COMMITTEE_MEMBER, Office.TELLER)),
    ("member3", "赵晓东", (Office.COMMITTEE_MEMBER,)),
    ("facilitator", "刘慧", (Office.FACILITATOR,)),
    ("supervisor", "杨世明", (Office.SUPERVISION_COMMITTEE,)),
    ("grid", "吴海波", (Office.GRID_WORKER,)),
)


@dataclass(slots=True)
class Town:
    """Everybody and everywhere the lives need. `neighbours` maps an estate's name to residents with accounts."""

    community: Unit
    now: dt.datetime
    today: dt.date
    staff: dict[str, User] = field(default_factory=dict)
    representatives: list[User] = field(default_factory=list)
    neighbours: dict[str, list[User]] = field(default_factory=dict)
    resident: User | None = None
    codes: list[str] = field(default_factory=list)

    def unit(self, tail: str) -> Unit:
        """Return the unit whose code is the community's followed by `tail`."""
        unit: Unit = Unit.objects.get(code=COMMUNITY_CODE + tail)
        return unit

    def __getitem__(self, username: str) -> User:
        return self.staff[username]


def build_town(now: dt.datetime, present: dt.datetime) -> Town:
    """Build the community as it stood at `now`, long before anything was proposed; its lives end at `present`."""
    chain = [row for row in bundled_units() if row[0] in _CHAIN or row[3] == _SUBDISTRICT]
    import_units(
        _rows("units", [dict(zip(("code", "name", "kind", "parent_code"), row, strict=True)) for row in chain]),
        by=COMMAND_LINE,
        now=now,
    )
    import_units(_rows("units", unit_rows()), by=COMMAND_LINE, now=now)
    community: Unit = Unit.objects.get(code=COMMUNITY_CODE)
    import_roll(_rows("roll", roll_rows()), community=community, by=COMMAND_LINE, now=now)
    town = Town(community, present, clock.local_date(present))
    _appoint_staff(town, now)
    _register_neighbours(town, now)
    _appoint_representatives(town, now)
    return town


def _rows(name: str, rows: Iterable[dict[str, str]]) -> Iterator[Row]:
    """Return `rows` as the importers read them from a file."""
    listed = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, listed[0].keys())
    writer.writeheader()
    writer.writerows(listed)
    return read_table(io.BytesIO(text.getvalue().encode()), list(listed[0]), name=f"{name}.csv")


def _appoint_staff(town: Town, now: dt.datetime) -> None:
    subdistrict = Unit.objects.get(code=_SUBDISTRICT)
    for username, name, offices in STAFF:
        above = Office.SUBDISTRICT_OFFICER in offices
        place = subdistrict if above else town.community
        user = open_account(username=username, name=name, password=PASSWORD, unit=place, by=COMMAND_LINE)
        for office in offices:
            appoint(user=user, office=office, unit=place, by=COMMAND_LINE, now=now)
        verify_identity(user, level=IdentityLevel.L3, by=COMMAND_LINE, reason="任职时核对证件", now=now)
        town.staff[username] = user


def _register_neighbours(town: Town, now: dt.datetime) -> None:
    """Give accounts to the owners of the lift's entrance and to two dozen owners of each other place of a life."""
    for name, tail, most in _HOMES:
        town.neighbours[name] = [_move_in(town, owner, now) for owner in _owners_in(town.unit(tail), most)]
    town.resident = town.neighbours["lift"][5]
    town.resident.username = "resident"
    town.resident.set_password(PASSWORD)
    town.resident.save(update_fields=["username", "password"])


_HOMES = (
    ("lift", "010302", 14),
    ("fund", "0202", 40),
    ("shed", "03", 40),
    ("parking", "0201", 20),
    ("gate", "0102", 12),
    ("river", "0401", 12),
)


def _owners_in(place: Unit, most: int) -> list[Owner]:
    found = Owner.objects.filter(
        kind="person",
        user=None,
        ownerships__is_voter=True,
        ownerships__exclusive_unit__kind="sold",
        ownerships__exclusive_unit__household__unit__path__startswith=place.path,
    )
    return list(found.distinct().order_by("id")[:most])


def _move_in(town: Town, owner: Owner, now: dt.datetime) -> User:
    dwelling = owner.ownerships.filter(exclusive_unit__kind="sold").order_by("id")[0].exclusive_unit
    user = register_resident(
        household=dwelling.household,
        name=owner.name,
        phone=owner.phone,
        relation="产权人",
        is_representative=True,
        by=town["secretary"],
        now=now,
    )
    verify_identity(user, level=IdentityLevel.L3, owner=owner, by=town["secretary"], reason="上门核对产权证", now=now)
    return user


def _appoint_representatives(town: Town, now: dt.datetime) -> None:
    """Elect one representative from each few dozen households; the office is recorded by the director."""
    people = [user for name in ("fund", "shed", "parking") for user in town.neighbours[name][::3]]
    town.representatives = people[:REPRESENTATIVES]
    for user in town.representatives:
        appoint(user=user, office=Office.RESIDENT_REPRESENTATIVE, unit=town.community, by=town["director"], now=now)
    record_authorisation(
        community=town.community,
        matter="社区公共设施、公共空间和环境卫生等居民公共事务",
        is_general=True,
        given_on=clock.local_date(now),
        until_on=clock.local_date(now) + dt.timedelta(days=3 * 365),
        document="平城街社区居民会议关于授权居民代表会议决定有关事项的决议",
        by=town["director"],
        now=now,
    )
