"""The monthly disclosure bundle: every public notice of a unit posted in a month, with an index."""

import calendar
import csv
import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import IO

from django.core.files.storage import default_storage
from django.utils import timezone

from community.models import Unit
from core.canonical import canonical_json
from core.official import official_language
from core.tables import safe_cell
from publish import kinds
from publish.models import Notice, NoticeStatus
from publish.models.notice import UNPUBLISHED
from publish.queries import follower_of, public_notices

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_NAME_LIMIT = 60
_COLUMNS = [
    "文号",
    "种类",
    "标题",
    "单位",
    "张贴日期",
    "公示截止",
    "状态",
    "后续文书",
    "文件",
    "文件SHA-256",
    "内容摘要",
    "核验地址",
]


def write_bundle(out: IO[bytes], *, unit: Unit, year: int, month: int) -> list[Notice]:
    """Write the zip of `unit` and the units below for one month to `out`; return its notices, oldest first.

    Holds each PDF as it was published, index.csv (UTF-8 with BOM, for spreadsheets) and index.json, which name what
    is to be read in a paper's place by now. The same notices give the same bytes. A file that storage has lost
    raises OSError; nothing half-made is worth having.
    """
    first, last = dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])
    found = public_notices(unit=unit).filter(posted_on__range=(first, last)).order_by("posted_on", "id").defer("facts")
    notices = list(found)
    rows = []
    with zipfile.ZipFile(out, "w") as bundle:
        for notice in notices:
            name = file_name(notice)
            with default_storage.open(str(notice.file)) as file:
                _add(bundle, name, file.read(), notice)
            rows.append(_row(notice, name))
        table = io.StringIO()
        writer = csv.writer(table)
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
        _add(bundle, "index.csv", b"\xef\xbb\xbf" + table.getvalue().encode())
        index = {
            "unit": {"code": unit.code, "name": unit.name},
            "month": f"{year:04}-{month:02}",
            "notices": [dict(zip(_COLUMNS, row, strict=True)) for row in rows],
        }
        _add(bundle, "index.json", canonical_json(index).encode())
    return notices


def file_name(notice: Notice) -> str:
    """Return 平城社区〔2026〕12号 关于….pdf, safe on every system."""
    return f"{_UNSAFE.sub('_', notice.number)} {_UNSAFE.sub('_', notice.title)[:_NAME_LIMIT]}.pdf"


def write_bundle_file(path: Path, *, unit: Unit, year: int, month: int) -> list[Notice]:
    """Write the bundle to `path`, whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            notices = write_bundle(file, unit=unit, year=year, month=month)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return notices


def _add(bundle: zipfile.ZipFile, name: str, data: bytes, notice: Notice | None = None) -> None:
    moment = timezone.localtime(notice.posted_at) if notice is not None and notice.posted_at else None
    info = zipfile.ZipInfo(name, moment.timetuple()[:6] if moment else (2000, 1, 1, 0, 0, 0))
    # A PDF is compressed already.
    info.compress_type = zipfile.ZIP_STORED if notice is not None else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    bundle.writestr(info, data)


def _following(notice: Notice) -> Notice | None:
    """Return what is to be read in the place of a notice: its correction, or the later paper it is followed by."""
    if notice.status == NoticeStatus.SUPERSEDED:
        return notice.corrections.exclude(status__in=UNPUBLISHED).first()
    return follower_of(notice)


@official_language()
def _row(notice: Notice, name: str) -> list[str]:
    return [
        safe_cell(notice.number),
        kinds.title_of(notice.kind),
        safe_cell(notice.title),
        safe_cell(notice.issuer.name),
        str(notice.posted_on),
        str(notice.ends_on) if notice.days else "",
        notice.state_word,
        safe_cell(following.number) if (following := _following(notice)) is not None else "",
        safe_cell(name),
        notice.file_hash,
        notice.content_hash,
        (notice.paper or {}).get("verify_url", ""),
    ]
