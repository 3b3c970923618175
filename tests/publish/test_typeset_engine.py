"""What comes out of the press, read back from the PDF."""

import ctypes.util
import hashlib
import io
import itertools
import json
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.boundsPen import BoundsPen
from pypdf import PdfReader

from core.errors import BadInput
from publish import kinds
from publish.kinds import checks
from publish.typeset import engine, fonts, glyphs, justify

pytestmark = pytest.mark.typeset

MM = 72 / 25.4
LEFT, RIGHT = 28 * MM, (210 - 26) * MM
FLUSH = 0.3 * MM
PITCH = 28.95
GENERAL = Path(fonts.VENDORED / "general-characters.txt").read_text(encoding="utf-8").split()
RARE = "堃喆犇彧玥祎昇镕𠮷𫍽𬭊㎡"
HOSTILE = "<script>alert(1)</script></p><h1>大</h1>&amp;{{ paper }}{% now %}<style>*{display:none}</style>"


def paper(kind: str = "topic_list", **facts: Any) -> engine.Paper:
    document = kinds.example_paper(kind)
    document["facts"] = document["facts"] | facts
    return engine.read_paper(document)


def plain(*paragraphs: str, **more: Any) -> engine.Paper:
    """Return a paper that is nothing but a title, text and sign-off."""
    document = {
        "kind": "acceptance_letter",
        "issuer": {"name": "顺庆区平城街社区居民委员会"},
        "posted_on": "2026-11-23",
        "facts": {"title": "通知", "matter": "题", "paragraphs": list(paragraphs)},
        **more,
    }
    return engine.read_paper(document)


def text_of(data: bytes, *options: str) -> str:
    done = subprocess.run(["pdftotext", *options, "-", "-"], input=data, capture_output=True, check=True)
    return done.stdout.decode()


def lines_of(data: bytes) -> list[list[tuple[float, float, float, str]]]:
    """Return for each page its lines of 15.75 pt text: (baseline box top, left, right, text)."""
    root = ET.fromstring(text_of(data, "-bbox").replace(' xmlns="http://www.w3.org/1999/xhtml"', ""))  # noqa: S314 - poppler's own output
    pages = []
    for page in root.iter("page"):
        words = [
            (float(word.get("yMin", "0")), float(word.get("xMin", "0")), float(word.get("xMax", "0")), word.text or "")
            for word in page.iter("word")
            if abs(float(word.get("yMax", "0")) - float(word.get("yMin", "0")) - 15.75) < 0.1
        ]
        words.sort()
        grouped = [list(group) for _top, group in itertools.groupby(words, key=lambda word: round(word[0], 1))]
        pages.append([(g[0][0], min(w[1] for w in g), max(w[2] for w in g), "".join(w[3] for w in g)) for g in grouped])
    return pages


def fonts_of(data: bytes) -> list[list[str]]:
    done = subprocess.run(["pdffonts", "-"], input=data, capture_output=True, check=True)
    return [line.split() for line in done.stdout.decode().splitlines()[2:]]


@pytest.mark.parametrize("variant", engine.VARIANTS)
@pytest.mark.parametrize("kind", kinds.keys())
def test_every_kind_in_every_variant(kind: str, variant: engine.Variant) -> None:
    data = engine.typeset(paper(kind), variant)

    reader = PdfReader(io.BytesIO(data))
    size = (841.89, 1190.55) if variant == "poster" else (595.28, 841.89)
    assert {(round(float(page.mediabox.width), 2), round(float(page.mediabox.height), 2)) for page in reader.pages} == {
        size
    }
    assert kinds.example(kind)["title"] in re.sub(r"\s", "", text_of(data))
    found = fonts_of(data)
    assert [row[-5:-2] for row in found] == [["yes", "yes", "yes"]] * len(found)
    assert not any(re.search(r"JP|KR|TC|HK|Japan|Korea", row[0]) for row in found)


def test_a_page_is_22_lines_of_28_characters() -> None:
    text = "".join(GENERAL[:1500])

    second = lines_of(engine.typeset(plain(text)))[1]

    assert [len(line[3]) for line in second] == [28] * 22
    tops = [line[0] for line in second]
    assert [round(b - a, 2) for a, b in itertools.pairwise(tops)] == [PITCH] * 21
    assert round(tops[0] - 37 * MM, 1) == round((PITCH - 15.75) / 2, 1)
    assert max(abs(line[1] - LEFT) for line in second) < 0.01
    assert max(abs(line[2] - RIGHT) for line in second) < FLUSH


def test_both_margins_are_flush_whatever_stands_in_a_line() -> None:
    text = (
        "经2026年11月15日协商会议讨论，3幢2单元14户（建筑面积1,237.60㎡）中，13户同意；本单元“加装电梯”方案——第3版，总价486,000.00元……"
        "堃喆犇彧玥祎昇镕等8人附议。WuYi platform 第2次公示；《民法典》第二百七十八条，依法办理！"
    ) * 9

    lines = [line for page in lines_of(engine.typeset(plain(text)))[:2] for line in page]
    body = [line for line in lines if line[1] < LEFT + 1][:-2]

    assert len(body) > 20
    assert max(abs(line[2] - RIGHT) for line in body) < FLUSH


def test_rare_characters_do_not_push_their_line() -> None:
    text = ("普通文字" * 6 + RARE) * 40

    tops = [line[0] for line in lines_of(engine.typeset(plain(text)))[1]]

    steps = [(b - a) / PITCH for a, b in itertools.pairwise(sorted(set(tops)))]
    assert max(abs(step - round(step)) for step in steps) < 0.002


def test_no_line_begins_or_ends_on_a_forbidden_mark() -> None:
    text = "业主、居民：（一）同意；“反对”，弃权。《办法》！" * 60

    lines = [line[3] for page in lines_of(engine.typeset(plain(text))) for line in page]

    assert not [line for line in lines if line[0] in "、：；，。！）》”"]
    assert not [line for line in lines if line[-1] in "（“《"]


def test_page_numbers_stand_right_on_odd_and_left_on_even_pages() -> None:
    data = engine.typeset(plain("".join(GENERAL[:1800])))
    root = ET.fromstring(text_of(data, "-bbox").replace(' xmlns="http://www.w3.org/1999/xhtml"', ""))  # noqa: S314 - poppler's own output

    marks = []
    for page in root.iter("page"):
        words = [word for word in page.iter("word") if float(word.get("yMin", "0")) > (297 - 35) * MM]
        text = "".join(word.text or "" for word in words)
        left, right = min(float(w.get("xMin", "0")) for w in words), max(float(w.get("xMax", "0")) for w in words)
        top = min(float(w.get("yMin", "0")) for w in words)
        side = "right" if left > 300 else "left"
        edge = RIGHT - right if side == "right" else left - LEFT
        marks.append((text, side, round(edge), abs(top - (297 - 35 + 7) * MM) < 4))

    assert marks == [
        ("—1—", "right", 14, True),
        ("—2—", "left", 14, True),
        ("—3—", "right", 14, True),
        ("—4—", "left", 14, True),
    ]


@pytest.mark.parametrize("rows", range(12, 26))
def test_the_sign_off_never_stands_alone(rows: int) -> None:
    data = engine.typeset(plain("".join(GENERAL[: rows * 28])))

    last = PdfReader(io.BytesIO(data)).pages[-1]
    told = [line for line in lines_of(data)[-1] if set(line[3]) & set(GENERAL[: rows * 28]) and line[1] < LEFT + 40]
    assert "居民委员会" in last.extract_text()
    assert told != []


def test_all_characters_of_the_general_table_are_printed_and_read_back() -> None:
    text = "".join(GENERAL)

    data = engine.typeset(plain(text[:3000], text[3000:6000], text[6000:]))

    read = re.sub(r"\s|—\d+—", "", text_of(data).replace(" ", ""))
    assert len(GENERAL) == len(set(GENERAL)) == 8105
    assert text in read.replace("\f", "")
    found = fonts_of(data)
    assert [row[-5:-2] for row in found] == [["yes", "yes", "yes"]] * len(found)
    assert {row[0].partition("+")[2] for row in found} <= {"FandolFang", "Song", "Noto-Serif-CJK-SC", "Hei", "Biaosong"}
    # Not one code stands for the empty glyph, and every code has an outline.
    drawn = 0
    for codes, face in cff_faces(data):
        assert 0 not in codes
        strings = face.topDictIndex[0].CharStrings
        for code in codes:
            pen = BoundsPen(None)
            strings[f"cid{code:05d}"].draw(pen)
            drawn += pen.bounds is not None
    assert drawn >= 8105


def test_rare_names_are_printed_and_read_back() -> None:
    assert RARE in text_of(engine.typeset(plain(RARE)))


def test_a_character_without_glyph_is_refused_by_name() -> None:
    assert engine.problems() == []
    assert glyphs.missing("好\U000107a0好") == ["\U000107a0"]
    with pytest.raises(BadInput) as caught:
        engine.check("topic_list", kinds.example("topic_list") | {"paragraphs": ["好", "字\U000107a0"]})
    assert caught.value.field == "paragraphs[1]"
    assert caught.value.sentence == "字体中没有“\U000107a0”（U+107A0）这个字，不能印发：见“字\U000107a0”"


@pytest.mark.parametrize("kind", ["topic_list", "minutes", "vote_result"])
def test_markup_in_any_text_is_text(kind: str) -> None:
    def spoiled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: spoiled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [spoiled(inner) for inner in value]
        return (
            f"{value}{HOSTILE}"
            if isinstance(value, str) and not re.fullmatch(r"[\d.\-T:]*|[0-9a-f]{64}|passed", value)
            else value
        )

    document = kinds.example_paper(kind)
    facts = spoiled(document["facts"]) | {"title": "<b>题</b>" + HOSTILE[:60]}
    said = re.sub(r"\s", "", text_of(engine.typeset(engine.read_paper(document | {"facts": facts}))))

    assert "<script>alert(1)</script></p><h1>大</h1>&amp;{{paper}}" in said
    assert "<b>题</b>" in said


def test_nothing_but_data_addresses_is_fetched() -> None:
    fetcher = engine._warm().fetcher

    for address in ("file:///etc/passwd", "http://127.0.0.1:1/", "ftp://127.0.0.1/"):
        with pytest.raises(ValueError, match="disallowed protocol"):
            fetcher.fetch(address)


def test_the_same_paper_gives_the_same_bytes() -> None:
    first = engine.typeset(paper("vote_result"))
    engine.typeset(paper("minutes"), "poster")

    assert engine.typeset(paper("vote_result")) == first


def test_what_was_set_before_changes_nothing() -> None:
    """Styles and faces are kept for the life of a process: another order of papers gives the same bytes."""
    jobs = [("vote_result", "document"), ("minutes", "poster"), ("ballot_paper", "document"), ("roll", "large")]
    code = (
        "import django, hashlib; django.setup()\n"
        "from publish import kinds\nfrom publish.typeset import engine\n"
        f"for kind, variant in {jobs[::-1]!r}:\n"
        "    data = engine.typeset(engine.read_paper(kinds.example_paper(kind)), variant)\n"
        "    print(hashlib.sha256(data).hexdigest())"
    )

    here = [hashlib.sha256(engine.typeset(paper(kind), cast("engine.Variant", v))).hexdigest() for kind, v in jobs]

    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout.split() == here[::-1]


@pytest.mark.parametrize("kind", kinds.keys())
def test_a_page_is_the_same_read_as_xml_and_as_html(kind: str) -> None:
    import weasyprint  # noqa: PLC0415 - what reads HTML

    tinyhtml5: Any = weasyprint.tinyhtml5

    given = paper(kind)
    html = engine._html(given, checks.parse(kind, given.facts), "document")

    def shape(element: Any) -> Any:
        children = [shape(child) for child in element]
        return (element.tag, sorted(element.attrib.items()), element.text or "", children, (element.tail or "").strip())

    read = engine._read(engine._warm(), html).etree_element
    parsed = tinyhtml5.parse(html, namespace_html_elements=False)
    assert shape(read.find("body")) == shape(parsed.find("body"))


def test_memory_does_not_grow_with_the_papers() -> None:
    """Each text once left 100 bytes behind: 25 KiB a paper. What is left is the allocator's own unrest."""
    given = paper("vote_result")
    for _paper in range(10):
        engine.typeset(given)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for _paper in range(60):
        engine.typeset(given)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024


def test_the_file_is_tagged_titled_archival_and_carries_its_facts() -> None:
    given = paper("vote_result")

    reader = PdfReader(io.BytesIO(engine.typeset(given)))

    catalog: Any = reader.trailer["/Root"]
    assert catalog["/Lang"] == "zh-CN"
    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert "/StructTreeRoot" in catalog
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata is not None
    assert reader.metadata.title == given.facts["title"]
    about = catalog["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in about
    assert 'pdfaid:conformance="A"' in about
    assert "<pdfuaid:part>1</pdfuaid:part>" in about
    assert json.loads(reader.attachments["facts.json"][0])["facts"] == given.facts
    assert [item.title for item in reader.outline if not isinstance(item, list)][:1] == [given.facts["title"]]


def cff_faces(data: bytes) -> list[tuple[set[int], Any]]:
    """Return for each embedded CFF face the codes that the pages write and the face."""
    reader = PdfReader(io.BytesIO(data))
    found: dict[Any, tuple[set[int], Any]] = {}
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for reference in resources["/Font"].values():
            inner = reference.get_object()["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"].get_object()
            if "/FontFile3" in descriptor:
                file = descriptor["/FontFile3"].get_object()
                assert (file["/Subtype"], inner["/Subtype"]) == ("/CIDFontType0C", "/CIDFontType0")
                assert "/CIDToGIDMap" not in inner
                face = CFFFontSet()
                face.decompile(io.BytesIO(file.get_data()), None)
                codes = [0]
                for entry in inner["/W"]:
                    codes = [int(entry)] if not isinstance(entry, list) else codes
                    if isinstance(entry, list):
                        found.setdefault(reference.idnum, (set(), face))[0].update(
                            range(codes[0], codes[0] + len(entry))
                        )
    return list(found.values())


def test_glyphs_are_found_by_the_identifiers_the_page_writes() -> None:
    """The faces are bare CFF, which has one reading only; each holds what its pages write and next to nothing else."""
    faces = cff_faces(engine.typeset(paper("vote_result")))

    assert len(faces) == 4
    for codes, face in faces:
        top = face.topDictIndex[0]
        held = {int(name[3:]) for name in top.charset if name != ".notdef"}
        assert codes <= held
        assert len(held - codes) < 10
        assert top.ROS[:2] == ("Adobe", "Identity") or hasattr(top, "ROS")


def test_header_cells_say_what_they_head() -> None:
    reader = PdfReader(io.BytesIO(engine.typeset(paper("ballot_paper"))))

    scopes = []
    for number in range(1, int(cast("int", reader.trailer["/Size"]))):
        element: Any = reader.get_object(number)
        if isinstance(element, dict) and element.get("/S") == "/TH":
            scopes.append(element["/A"].get_object()["/Scope"])

    assert scopes == ["/Row"] * 3


def test_a_supplied_seal_is_never_drawn_and_its_space_is_kept() -> None:
    page = lines_of(engine.typeset(plain("正文。")))[0]

    text, name, date = page[-3], page[-2], page[-1]
    assert text[3] == "正文。"
    assert name[3] == "顺庆区平城街社区居民委员会"
    assert date[3] == "2026年11月23日"
    assert round((name[0] - text[0]) / PITCH, 1) == 3.0
    assert abs((name[1] + name[2]) / 2 - (date[1] + date[2]) / 2) < 1
    assert abs((RIGHT - date[2]) / 15.75 - 4) < 0.1


def test_too_many_pages_are_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PAGES_LIMIT", 1)

    with pytest.raises(BadInput, match="超过上限 1 页"):
        engine.typeset(plain("".join(GENERAL[:1500])))


def test_the_host_can_typeset_and_the_faces_are_the_tested_ones() -> None:
    assert engine.problems() == []
    assert fonts.unpinned() == []
    assert set("".join(GENERAL)) - {c for c in "".join(GENERAL) if not glyphs.missing(c)} == set()


def test_without_the_library_that_cuts_faces_no_paper_is_set_and_the_package_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = ctypes.util.find_library
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None if "subset" in name else found(name))
    monkeypatch.setattr(engine, "_press", [])

    with pytest.raises(engine.CannotTypeset, match="缺少 harfbuzz-subset，请安装 Debian 软件包 libharfbuzz-subset0"):
        engine.typeset(plain("文"))


def test_the_patch_refuses_another_weasyprint(monkeypatch: pytest.MonkeyPatch) -> None:
    import weasyprint  # noqa: PLC0415 - what is patched

    monkeypatch.setattr(weasyprint, "__version__", "71.0")

    with pytest.raises(justify.WrongVersion, match=r"written for WeasyPrint 70\.0, not 71\.0"):
        justify.install()


def test_weasyprint_is_not_loaded_before_it_is_needed() -> None:
    code = (
        "import django, sys; django.setup(); import publish.typeset.engine; from publish import kinds; kinds.keys(); "
        "sys.exit('weasyprint' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_area_is_written_in_one_form_in_text_sentence_and_table() -> None:
    given = kinds.example_paper("vote_result")
    given["facts"]["eligible"] = {"heads": 4081, "area": "40812.50"}
    given["facts"]["items"][0]["sentence"] = "应参加4081人、40812.50平方米。"

    read = text_of(engine.typeset(engine.read_paper(given)))

    assert "涉及表决人4081人，专有部分面积40812.50平方米" in read
    assert (read.count("40812.50平方米"), "4,081" in read, "40,812" in read, "㎡" in read) == (2, False, False, False)
