"""`manage.py import_proposals`: created and suspected duplicates; a bad row stores nothing."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from core.models import LedgerEntry
from deliberation.models import Proposal
from deliberation.operations.intake import COLUMNS
from deliberation.stages import Status
from tests.deliberation.world import World

pytestmark = [pytest.mark.django_db]

HEAD = ",".join(COLUMNS)
ELEVATOR = "3幢2单元加装电梯,六层楼老人上下楼困难,elevator,何奶奶,13800000001,2026-03-01,desk"
AGAIN = "三幢二单元希望加装电梯,六层楼，老人上下楼很困难,电梯,王大爷,13800000002,2026-03-02 10:30,窗口"
PARKING = "东门停车位太少,晚上没处停车,停车,李四,13800000003,2026/3/3,12345热线"


def _import(path: Path, code: str = "511302001001") -> Any:
    out = StringIO()
    call_command("import_proposals", str(path), community=code, stdout=out)
    return json.loads(out.getvalue())


def _csv(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "proposals.csv"
    text = "\r\n".join([HEAD, *(line if line.count(",") == 6 else line.replace("，", "、") for line in lines)])
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_rows_become_submitted_proposals(world: World, tmp_path: Path, encoding: str) -> None:
    done = _import(_csv(tmp_path, ELEVATOR, PARKING, encoding=encoding))

    assert (done["created"], done["suspected_duplicates"]) == (2, [])
    assert list(Proposal.objects.order_by("id").values_list("title", "category", "source", "status")) == [
        ("3幢2单元加装电梯", "elevator", "desk", Status.SUBMITTED),
        ("东门停车位太少", "parking", "hotline", Status.SUBMITTED),
    ]


def test_alike_rows_are_stored_and_named(world: World, tmp_path: Path) -> None:
    done = _import(_csv(tmp_path, ELEVATOR, AGAIN, PARKING))

    assert done["created"] == 3
    [suspect] = done["suspected_duplicates"]
    assert (suspect["row"], suspect["similar_row"], suspect["exact"]) == (3, 2, False)


def test_a_second_run_stores_nothing_again(world: World, tmp_path: Path) -> None:
    path = _csv(tmp_path, ELEVATOR, AGAIN, PARKING)
    _import(path)

    done = _import(path)

    assert (done["created"], done["unchanged"]) == (0, 3)
    assert [suspect["exact"] for suspect in done["suspected_duplicates"]] == [True, True, True]
    assert Proposal.objects.count() == 3


def test_what_is_open_already_is_suspected(world: World, tmp_path: Path) -> None:
    stored = world.register()

    done = _import(_csv(tmp_path, "3幢2单元加装电梯,六层楼、老人上下楼困难、希望加装一部电梯,,周五,13800000009,,"))

    assert [suspect["similar_to"] for suspect in done["suspected_duplicates"]] == [stored.pk]


def test_a_spreadsheet_is_read_too(world: World, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["标题", "内容", "类别", "提案人", "电话", "提交时间", "来源"])
    sheet.append(["修路灯", "三号楼前路灯坏了", "安全", "赵六", "13800000007", "2026-03-01", ""])
    book.save(tmp_path / "proposals.xlsx")

    assert _import(tmp_path / "proposals.xlsx")["created"] == 1


@pytest.mark.parametrize(
    ("line", "where"),
    [
        (",没有标题,,何,13800000001,,", "row 3, title"),
        ("无内容,,,何,13800000001,,", "row 3, body"),
        ("无人,内容,,,13800000001,,", "row 3, proposer"),
        ("电话,内容,,何,不知道,,", "row 3, phone"),
        ("时间,内容,,何,13800000001,2026-13-01,", "row 3, submitted_at"),
        ("将来,内容,,何,13800000001,2999-01-01,", "row 3, submitted_at"),
        ("来源,内容,,何,13800000001,,火星", "row 3, source"),
        ("长" * 81 + ",内容,,何,13800000001,,", "row 3, title"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(world: World, tmp_path: Path, line: str, where: str) -> None:
    entries = LedgerEntry.objects.count()

    with pytest.raises(CommandError) as error:
        _import(_csv(tmp_path, ELEVATOR, line))

    assert error.value.returncode == 2
    assert f"proposals.csv, {where}" in str(error.value)
    assert "\n" not in str(error.value)
    assert not Proposal.objects.exists()
    assert LedgerEntry.objects.count() == entries


def test_an_unknown_community_is_refused(world: World, tmp_path: Path) -> None:
    for code in ("000000000000", "E1"):
        with pytest.raises(CommandError) as error:
            _import(_csv(tmp_path, ELEVATOR), code)
        assert error.value.returncode == 2
