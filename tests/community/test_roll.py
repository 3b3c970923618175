"""Heads and area by the counting rules of RULEBOOK 2, and what a bad roll ends in."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from community import operations
from community.models import ExclusiveUnit, Household, Owner, Ownership, Unit, UnitKind, User
from community.operations import choose_co_owner_voter
from community.operations.roll import RollImport
from community.queries import households_under, roll_of, unit_by_code
from community.roll_table import COLUMNS
from community.signals import roll_imported
from core.actors import COMMAND_LINE
from core.errors import BadInput, NotAllowed, NotFound
from core.measure import format_area
from core.models import LedgerEntry
from core.tables import read_table
from tests.community.places import COMMUNITY, a_person, a_tree, import_roll, import_units, unit

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]

HEADER = ",".join(COLUMNS)
# unit_code,household,area,owner_name,id_suffix,phone,relation,kind
ROLL = [
    "E1-3-2,301,88.40,张三,1234,13800000001,业主,sold",
    "E1-3-2,302,120.00,张三,1234,13800000001,业主,sold",
    "E1-3-2,401,88.40,李四,2345,13800000002,业主,sold",
    "E1-3-2,401,88.40,王五,3456,13800000003,共有人,sold",
    "E1-3-2,402,120.00,南充某某置业有限公司,,0817-2222222,开发商,unsold",
    "E1-3-1,101,90.10,南充某某置业有限公司,,,开发商,undelivered",
    "E1-3-1,102,75.55,赵六,,13800000004,业主,已售",
    "E1-3-1,102,75.55,钱七,,13800000005,租户,sold",
    "E1-3-2,301,12.00,张三,1234,,业主,parking",
    "E1-3-2,地下8,13.00,孙八,4567,,业主,parking",
    "E1-3-2,401,5.00,李四,2345,,业主,storage",
]


def _shares(code: str = COMMUNITY) -> dict[str, tuple[int, str, tuple[str, ...]]]:
    return {s.owner.name: (s.heads, format_area(s.area), s.places) for s in roll_of(unit(code))}


def test_heads_and_area_by_the_counting_rules() -> None:
    a_tree()

    done = import_roll(ROLL)

    assert done.as_json() == {
        "households": 6,
        "owners": 5,
        "exclusive_units": 6,
        "heads": 4,
        "area": "582.45",
        "excluded": {"parking": 2, "storage": 1, "tenants": 1},
        "created": 20,
        "updated": 0,
        "unchanged": 0,
    }
    assert _shares() == {
        "赵六": (1, "75.55", ("幸福小区3幢1单元102",)),
        "南充某某置业有限公司": (1, "210.10", ("幸福小区3幢2单元402", "幸福小区3幢1单元101")),
        "张三": (1, "208.40", ("幸福小区3幢2单元301", "幸福小区3幢2单元302")),
        "李四": (1, "88.40", ("幸福小区3幢2单元401",)),
    }


def test_a_building_and_an_entrance_have_their_own_roll() -> None:
    a_tree()
    import_roll(ROLL)

    assert sorted(_shares("E1-3-2")) == ["南充某某置业有限公司", "张三", "李四"]
    assert _shares("E1-3-1")["南充某某置业有限公司"] == (1, "90.10", ("幸福小区3幢1单元101",))
    assert sum(s.heads for s in roll_of(unit("E1-3"))) == 4
    assert roll_of(unit("511302001002")) == []
    assert households_under(unit("E1-3-1")).count() == 2


def test_running_it_again_changes_nothing() -> None:
    a_tree()
    first = import_roll(ROLL)
    before = [list(model.objects.order_by("pk").values_list()) for model in (Unit, Household, Owner, ExclusiveUnit)]
    entries = LedgerEntry.objects.count()

    again = import_roll(ROLL)

    assert (again.created, again.updated, again.unchanged) == (0, 0, 20)
    assert (again.heads, again.area) == (first.heads, first.area)
    after = [list(model.objects.order_by("pk").values_list()) for model in (Unit, Household, Owner, ExclusiveUnit)]
    assert after == before
    assert LedgerEntry.objects.count() == entries
    assert not any(Unit.objects.find_problems())


def test_check_prints_the_same_and_stores_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_tree()
    entries = LedgerEntry.objects.count()
    file = tmp_path / "roll.csv"
    file.write_text("\n".join([HEADER, *ROLL]), "utf-8-sig")

    call_command("import_roll", str(file), "--community", COMMUNITY, "--check")
    checked = json.loads(capsys.readouterr().out)
    assert (Household.objects.count(), Owner.objects.count(), LedgerEntry.objects.count()) == (0, 0, entries)
    assert not Unit.objects.filter(kind=UnitKind.HOUSEHOLD).exists()

    call_command("import_roll", str(file), "--community", COMMUNITY)
    assert json.loads(capsys.readouterr().out) == checked
    assert (checked["heads"], checked["area"]) == (4, "582.45")


def test_a_spreadsheet_and_gb18030_read_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_tree()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in [HEADER, *ROLL]:
        cells: list[object] = list(line.split(","))
        if line != HEADER:
            cells[2] = float(str(cells[2]))
        sheet.append(cells)
    book.save(tmp_path / "roll.xlsx")
    (tmp_path / "roll.csv").write_text("\n".join([HEADER, *ROLL]), "gb18030")

    for name in ("roll.xlsx", "roll.csv"):
        call_command("import_roll", str(tmp_path / name), "--community", COMMUNITY, "--check")
    first, second = map(json.loads, capsys.readouterr().out.splitlines())

    assert first == second
    assert first["area"] == "582.45"


def test_a_sold_flat_changes_hands_and_kind() -> None:
    a_tree()
    import_roll(ROLL)

    done = import_roll(["E1-3-2,402,120.00,周九,5678,,业主,sold", "E1-3-2,301,88.41,张三,1234,,业主,sold"])

    assert (done.created, done.updated) == (1, 2)
    assert _shares()["周九"] == (1, "120.00", ("幸福小区3幢2单元402",))
    assert _shares()["南充某某置业有限公司"][1] == "90.10"
    assert _shares()["张三"][1] == "208.41"
    assert ExclusiveUnit.objects.filter(label="402").count() == 1


def test_the_voter_co_owners_chose_stays_chosen() -> None:
    a_tree()
    import_roll(ROLL)
    flat = ExclusiveUnit.objects.get(label="401", kind="sold")

    choose_co_owner_voter(flat, owner=Owner.objects.get(name="王五"), by=COMMAND_LINE, reason="共有人推选书")
    again = import_roll(ROLL)

    assert again.updated == 0
    assert _shares()["王五"] == (1, "88.40", ("幸福小区3幢2单元401",))
    assert "李四" not in _shares()
    with pytest.raises(BadInput):
        choose_co_owner_voter(flat, owner=Owner.objects.get(name="赵六"), by=COMMAND_LINE, reason="x")


def test_an_owner_who_left_no_longer_votes() -> None:
    a_tree()
    import_roll(ROLL)

    import_roll(["E1-3-2,401,88.40,王五,3456,,业主,sold"])

    assert list(
        Ownership.objects.filter(exclusive_unit__label="401", exclusive_unit__kind="sold").values_list(
            "owner__name", "is_voter"
        )
    ) == [("王五", True)]


def test_a_couple_with_two_flats_is_one_head() -> None:
    a_tree()

    done = import_roll(
        [
            "E1-3-2,301,80,甲,1111,,业主,sold",
            "E1-3-2,301,80,乙,2222,,共有人,sold",
            "E1-3-2,302,90,乙,2222,,业主,sold",
            "E1-3-2,302,90,甲,1111,,共有人,sold",
        ]
    )

    assert (done.heads, done.owners, done.area) == (1, 2, 17000)


def test_the_developer_is_one_head_however_written() -> None:
    a_tree()

    done = import_roll(
        [
            "E1-3-2,301,80,某某地产,,,开发商,unsold",
            "E1-3-2,302,80,,,,,unsold",
            "E1-3-2,401,80,张三,1234,,购房人,undelivered",
            "E1-3-2,402,80,某某地产,9999,,开发商,undelivered",
            "E1-3-1,101,50,某某地产,,,业主,sold",
        ]
    )

    assert (done.heads, done.owners, done.area) == (1, 1, 37000)


def test_names_without_a_suffix_are_told_apart_or_refused() -> None:
    a_tree()

    assert import_roll(["E1-3-2,301,80,张三,,,业主,sold", "E1-3-2,302,80,张 三,,13800000001,业主,sold"]).heads == 1
    with pytest.raises(BadInput, match=r"^roll\.csv, row 3, id_suffix: "):
        import_roll(["E1-3-2,401,80,李四,,13800000001,业主,sold", "E1-3-2,402,80,李四,,13800000002,业主,sold"])
    assert import_roll(["E1-3-2,401,80,李四,11,,业主,sold", "E1-3-2,402,80,李四,22,,业主,sold"]).heads == 2


def test_a_household_may_be_named_itself_and_labels_may_be_long() -> None:
    a_tree()
    import_units("E1-3-2-9,901,household,E1-3-2\n")

    done = import_roll(["E1-3-2-9,,80,张三,,,业主,sold", f"{COMMUNITY},滨江路 {'长' * 50}巷 8 号,60,李四,,,业主,sold"])

    assert done.households == 2
    assert Household.objects.get(unit__code="E1-3-2-9").label == "幸福小区3幢2单元901"
    assert not any(Unit.objects.find_problems())


def test_two_parking_spaces_are_two() -> None:
    a_tree()

    done = import_roll(
        [
            "E1-3-2,301,80,张三,,,业主,sold",
            "E1-3-2,301,12,张三,,,业主,parking",
            "E1-3-2,301,13,张三,,,业主,parking",
            "E1-3-2,P7,12,张三,,,业主,parking",
        ]
    )

    assert (done.heads, done.area, done.excluded["parking"]) == (1, 8000, 3)
    assert ExclusiveUnit.objects.filter(kind="parking").count() == 3


GOOD = "E1-3-2,301,88.40,张三,1234,13800000001,业主,sold"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("E1-3-2,302,0,张三,1234,,业主,sold", "area"),
        ("E1-3-2,302,-5,张三,1234,,业主,sold", "area"),
        ("E1-3-2,302,88.401,张三,1234,,业主,sold", "area"),
        ("E1-3-2,302,1e5,张三,1234,,业主,sold", "area"),
        ("E1-3-2,302,NaN,张三,1234,,业主,sold", "area"),
        ("E1-3-2,302,,张三,1234,,业主,sold", "area"),
        ("E1-3-2,302,99999999999,张三,1234,,业主,sold", "area"),
        ("E1-3-2,302,10000000.01,张三,1234,,业主,sold", "area"),
        ("E1-3-2,301,88.41,李四,2345,,共有人,sold", "area"),
        ("E1-3-2,302,88,,1234,,业主,sold", "owner_name"),
        ("E1-3-2,302,88,张三,51130219800101123X,,业主,sold", "id_suffix"),
        ("E1-3-2,302,88,张三,12-4,,业主,sold", "id_suffix"),
        ("E1-3-2,302,88,张三,1234,call me,业主,sold", "phone"),
        ("E1-3-2,302,88,张三,1234,,业主,rented", "kind"),
        ("E1-3-2,302,88,张三,1234,,业主,", "kind"),
        ("NOWHERE,302,88,张三,1234,,业主,sold", "unit_code"),
        (",302,88,张三,1234,,业主,sold", "unit_code"),
        ("511302001002,302,88,张三,1234,,业主,sold", "unit_code"),
        ("E1-3-2,,88,张三,1234,,业主,sold", "household"),
        ("E1-3-2,=1+1,88,张三,1234,,业主,sold", "household"),
        ("E1-3-2,302,88,张\0三,1234,,业主,sold", "owner_name"),
        (f"E1-3-2,302,88,{'张' * 101},1234,,业主,sold", "owner_name"),
    ],
)
def test_a_bad_row_names_its_place_and_stores_nothing(
    line: str, field: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_tree()
    file = tmp_path / "roll.csv"
    file.write_text(f"{HEADER}\n{GOOD}\n{line}", "utf-8")

    with pytest.raises(CommandError) as refused:
        call_command("import_roll", str(file), "--community", COMMUNITY)

    assert str(refused.value).startswith(f"roll.csv, row 3, {field}: ")
    assert (refused.value.returncode, capsys.readouterr().out) == (2, "")
    assert (Household.objects.count(), Owner.objects.count()) == (0, 0)
    assert not Unit.objects.filter(kind=UnitKind.HOUSEHOLD).exists()


def test_the_community_must_be_one() -> None:
    a_tree()

    with pytest.raises(BadInput):
        import_roll([GOOD], code="E1")
    with pytest.raises(CommandError, match="NOWHERE"):
        call_command("import_roll", "/nowhere.csv", "--community", "NOWHERE")
    with pytest.raises(NotFound, match="NOWHERE"):
        unit_by_code("NOWHERE")


def test_a_large_roll_costs_few_queries(django_assert_max_num_queries: object) -> None:
    community = a_tree()
    lines = [f"E1-3-2,{n},80.5,业主{n},{n},,业主,sold" for n in range(1300)]

    with django_assert_max_num_queries(60):  # type: ignore[operator] # a fixture without types
        done = import_roll(lines)
    with django_assert_max_num_queries(2):  # type: ignore[operator] # the same
        shares = roll_of(community)
        assert {share.owner.user for share in shares} == {None}

    assert (done.heads, done.area) == (1300, 1300 * 8050)
    assert len(shares) == 1300


def _by(by: User, *, code: str = COMMUNITY) -> RollImport:
    rows = read_table(io.BytesIO(f"{HEADER}\n{GOOD}".encode()), COLUMNS, name="roll.csv")
    return operations.import_roll(rows, community=unit(code), by=by)


@pytest.mark.parametrize(
    ("office", "allowed"),
    [("secretary", True), ("committee_member", True), ("grid_worker", False), ("resident", False), ("", False)],
)
def test_whose_office_may_bring_in_a_roll(office: str, *, allowed: bool) -> None:
    community = a_tree()
    by = a_person("某人", office=office, at=community)

    if allowed:
        assert _by(by).heads == 1
        assert LedgerEntry.objects.latest("sequence").office == office
    else:
        with pytest.raises(NotAllowed):
            _by(by)
        assert Household.objects.count() == 0


def test_a_secretary_elsewhere_may_not_and_a_code_taken_is_named() -> None:
    a_tree()
    other = a_person("别处书记", office="secretary", at=unit("511302001002"))
    with pytest.raises(NotAllowed):
        _by(other)

    import_units("E1-3-2:301,阁楼,household,E1-3-1\n")
    with pytest.raises(BadInput, match=r"^roll\.csv, row 2, household: "):
        import_roll([GOOD])
    assert Household.objects.count() == 0


def test_a_second_place_with_the_same_code_is_named() -> None:
    a_tree()
    import_units("E1:A,甲幢,building,E1\n")

    with pytest.raises(BadInput, match=r"^roll\.csv, row 3, household: "):
        import_roll(["E1:A,301,80,张三,,,业主,sold", "E1,A:301,80,李四,,,业主,sold"])


def test_the_news_is_told_on_commit(django_capture_on_commit_callbacks: object) -> None:
    community = a_tree()
    news: list[Unit] = []

    def hear(community: Unit, **_more: object) -> None:
        news.append(community)

    roll_imported.connect(hear)
    for check in (True, False, False):
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator] # a fixture without types
            import_roll([GOOD], check=check)
    roll_imported.disconnect(hear)

    assert news == [community]


class Counting(TestCase):
    """Heads and area agree with an independent count from the rows."""

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.tuples(
                st.integers(1, 6),
                st.integers(1, 4),
                st.sampled_from(["sold", "unsold", "undelivered", "parking", "storage"]),
                st.booleans(),
            ),
            max_size=14,
        )
    )
    def test_against_a_naive_count(self, rows: list[tuple[int, int, str, bool]]) -> None:
        a_tree()
        kind_of: dict[int, str] = {}
        lines = []
        owners_of: dict[int, list[str]] = {}
        for flat, owner, kind, tenant in rows:
            if kind in {"parking", "storage"}:
                lines.append(f"E1-3-2,{flat},9.99,人{owner},{owner},,业主,{kind}")
                continue
            own = kind_of.setdefault(flat, kind)
            name = f"人{owner}" if own == "sold" else "某某地产"
            lines.append(f"E1-3-2,{flat},{flat}0.0{flat},{name},{owner},,{'租户' if tenant else '业主'},{own}")
            if not tenant:
                owners_of.setdefault(flat, []).append(name)

        done = import_roll(lines)

        voters: dict[frozenset[str], str] = {}
        heads = {voters.setdefault(frozenset(names), names[0]) for names in owners_of.values()}
        assert done.heads == len(heads) == len(roll_of(unit(COMMUNITY)))
        assert done.area == sum(flat * 1001 for flat in owners_of)
        assert done.area == sum(s.area for s in roll_of(unit(COMMUNITY)))
