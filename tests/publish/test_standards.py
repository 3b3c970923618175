"""Every kind in every variant before qpdf, pdfua and mutool, and our own reading of PDF/A-3 and PDF/UA."""

import io
import itertools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen
from fontTools.ttLib import TTFont
from pdfua.cli import main as pdfua

from publish import kinds
from publish.typeset import engine

pytestmark = pytest.mark.typeset


@pytest.fixture(scope="module", params=kinds.keys())
def papers(request: pytest.FixtureRequest) -> list[bytes]:
    paper = engine.read_paper(kinds.example_paper(request.param))
    return [engine.typeset(paper, variant) for variant in engine.VARIANTS]


def elements(node: Any) -> Iterator[Any]:
    """Yield every structure element, in the order of reading."""
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


def test_qpdf_and_pdfua_find_nothing(papers: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, data in enumerate(papers):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(data)

        checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")
        with pytest.raises(SystemExit) as ended:
            raise SystemExit(pdfua(["check", str(path)]))
        assert ended.value.code == 0, capsys.readouterr().out
        assert "PASS (no findings)" in capsys.readouterr().out


def test_another_reader_draws_every_page_without_complaint(papers: list[bytes], tmp_path: Path) -> None:
    for number, data in enumerate(papers):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(data)
        command = ["mutool", "draw", "-q", "-r", "20", "-F", "ppm", "-o", "/dev/null", str(path)]

        drawn = subprocess.run(command, capture_output=True, text=True, check=False)

        # Debian builds MuPDF without colour profiles and it says so.
        complaints = set(drawn.stderr.splitlines()) - {"warning: ICC support is not available"}
        assert (drawn.returncode, complaints) == (0, set())


def test_what_pdf_a_3_asks_for_is_there(papers: list[bytes]) -> None:
    for data in papers:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            root: Any = pdf.Root
            with pdf.open_metadata() as about:
                assert (about.get("pdfaid:part"), about.get("pdfaid:conformance")) == ("3", "A")
                assert about.get("pdfuaid:part") == "1"
                assert about.get("dc:title") == str(pdf.docinfo["/Title"])
            [intent] = root.OutputIntents
            assert intent.S == "/GTS_PDFA1"
            assert bytes(intent.DestOutputProfile.read_bytes())[36:40] == b"acsp"
            [attached] = root.AF
            assert (str(attached.AFRelationship), str(attached.F), str(attached.UF)) == (
                "/Source",
                "facts.json",
                "facts.json",
            )
            assert "/Encrypt" not in pdf.trailer
            assert len(pdf.trailer.ID) == 2
            assert not {"/JavaScript", "/OpenAction"} & set(root.keys())


def test_every_stream_is_as_long_as_it_says_however_a_reader_ends_its_last_line(papers: list[bytes]) -> None:
    """ISO 19005-3, 6.1.7.1: CR and LF before endstream are one end of line, so a content never ends in CR alone."""
    for data in papers:
        starts = [found.end() for found in re.finditer(rb"/Length (\d+).*?>>\nstream\n", data)]
        lengths = [int(found[1]) for found in re.finditer(rb"/Length (\d+).*?>>\nstream\n", data)]

        ends = [
            data[start : data.index(b"endstream", start + length)]
            for start, length in zip(starts, lengths, strict=True)
        ]

        assert len(ends) > 5
        assert [len(re.sub(rb"\r?\n\Z", b"", end)) for end in ends] == lengths


def test_metadata_can_be_read_without_opening_the_file(papers: list[bytes]) -> None:
    for data in papers:
        assert b"<pdfaid:conformance>A</pdfaid:conformance>" in data or b'pdfaid:conformance="A"' in data


def test_what_pdf_ua_1_asks_for_is_there(papers: list[bytes]) -> None:
    for data in papers:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            root: Any = pdf.Root
            found = list(elements(root.StructTreeRoot))
            levels = [int(str(one.S)[2:]) for one in found if str(one.S) in {"/H1", "/H2", "/H3"}]

            assert str(root.Lang) == "zh-CN"
            assert bool(root.MarkInfo.Marked) is True
            assert bool(root.ViewerPreferences.DisplayDocTitle) is True
            assert levels[0] == 1
            assert levels.count(1) == 1
            assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
            assert all("/Alt" in one for one in found if one.S == "/Figure")
            heads = [one for one in found if one.S == "/TH"]
            assert all(str(one.A.Scope) in {"/Column", "/Row"} for one in heads)
            assert all(
                "/StructParents" in page.obj and str(page.obj.Tabs) == "/S" for page in pdf.pages if page.get("/Annots")
            )


def declared_widths(font: Any) -> dict[int, float]:
    """Return the /W of a CID font by CID, in thousandths of the size."""
    widths: dict[int, float] = {}
    entries, at = list(font.W), 0
    while at < len(entries):
        first, second = int(entries[at]), entries[at + 1]
        if isinstance(second, pikepdf.Array):
            widths |= {first + step: float(width) for step, width in enumerate(second)}
            at += 2
        else:
            widths |= dict.fromkeys(range(first, int(second) + 1), float(entries[at + 2]))
            at += 3
    return widths


def embedded_widths(font: Any) -> dict[int, float]:
    """Return the widths in the embedded font program by CID, in thousandths of the size."""
    described = font.FontDescriptor
    if "/FontFile3" in described:
        assert str(described.FontFile3.Subtype) == "/CIDFontType0C"
        programs = CFFFontSet()
        programs.decompile(io.BytesIO(described.FontFile3.read_bytes()), None)
        top = programs[0]
        widths: dict[int, float] = {}
        for place, name in enumerate(top.charset):
            outline, _selector = top.CharStrings.getItemAndSelector(name)
            outline.draw(NullPen())
            widths[int(name[3:]) if name.startswith("cid") else place] = float(outline.width)
        return widths
    program = TTFont(io.BytesIO(described.FontFile2.read_bytes()))
    scale = 1000 / program["head"].unitsPerEm
    return {place: program["hmtx"][name][0] * scale for place, name in enumerate(program.getGlyphOrder())}


def test_widths_in_the_fonts_are_those_the_file_declares(papers: list[bytes]) -> None:
    """ISO 19005-3, 6.2.11.5: at most a thousandth apart."""
    for data in papers:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            fonts: list[Any] = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/W" in one]
            compared = 0
            for font in fonts:
                within = embedded_widths(font)
                for place, width in declared_widths(font).items():
                    assert abs(width - within[place]) <= 1, (str(font.BaseFont), place)
                    compared += 1
            assert (len(fonts) >= 3, compared >= 30) == (True, True)
