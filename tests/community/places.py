"""Builds places and people for the tests of every room, through the real operations."""

import io
from collections.abc import Sequence
from itertools import count

from community import operations
from community.models import Office, Term, Unit, User
from community.operations.roll import RollImport
from community.operations.units import COLUMNS as UNIT_COLUMNS
from community.operations.units import UnitsImport
from community.roll_table import COLUMNS as ROLL_COLUMNS
from core.actors import COMMAND_LINE
from core.tables import read_table

CITY, COUNTY, STREET, COMMUNITY = "511300000000", "511302000000", "511302001000", "511302001001"
_numbers = count(1)

TREE = f"""\
{CITY},南充市,city,
{COUNTY},顺庆区,county,{CITY}
{STREET},中城街道,subdistrict,{COUNTY}
{COMMUNITY},平城街社区居民委员会,community,{STREET}
511302001002,滨江社区居民委员会,community,{STREET}
G1,第一网格,grid,{COMMUNITY}
E1,幸福小区,estate,G1
E1-3,3幢,building,E1
E1-3-2,2单元,entrance,E1-3
E1-3-1,1单元,entrance,E1-3
"""


def import_units(table: str) -> UnitsImport:
    text = f"{','.join(UNIT_COLUMNS)}\n{table}"
    return operations.import_units(
        read_table(io.BytesIO(text.encode()), UNIT_COLUMNS, name="units.csv"), by=COMMAND_LINE
    )


def import_roll(lines: Sequence[str], *, code: str = COMMUNITY, check: bool = False) -> RollImport:
    text = "\n".join([",".join(ROLL_COLUMNS), *lines])
    return operations.import_roll(
        read_table(io.BytesIO(text.encode()), ROLL_COLUMNS, name="roll.csv"),
        community=unit(code),
        by=COMMAND_LINE,
        check=check,
    )


def a_tree() -> Unit:
    """Return a community with one estate: 3幢 with two entrances."""
    import_units(TREE)
    return unit(COMMUNITY)


def unit(code: str) -> Unit:
    found: Unit = Unit.objects.get(code=code)
    return found


def a_person(name: str = "张三", *, office: str = "", at: Unit | None = None, password: str | None = None) -> User:
    """Return an account, holding `office` at `at` when given."""
    user = operations.open_account(
        username=f"u{next(_numbers)}", name=name, password=password, unit=at, by=COMMAND_LINE
    )
    if office and at is not None:
        operations.appoint(user=user, office=office, unit=at, by=COMMAND_LINE)
    return user


def a_secretary(community: Unit) -> User:
    return a_person("王书记", office=Office.SECRETARY, at=community)


def terms_of(user: User) -> list[str]:
    return list(Term.objects.filter(user=user).values_list("office", flat=True))
