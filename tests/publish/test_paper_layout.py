"""Where the papers of the kinds break: what was ugly to look at once, in document, poster and large print."""

import itertools
import re
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image, ImageChops

from publish import kinds
from publish.typeset import engine
from tests.publish.test_typeset_engine import GENERAL, lines_of, plain, text_of


def _pages(kind: str, variant: str, **facts: Any) -> list[list[str]]:
    """Return the lines of each page of a kind's example, spaces left off; `facts` stand for the example's."""
    document = kinds.example_paper(kind)
    document["facts"] |= facts
    data = engine.typeset(engine.read_paper(document), cast("engine.Variant", variant))
    pages = text_of(data, "-layout").split("\f")
    return [["".join(line.split()) for line in page.splitlines() if line.strip()] for page in pages if page.strip()]


@pytest.mark.parametrize(
    ("kind", "variant", "first"),
    [
        ("period_statement", "document", "三、结论"),
        ("legality_opinion", "large", "审查结论：修改后可以提交表决。"),
        ("count_sheet", "poster", "第2项推选业主代表"),
        ("count_sheet", "large", "第2项推选业主代表"),
        ("party_study_note", "document", "出席：何*、罗**、周*、吴*、郑*、冯*"),
        ("ballot_paper", "large", "请于2026年12月8日20时30分前投入会场票箱。"),
    ],
)
def test_a_last_page_begins_with_text_not_with_a_hash_or_a_signature(kind: str, variant: str, first: str) -> None:
    assert _pages(kind, variant)[-1][0] == first


def test_the_red_head_stands_where_the_standard_wants_it(tmp_path: Path) -> None:
    """GB/T 9704-2012, 7.2.4 to 7.2.7: 35 mm below the type area's top; number two lines lower; rule 4 mm under it."""
    data = engine.typeset(engine.read_paper(kinds.example_paper("resolution")))
    subprocess.run(["pdftoppm", "-r", "127", "-l", "1", "-png", "-", f"{tmp_path}/p"], input=data, check=True)
    [path] = tmp_path.glob("*.png")
    with Image.open(path) as page:
        red, _green, blue = page.convert("RGB").split()
    ink = ImageChops.subtract(red, blue).point(lambda value: 255 * (value > 80))
    spans = {y / 5: ink.crop((0, y, ink.width, y + 1)).getbbox() for y in range(ink.height // 2)}  # mm: five dots each
    rows = [y for y, span in spans.items() if span is not None]
    gap = next(place for place, (above, below) in enumerate(itertools.pairwise(rows)) if below - above > 5)
    number = re.search(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">平居', text_of(data, "-bbox"))
    assert number is not None
    top, bottom = (float(found) * 25.4 / 72 for found in number.groups())

    head, rule = (rows[0], rows[gap]), rows[gap + 1]
    left, _top, right, _bottom = spans[rule] or (0, 0, 0, 0)
    assert 72 <= head[0] <= 72.8
    assert round(rule - bottom) == 4
    assert abs((right - left) / 5 - 156) < 0.5
    assert 2 < (top - head[1]) / (28.95 * 25.4 / 72) < 2.6


def test_attachments_stand_above_the_sign_off_and_the_copies_below_it() -> None:
    last = _pages(
        "resolution", "document", attachments=["方案（第3版）", "预算明细表"], copies=["平城街道办事处", "物业公司"]
    )[-1]

    placed = [
        next(place for place, line in enumerate(last) if line.startswith(word))
        for word in (
            "附件：1.方案（第3版）",
            "2.预算明细表",
            "顺庆区平城街社区居民委员会",
            "2026年12月17日",
            "抄送：平城街道办事处，物业公司。",
            "扫码核验",
        )
    ]
    assert placed == sorted(placed)


@pytest.mark.parametrize(("lines", "pages", "pitch"), [(10, 1, 28.95), (11, 1, 27.0), (12, 2, 28.95)])
def test_lines_move_closer_where_the_sign_off_finds_room_on_the_page_so(lines: int, pages: int, pitch: float) -> None:
    laid = lines_of(engine.typeset(plain("".join(GENERAL[: lines * 28]))))

    tops = [line[0] for line in laid[0]][3:7]
    assert len(laid) == pages
    assert {round(below - above, 2) for above, below in itertools.pairwise(tops)} == {pitch}


def test_a_voter_takes_one_line_of_the_roll_and_columns_without_a_word_are_left_out() -> None:
    entries = [
        {"place": "丝二厂宿舍1幢1单元***", "name": f"崔**({stem})", "heads": 1, "area": "88.40"} for stem in "甲乙"
    ]

    roll = [line for page in _pages("roll", "document", entries=entries) for line in page]
    placeless = [{**entry, "place": ""} for entry in entries]
    bodies = [line for page in _pages("roll", "document", entries=placeless, total_area="") for line in page]
    statement = [line for page in _pages("period_statement", "document", postings=[{"place": "南门"}]) for line in page]

    assert "1丝二厂宿舍1幢1单元***崔**（甲）188.40" in roll
    assert "序号坐落表决人人数" in "".join(roll)
    assert "备注" not in "".join(roll)
    assert "序号表决人人数" in bodies
    assert "地点张贴时间" in statement


def test_a_poster_begins_its_list_under_its_first_sentence() -> None:
    first = _pages("topic_list", "poster")[0]

    assert "议题一览表" in first


@pytest.mark.parametrize("variant", ["poster", "large"])
def test_the_heads_of_narrow_columns_stay_in_one_line(variant: str) -> None:
    roll = [line for page in _pages("roll", variant) for line in page]
    result = [line for page in _pages("vote_result", variant) for line in page]

    assert [line for line in roll if line in {"序", "号", "数"}] == []
    assert "条件计算基数标准应达到实际结论" in result
    assert "33幢2单元201王**188.40" in roll


@pytest.mark.parametrize("lines", range(4, 16))
def test_a_table_breaks_between_rows_with_its_head_again_and_two_rows_on_either_page(lines: int) -> None:
    table = {"caption": "点位一览表", "columns": ["序号", "点位"], "rows": [[f"第{n}", "桩"] for n in range(1, 9)]}

    pages = _pages("acceptance_letter", "document", paragraphs=["四项三规" * 6] * lines, sections=[], tables=[table])

    rows = [[line for line in page if re.fullmatch(r"第\d桩", line)] for page in pages]
    assert [row for page in rows for row in page] == [f"第{n}桩" for n in range(1, 9)]
    assert all(len(page) != 1 for page in rows)
    heads = [page.count("序号点位") for page in pages]
    assert heads == [int(bool(page)) for page in rows]
    captioned = [page for page in pages if "点位一览表" in page]
    assert len(captioned) == 1
    assert captioned[0].index("序号点位") == captioned[0].index("点位一览表") + 1


@pytest.mark.parametrize("variant", engine.VARIANTS)
def test_no_line_ends_within_a_date_or_a_masked_name(variant: str) -> None:
    topic = {"proposer": "赵**", "submitted_on": "2026-11-12", "outcome": "12月31日前由阿**·**办结"}
    rows = [{**topic, "title": "题" * n, "reason": "理" * n} for n in range(1, 6)]

    text = "".join(line for page in _pages("topic_list", variant, topics=rows) for line in page)

    assert [text.count(whole) for whole in ("11月12日", "赵**", "12月31日", "阿**")] == [5, 5, 5, 5]


def test_a_masked_name_after_a_space_stays_whole_in_a_narrow_column() -> None:
    text = [line for page in _pages("responsibility_list", "poster") for line in page]

    assert [line for line in text if line.startswith("*")] == []
    assert any("何*" in line for line in text)


def test_the_verdict_on_a_threshold_is_not_torn() -> None:
    items = kinds.example_paper("vote_result")["facts"]["items"]
    items[0]["thresholds"] = [
        {**line, "met": False, "shortfall": "231.63" if line["measure"] == "area" else 3}
        for line in items[0]["thresholds"]
    ]

    lines = [line for page in _pages("vote_result", "document", items=items) for line in page]

    assert [line for line in lines if "未达到" in line] == [
        "1060.80≥3/4795.60884.00未达到，差231.63",
        "同意人数12≥3/4910未达到，差3",
    ]


def test_a_hash_is_printed_in_two_lines_of_four_groups_that_can_be_copied() -> None:
    document = kinds.example_paper("roll")
    text = text_of(engine.typeset(engine.read_paper(document)), "-layout")

    digest = document["facts"]["roll_hash"]
    groups = [digest[start : start + 8] for start in range(0, 64, 8)]
    assert [line.strip() for line in text.splitlines() if groups[0] in line or groups[4] in line] == [
        " ".join(groups[:4]),
        " ".join(groups[4:]),
    ]
