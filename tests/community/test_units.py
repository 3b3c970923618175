"""The tree of units: a real city, run twice; any order; moves; and what a bad table ends in."""

import io
import json
import random
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from community import operations
from community.divisions import bundled_units
from community.models import Office, Unit
from community.names import joined, short_name
from community.operations import add_unit
from community.operations.units import COLUMNS
from core.errors import BadInput, NotAllowed
from core.models import LedgerEntry
from core.tables import read_table
from tests.community.places import CITY, COMMUNITY, COUNTY, STREET, TREE, a_person, a_tree, import_units, unit

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


def _sound() -> bool:
    return not any(Unit.objects.find_problems())


def parent_of(node: Unit) -> Unit | None:
    found: Unit | None = Unit.objects.get_parent(node)
    return found


def code_above(node: Unit) -> str:
    above = parent_of(node)
    return above.code if above else ""


def _bundled(tmp_path: Path) -> Path:
    out = io.StringIO()
    call_command("bundled_units", stdout=out)
    file = tmp_path / "units.csv"
    file.write_text(out.getvalue(), "utf-8")
    return file


def test_the_whole_city_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = _bundled(tmp_path)
    by_kind = {"city": 1, "community": 3004, "county": 9, "subdistrict": 242}

    call_command("import_units", str(file))
    assert json.loads(capsys.readouterr().out) == {
        "created": 3256,
        "updated": 0,
        "unchanged": 0,
        "by_kind": by_kind,
    }
    before = list(Unit.objects.order_by("pk").values_list())

    call_command("import_units", str(file))
    assert json.loads(capsys.readouterr().out) == {
        "created": 0,
        "updated": 0,
        "unchanged": 3256,
        "by_kind": by_kind,
    }
    assert list(Unit.objects.order_by("pk").values_list()) == before
    assert LedgerEntry.objects.filter(act="import_units").count() == 1
    assert _sound()
    assert Unit.objects.get_ancestors(unit(COMMUNITY)).count() == 3


def test_the_whole_city_in_any_order_is_the_same_tree(tmp_path: Path) -> None:
    lines = [",".join(row) for row in bundled_units()]
    random.Random(7).shuffle(lines)  # noqa: S311 - a seeded order, no secret

    done = import_units("\n".join(lines))

    assert done.created == 3256
    assert _sound()
    for code, name, _kind, parent in bundled_units():
        if code.endswith("001"):
            found = unit(code)
            assert found.name == name
            assert code_above(found) == parent


def test_same_names_under_different_parents_stay_apart() -> None:
    import_units(TREE)

    assert import_units("E2,幸福小区,estate,511302001002\n").created == 1
    assert Unit.objects.filter(name="幸福小区").count() == 2


def test_a_second_file_extends_the_tree_after_the_last_child() -> None:
    a_tree()

    import_units("E1-4,4幢,building,E1\nE1-4-1,1单元,entrance,E1-4\n")

    assert [child.code for child in Unit.objects.get_children(unit("E1"))] == ["E1-3", "E1-4"]
    assert _sound()


def test_a_new_name_updates_one() -> None:
    a_tree()

    done = import_units("E1,幸福里,estate,G1\n")

    assert (done.created, done.updated, done.unchanged) == (0, 1, 0)
    assert (unit("E1").name, unit("E1").numchild) == ("幸福里", 1)
    assert _sound()


def test_a_unit_moves_with_everything_below_it() -> None:
    a_tree()

    done = import_units("E1,幸福小区,estate,511302001002\nE9,新小区,estate,G1\n")

    assert (done.created, done.updated) == (1, 1)
    assert unit("E1-3-2").path.startswith(unit("511302001002").path)
    assert [child.code for child in Unit.objects.get_children(unit("G1"))] == ["E9"]
    assert _sound()


def test_a_unit_moves_under_one_that_is_new() -> None:
    a_tree()

    import_units("E1,幸福小区,estate,G9\nG9,第九网格,grid,511302001002\n")

    assert code_above(unit("E1")) == "G9"
    assert _sound()


def test_a_new_community_may_stand_at_the_top_and_move_down() -> None:
    import_units("C1,甲社区,community,\n")
    import_units(TREE + f"C1,甲社区,community,{STREET}\n")
    assert code_above(unit("C1")) == STREET

    import_units("C1,甲社区,community,\n")

    assert unit("C1").depth == 1
    assert _sound()


@pytest.mark.parametrize(
    ("table", "row", "field"),
    [
        (f"X,,grid,{COMMUNITY}\n", 2, "name"),
        (f",名,grid,{COMMUNITY}\n", 2, "code"),
        (f"X Y,名,grid,{COMMUNITY}\n", 2, "code"),
        (f"X,名,village,{COMMUNITY}\n", 2, "kind"),
        ("X,名,grid,NOWHERE\n", 2, "parent_code"),
        ("X,名,grid,X\n", 2, "parent_code"),
        ("X,名,grid,\n", 2, "parent_code"),
        ("X,名,grid,E1-3\n", 2, "kind"),
        ("X,名,county,E1\n", 2, "kind"),
        ("X,名,household,H\nH,名,household,E1-3-2\n", 2, "kind"),
        (f"X,甲,grid,{COMMUNITY}\nX,乙,grid,{COMMUNITY}\n", 3, "code"),
        ("A,甲,grid,B\nB,乙,estate,A\n", 2, "parent_code"),
        ("G1,第一网格,grid,E1\n", 2, "parent_code"),
        ("E1,幸福小区,entrance,G1\n", 2, "kind"),
        (f"X,{'名' * 101},grid,{COMMUNITY}\n", 2, "name"),
        (f"{'X' * 65},名,grid,{COMMUNITY}\n", 2, "code"),
        (f"X,=1+1,grid,{COMMUNITY}\n", 2, "name"),
        (f"X,名\0,grid,{COMMUNITY}\n", 2, "name"),
        (f"Y,乙,grid,{COMMUNITY}\nX,甲,grid,{COMMUNITY},extra\n", 3, ""),
    ],
)
def test_a_bad_table_names_its_place_and_stores_nothing(
    table: str, row: int, field: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_tree()
    before = list(Unit.objects.values_list())
    entries = LedgerEntry.objects.count()
    file = tmp_path / "units.csv"
    file.write_text(f"code,name,kind,parent_code\n{table}", "utf-8")

    with pytest.raises(CommandError) as refused:
        call_command("import_units", str(file))

    where = f"units.csv, row {row}" + (f", {field}: " if field else ": ")
    assert str(refused.value).startswith(where)
    assert (refused.value.returncode, capsys.readouterr().out) == (2, "")
    assert list(Unit.objects.values_list()) == before
    assert LedgerEntry.objects.count() == entries


def test_the_same_row_twice_is_one_unit() -> None:
    assert import_units(f"{CITY},南充市,city,\n{CITY},南充市,city,\n").created == 1


def test_a_missing_file_is_one_line() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv") as refused:
        call_command("import_units", "/nowhere.csv")

    assert refused.value.returncode == 2


def test_an_import_costs_few_queries(django_assert_max_num_queries: object) -> None:
    a_tree()
    table = "".join(f"B{n},{n}幢,building,E1\nN{n},1单元,entrance,B{n}\n" for n in range(40))

    with django_assert_max_num_queries(25):  # type: ignore[operator] # a fixture without types
        import_units(table)


def test_only_an_administrator_brings_in_units() -> None:
    community = a_tree()
    secretary = a_person("王书记", office=Office.SECRETARY, at=community)
    rows = read_table(io.BytesIO(b"code,name,kind,parent_code\nX,X,city,\n"), COLUMNS, name="units.csv")

    with pytest.raises(NotAllowed):
        operations.import_units(rows, by=secretary)
    secretary.is_superuser = True
    assert operations.import_units(rows, by=secretary).created == 1


@pytest.mark.parametrize(
    ("official", "short"),
    [
        ("平城街社区居民委员会", "平城街社区"),
        ("石峰村民委员会", "石峰村"),
        ("石峰村村民委员会", "石峰村"),
        ("滨江居委会", "滨江"),
        ("顺庆区", "顺庆区"),
        ("居委会", "居委会"),
    ],
)
def test_short_names(official: str, short: str) -> None:
    assert short_name(official) == short


def test_one_unit_by_hand_needs_the_secretary() -> None:
    community = a_tree()
    secretary = a_person("王书记", office=Office.SECRETARY, at=community)

    made = add_unit(code="G2", name="第二网格", kind="grid", parent=community, by=secretary)

    assert parent_of(made) == community
    assert LedgerEntry.objects.latest("sequence").office == "secretary"
    with pytest.raises(NotAllowed):
        add_unit(code="G3", name="第三网格", kind="grid", parent=unit("511302001002"), by=secretary)
    with pytest.raises(NotAllowed):
        add_unit(code="C3", name="第三社区", kind="community", parent=None, by=secretary)
    with pytest.raises(BadInput):
        add_unit(code="G2", name="第二网格", kind="grid", parent=community, by=secretary)
    with pytest.raises(BadInput):
        add_unit(code="C4", name="第四区", kind="county", parent=community, by=secretary)
    assert unit(COUNTY).numchild == 1


class RandomTrees(TestCase):
    """Whatever forest, in whatever order and in two halves: treebeard finds nothing wrong."""

    @settings(max_examples=15, deadline=None)
    @given(st.data())
    def test_two_halves_make_the_same_sound_tree(self, data: st.DataObject) -> None:
        parents = {0: ""}
        kinds = ["city", "county", "subdistrict", "community", "grid", "building", "entrance"]
        depth = {0: 0}
        for number in range(1, 25):
            above = data.draw(st.sampled_from([n for n in parents if depth[n] < len(kinds) - 1]))
            parents[number], depth[number] = f"U{above}", depth[above] + 1
        lines = [f"U{n},名{n},{kinds[depth[n]]},{parents[n]}" for n in parents]
        half = data.draw(st.integers(1, len(lines)))

        import_units("\n".join(lines[:half]))
        import_units("\n".join(data.draw(st.permutations(lines))))

        assert _sound()
        for number, parent in parents.items():
            assert code_above(unit(f"U{number}")) == parent
        Unit.objects.all().delete()


def test_a_place_that_repeats_the_name_around_it_is_called_once() -> None:
    assert joined(["平城苑", "", "3幢", "2单元"]) == "平城苑3幢2单元"
    assert joined(["平城苑", "平城苑3幢", "平城苑3幢2单元"]) == "平城苑3幢2单元"
    assert joined([]) == ""
