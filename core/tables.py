"""Tables people hand in: CSV (UTF-8 with or without BOM, GB18030) and XLSX, bounded, every error with file, row, field.

Nothing of a table is trusted: sizes are bounded before anything is unpacked, control characters, formulas, repeated
headers and cells without a column are refused. Cells come out as text without outer spaces.
"""

import codecs
import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _

from core.errors import BadInput
from core.words import UNPRINTABLE

MAX_BYTES = 64 * 1024 * 1024
MAX_UNPACKED = 256 * 1024 * 1024
MAX_PARTS = 500
MAX_COLUMNS = 64
MAX_ROWS = 200_000
LONGEST_CELL = 500
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_HEAD_OF_PART = 4096
_HAN = re.compile(r"[\u4e00-\u9fff]")
_BREAK = re.compile(r"[\r\n\t]")
_FORMULA = re.compile(r"[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` as a spreadsheet shows it (the header is row 1) and the text of each column."""

    file: str
    number: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def error(self, column: str, sentence: str) -> BadInput:
        """Return the refusal of this row: raise it."""
        return bad_cell(self.file, self.number, column, sentence)


def bad_cell(file: str, number: int, column: str, sentence: str) -> BadInput:
    """Return a refusal that names the file, the row and the column: "roll.csv, row 3, area: ..."."""
    where = f"{file}, row {number}" + (f", {column}" if column else "")
    return BadInput(f"{where}: {sentence}", field=column)


def read_table(
    source: str | Path | IO[bytes],
    columns: Collection[str],
    *,
    name: str = "",
    optional: Collection[str] = (),
    aliases: Mapping[str, str] | None = None,
    max_rows: int = MAX_ROWS,
    longest: Mapping[str, int] | None = None,
    multiline: Collection[str] = (),
) -> Iterator[Row]:
    """Yield the rows of a CSV or XLSX table that are not blank.

    `source` is a path or an open binary file (then give `name`). `columns` must all be there, `optional` ones are
    read when they are and "" when not; others are ignored. `aliases` are further header texts: {"面积": "area"}.
    A cell may hold 500 characters unless `longest` says otherwise; only columns of `multiline` may hold line breaks.
    The file is read whole (at most 64 MiB) when the first row is asked for.
    Raises BadInput naming file, row and field.
    """
    data, file = _bytes_of(source, name)
    if data.startswith(_OLD_OFFICE):
        raise BadInput(_("%(file)s: 这是旧版 Excel 文件，请另存为 .xlsx 或 CSV。") % {"file": file})
    lines = _xlsx_lines(data, file) if data.startswith(_ZIP) else _csv_lines(data, file)
    positions: dict[str, int] | None = None
    width = count = 0
    limits = longest or {}
    for number, cells in lines:
        if not any(cells):
            continue
        if positions is None:
            positions, width = _header(cells, number, file, columns, optional, aliases or {})
            continue
        count += 1
        if count > max_rows:
            raise BadInput(_("%(file)s: 超过 %(most)s 行。") % {"file": file, "most": max_rows})
        if any(cells[width:]):
            raise bad_cell(file, number, "", _("多出没有列名的单元格。"))
        values = dict.fromkeys(optional, "")
        for column, place in positions.items():
            text = cells[place] if place < len(cells) else ""
            values[column] = _checked(
                text, file, number, column, limits.get(column, LONGEST_CELL), breaks=column in multiline
            )
        yield Row(file, number, values)
    if positions is None:
        raise BadInput(_("%(file)s: 表格是空的。") % {"file": file})


def safe_cell(value: object) -> str:
    """Return `value` for a CSV we hand out: text a spreadsheet would run as a formula gets an apostrophe before it."""
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else text


def _bytes_of(source: str | Path | IO[bytes], name: str) -> tuple[bytes, str]:
    if isinstance(source, str | Path):
        path = Path(source)
        file = name or path.name
        with path.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    else:
        file, data = name or str(getattr(source, "name", "")) or "upload", source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadInput(_("%(file)s: 文件太大。") % {"file": file})
    return data, file


def _header(
    cells: list[str],
    number: int,
    file: str,
    columns: Collection[str],
    optional: Collection[str],
    aliases: Mapping[str, str],
) -> tuple[dict[str, int], int]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > MAX_COLUMNS:
        raise bad_cell(file, number, "", _("列太多。"))
    wanted = {*columns, *optional}
    positions: dict[str, int] = {}
    for place, title in enumerate(cells):
        text = _checked(title, file, number, title[:30], LONGEST_CELL, breaks=False)
        column = text if text in wanted else aliases.get(text, text.lower())
        if column not in wanted:
            continue
        if column in positions:
            raise bad_cell(file, number, column, _("这一列出现了两次。"))
        positions[column] = place
    for column in columns:
        if column not in positions:
            raise bad_cell(file, number, column, _("缺少这一列。"))
    return positions, len(cells)


def _checked(text: str, file: str, number: int, column: str, longest: int, *, breaks: bool) -> str:
    text = text.strip().lstrip("\ufeff")
    if len(text) > longest:
        raise bad_cell(file, number, column, _("内容太长（最多 %(most)s 字）。") % {"most": longest})
    if found := UNPRINTABLE.search(text) or (None if breaks else _BREAK.search(text)):
        raise bad_cell(file, number, column, _("含有不可见的控制字符 U+%(code)04X。") % {"code": ord(found[0])})
    if text.startswith("="):
        raise bad_cell(file, number, column, _("这一格是公式，请改成数值或文字。"))
    return text


# --- CSV ------------------------------------------------------------------


def _csv_lines(data: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(data, file)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
            yield number, [cell.strip(" \t\u3000") for cell in cells]
    except csv.Error as error:
        raise bad_cell(file, number + 1, "", _("CSV 格式不对：%(why)s。") % {"why": error}) from error


def _decoded(data: bytes, file: str) -> str:
    """Return the text: UTF-8, or GB18030 as Chinese spreadsheets write it; a damaged UTF-8 file is named as such."""
    marked = data.startswith(codecs.BOM_UTF8)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        loose = data.decode(errors="replace")
        row = data.count(b"\n", 0, error.start) + 1
        if marked or len(_HAN.findall(loose)) > loose.count("\ufffd"):
            raise bad_cell(file, row, "", _("不是完好的 UTF-8 文本。")) from error
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise bad_cell(file, row, "", _("编码不是 UTF-8，也不是 GB18030。")) from error


# --- XLSX -----------------------------------------------------------------


def _xlsx_lines(data: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    _refuse_bombs(data, file)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parsers meet
        raise BadInput(_("%(file)s: 不是完好的 .xlsx 文件。") % {"file": file}) from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise BadInput(_("%(file)s: 表格是空的。") % {"file": file})
        sheet.reset_dimensions()  # a stated size of a million columns is not believed
        try:
            for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
                yield number, [_text_of(cell) for cell in cells]
        except BadInput:
            raise
        except Exception as error:  # the same
            raise BadInput(_("%(file)s: 不是完好的 .xlsx 文件。") % {"file": file}) from error
    finally:
        book.close()


def _refuse_bombs(data: bytes, file: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise BadInput(_("%(file)s: 文件解开后太大。") % {"file": file})
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as opened:
                        head = opened.read(_HEAD_OF_PART)
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise BadInput(_("%(file)s: 不是完好的 .xlsx 文件。") % {"file": file})
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise BadInput(_("%(file)s: 不是完好的 .xlsx 文件。") % {"file": file}) from error


def _text_of(cell: Any) -> str:
    """Return what the spreadsheet shows: whole numbers without ".0", binary noise of decimals rounded away."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")  # noqa: PLR2004 - the digits a spreadsheet keeps
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ") if cell.time() != dt.time() else cell.date().isoformat()
    return str(cell).strip(" \t\u3000")
