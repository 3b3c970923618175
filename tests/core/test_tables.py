"""Tables people hand in: what is read, and what hostile ones end in."""

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core import tables
from core.errors import BadInput
from core.tables import Row, read_table, safe_cell

COLUMNS = ("code", "name")


def _rows(data: bytes, **more: Any) -> list[Row]:
    return list(read_table(io.BytesIO(data), COLUMNS, name="units.csv", **more))


def _refusal(data: bytes, **more: Any) -> str:
    with pytest.raises(BadInput) as refused:
        _rows(data, **more)
    return str(refused.value)


def _xlsx(lines: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TEXT = "code,name\n1,平城街社区\n2,滨江社区\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        'code,name\n1, 平城街社区　\n\n,\n2,"滨江社区"\n'.encode(),
        "备注,name,CODE\nx,平城街社区,1\ny,滨江社区,2\n".encode(),
        _xlsx([["code", "name"], [1, "平城街社区"], [None, None], ["2", "滨江社区"]]),
        _xlsx([["code", "name"], [1.0, "平城街社区"], ["2", "滨江社区"]]),
    ],
)
def test_every_encoding_reads_alike(data: bytes) -> None:
    assert [dict(row.values) for row in _rows(data)] == [
        {"code": "1", "name": "平城街社区"},
        {"code": "2", "name": "滨江社区"},
    ]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    assert [row.number for row in _rows(b"code,name\n1,a\n\n3,b\n")] == [2, 4]
    assert [row.number for row in _rows(_xlsx([["code", "name"], [1, "a"], [None], [3, "b"]]))] == [2, 4]


def test_chinese_headers_and_optional_columns() -> None:
    rows = list(
        read_table(
            io.BytesIO("代码,name\n1,a\n".encode()),
            COLUMNS,
            name="units.csv",
            optional=("kind",),
            aliases={"代码": "code"},
        )
    )

    assert dict(rows[0].values) == {"code": "1", "name": "a", "kind": ""}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "units.csv: "),
        (b"name\nx\n", "units.csv, row 1, code: "),
        (b"code,name,code\n1,a,2\n", "units.csv, row 1, code: "),
        (b"code,name\n1,a,extra\n", "units.csv, row 2: "),
        (b"code,name\n1,=HYPERLINK(1)\n", "units.csv, row 2, name: "),
        (b"code,name\n1,a\n2,b\0c\n", "units.csv, row 3, name: "),
        (b"code,name\n1,a\n2,b\x1b[31m\n", "units.csv, row 3, name: "),
        ("code,name\n1,a\u202eb\n".encode(), "units.csv, row 2, name: "),
        (b'code,name\n1,"a\nb"\n', "units.csv, row 2, name: "),
        (b"code,name\n1," + b"x" * 501, "units.csv, row 2, name: "),
        (b"code,name\n1," + b"x" * 200_000, "units.csv, row 2: "),
        (b'code,name\n1,"a\n', "units.csv, row 2: "),
        (b'code,name\n1,"a"b\n', "units.csv, row 2: "),
        ("code,name\n1,平城街社区\n2,".encode() + b"\xff\xfe\n", "units.csv, row 3: "),
        (b"\xef\xbb\xbfcode,name\n1,\xff\n", "units.csv, row 2: "),
        (b"code,name\n1,\xff\xff\n", "units.csv, row 2: "),
        ("code,name\n1,a\n".encode("utf-16"), "units.csv"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "units.csv: "),
        (b"PK\x03\x04 not a zip", "units.csv: "),
        (b"," * 100 + b"code,name\n", "units.csv, row 1: "),
        (_xlsx([["code", "name"], [1, "=1+1"]]), "units.csv, row 2, name: "),
        (_xlsx([]), "units.csv: "),
    ],
)
def test_a_hostile_table_is_one_sentence_with_its_place(data: bytes, says: str) -> None:
    message = _refusal(data)

    assert message.startswith(says)
    assert "\n" not in message


def test_too_many_rows() -> None:
    assert _refusal(b"code,name\n" + b"1,a\n" * 3, max_rows=2).startswith("units.csv: ")


def test_a_file_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_UNPACKED", 1000)

    assert _refusal(_xlsx([["code", "name"], [1, "a"]])).startswith("units.csv: ")


def test_a_real_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _block in range(300):
            part.write(b" " * 1024 * 1024)

    assert _refusal(out.getvalue()).startswith("units.csv: ")


def test_entities_in_a_part_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')

    assert _refusal(out.getvalue()).startswith("units.csv: ")


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "x")

    assert _refusal(out.getvalue()).startswith("units.csv: ")


def test_decimals_of_a_spreadsheet_lose_their_binary_noise() -> None:
    rows = _rows(_xlsx([["code", "name"], [0.1 + 0.2, 88.4]]))

    assert dict(rows[0].values) == {"code": "0.3", "name": "88.4"}


def test_breaks_are_kept_where_they_are_allowed() -> None:
    assert _rows(b'code,name\n1,"a\nb"\n', multiline=("name",))[0]["name"] == "a\nb"


def test_a_path_is_named_by_its_last_part(tmp_path: Path) -> None:
    file = tmp_path / "名册.csv"
    file.write_text("name\n", "utf-8")

    with pytest.raises(BadInput) as refused:
        list(read_table(file, COLUMNS))

    assert str(refused.value).startswith("名册.csv, row 1, code: ")


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("@SUM", "'@SUM"), ("+1", "'+1"), ("-x", "'-x"), ("-3.5", "-3.5"), ("张三", "张三"), (7, "7")],
)
def test_a_cell_we_hand_out_never_runs(value: object, cell: str) -> None:
    assert safe_cell(value) == cell
