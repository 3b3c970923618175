"""The faces papers are set in: six static single-face files, nothing else is visible to the typesetter.

    python -m publish.typeset.fonts        lays the faces into var/fonts (done by itself when first needed)

Debian ships Noto CJK as collections of nine faces with Japanese first; a collection doubles the time of a page and lets
a Japanese face in through the back door. So the Simplified Chinese faces are taken out once, cut to the 8,105
characters of the general table and the signs of writing (a face of 65,000 glyphs takes three times as long to embed as
one of 10,000), and checked against the hash of what this program was tested with. One face stays whole and stands last
in every chain, for rare names. The typesetter is given a Fontconfig that knows this folder only.
"""

import ctypes
import hashlib
import io
import os
import shutil
import struct
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables.DefaultTable import DefaultTable

ROOT = Path(__file__).resolve().parent.parent.parent
VENDORED = ROOT / "publish" / "fonts"
FOLDER = Path(os.environ.get("WUYI_FONTS_DIR", ROOT / "var" / "fonts"))
NOTO = "/usr/share/fonts/opentype/noto"


@dataclass(frozen=True)
class Face:
    """One face: where it comes from, the name Fontconfig knows it by, the SHA-256 of the file that is used."""

    file: str
    family: str
    source: str
    package: str
    sha256: str
    postscript_name: str = ""
    whole: bool = True


_TABLE = VENDORED / "general-characters.txt"
_SIGNS = (
    (0x20, 0x17F),
    (0x2000, 0x206F),
    (0x20A0, 0x27BF),
    (0x3000, 0x303F),
    (0x3200, 0x33FF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),
)

FACES = (
    Face(
        "FandolFang-Regular.otf",
        "FandolFang",
        str(VENDORED / "FandolFang-Regular.otf"),
        "",
        "d838ad32ce2244d8144f408c37fe71065aba6fbbc80759a4d2aa2033948d5bc9",
    ),
    Face(
        "KaitiM-GB.ttf",
        "AR PL KaitiM GB",
        "/usr/share/fonts/truetype/arphic-gkai00mp/gkai00mp.ttf",
        "fonts-arphic-gkai00mp",
        "61519fb9bdda4a1a3aa02a12cbb76c2ef897ce879775d7ea2265d0a65fe54d16",
    ),
    Face(
        "NotoSerifCJKsc-Regular.otf",
        "Noto Serif CJK SC",
        f"{NOTO}/NotoSerifCJK-Regular.ttc",
        "fonts-noto-cjk",
        "ef6c81db8487a2a68d438abf028d5bcbaf983a2db2940b80f0382465e9250613",
        "NotoSerifCJKsc-Regular",
    ),
    Face(
        "NotoSerifCJKsc-Regular-general.otf",
        "Song",
        f"{NOTO}/NotoSerifCJK-Regular.ttc",
        "fonts-noto-cjk",
        "64ff0e4da4beb7fb92c21fd694181ca32ac417a4c4f81521bb41eefdcfcf8cde",
        "NotoSerifCJKsc-Regular",
        whole=False,
    ),
    Face(
        "NotoSerifCJKsc-Bold-general.otf",
        "Biaosong",
        f"{NOTO}/NotoSerifCJK-Bold.ttc",
        "fonts-noto-cjk",
        "e4f7695a074435395bcf988d1ab618f7d4cafc728b94d6f46aacbdedfa671caa",
        "NotoSerifCJKsc-Bold",
        whole=False,
    ),
    Face(
        "NotoSansCJKsc-Regular-general.otf",
        "Hei",
        f"{NOTO}/NotoSansCJK-Regular.ttc",
        "fonts-noto-cjk",
        "41fddae1f473602dfea0b15578b6c683298411730409c8faa5582ff8030e9820",
        "NotoSansCJKsc-Regular",
        whole=False,
    ),
)
# The last face of every chain: all 8,105 characters of the general table and the planes beyond.
FULL_COVERAGE = "NotoSerifCJKsc-Regular.otf"

# hb-subset.h
_NO_HINTING, _DESUBROUTINIZE = 0x1, 0x4
_UNICODES, _DROPPED_TABLES = 1, 3

_NAME = """<match target="scan"><test name="file"><string>{file}</string></test>
<edit name="family" mode="assign"><string>{family}</string></edit>
<edit name="weight" mode="assign"><const>regular</const></edit></match>
"""
_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>{folder}</dir>
<cachedir>{folder}/cache</cachedir>
{names}</fontconfig>
"""


def build() -> list[str]:
    """Lay the faces into var/fonts; return what stands in the way (empty when all is there). Costs 2 s once."""
    found = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for face in FACES:
        if (FOLDER / face.file).exists():
            continue
        if not Path(face.source).exists():
            found.append(
                f"缺少字体 {face.family}，请安装 Debian 软件包 {face.package}"
                if face.package
                else f"缺少字体文件 {face.source}"
            )
            continue
        _take(face)
    config = FOLDER / "fonts.conf"
    # Cut faces answer to names of their own, so that a chain says which one it means.
    names = "".join(_NAME.format(file=FOLDER / face.file, family=face.family) for face in FACES if not face.whole)
    text = _FONTCONFIG.format(folder=FOLDER, names=names)
    if not config.exists() or config.read_text(encoding="utf-8") != text:
        _write(config, text.encode())
    return found


def problems() -> list[str]:
    """Return what keeps papers from being set: faces missing."""
    return build()


def unpinned() -> list[str]:
    """Return the faces that are not the tested files: papers can be set, but re-rendering may differ in bytes."""
    return [face.file for face in FACES if (path := FOLDER / face.file).exists() and _sha256(path) != face.sha256]


def missing(text: str) -> list[str]:
    """Return the characters of `text` that no face can draw, each once, in order of appearance."""
    absent = set(text).difference(_coverage())
    return [character for character in dict.fromkeys(text) if character in absent] if absent else []


def prints() -> str:
    """Return one hash over all faces: part of what a paper's bytes depend on."""
    return hashlib.sha256("".join(_sha256(FOLDER / face.file) for face in FACES).encode()).hexdigest()


@cache
def _coverage() -> frozenset[str]:
    """Return what the last face draws, and the white space that needs no drawing."""
    with TTFont(FOLDER / FULL_COVERAGE, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap())) | frozenset("\n\r\t")


@cache
def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _take(face: Face) -> None:
    """Copy a face, or take it out of its collection; whole or not at all."""
    if not face.postscript_name:
        _write(FOLDER / face.file, Path(face.source).read_bytes())
        return
    with TTCollection(face.source, lazy=True, recalcTimestamp=False) as collection:
        font = next(one for one in collection.fonts if one["name"].getDebugName(6) == face.postscript_name)
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            path = Path(folder) / face.file
            font.save(path, reorderTables=False)
            if not face.whole:
                path.write_bytes(_cut(path))
            path.replace(FOLDER / face.file)


def _cut(path: Path) -> bytes:
    """Return the face at `path` cut to the general table and the signs of writing, without layout tables.

    HarfBuzz does in 0.2 s what fontTools does in 14; typesetting needs it anyway.
    """
    harfbuzz, subset = ctypes.CDLL("libharfbuzz.so.0"), ctypes.CDLL("libharfbuzz-subset.so.0")
    pointer, whole = ctypes.c_void_p, ctypes.c_uint
    for library, name, answer, *takes in (
        (harfbuzz, "hb_blob_create_from_file", pointer, ctypes.c_char_p),
        (harfbuzz, "hb_face_create", pointer, pointer, whole),
        (harfbuzz, "hb_set_add_range", None, pointer, whole, whole),
        (harfbuzz, "hb_face_reference_blob", pointer, pointer),
        (harfbuzz, "hb_blob_get_data", pointer, pointer, ctypes.POINTER(whole)),
        (subset, "hb_subset_input_create_or_fail", pointer),
        (subset, "hb_subset_input_set_flags", None, pointer, whole),
        (subset, "hb_subset_input_set", pointer, pointer, ctypes.c_int),
        (subset, "hb_subset_or_fail", pointer, pointer, pointer),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = answer, takes
    face = harfbuzz.hb_face_create(harfbuzz.hb_blob_create_from_file(str(path).encode()), 0)
    order = subset.hb_subset_input_create_or_fail()
    subset.hb_subset_input_set_flags(order, _DESUBROUTINIZE | _NO_HINTING)
    unicodes = subset.hb_subset_input_set(order, _UNICODES)
    for first, last in _SIGNS:
        harfbuzz.hb_set_add_range(unicodes, first, last)
    for character in _TABLE.read_text(encoding="utf-8").split():
        harfbuzz.hb_set_add_range(unicodes, ord(character), ord(character))
    dropped = subset.hb_subset_input_set(order, _DROPPED_TABLES)
    for tag in ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "DSIG"):
        code = int.from_bytes(tag.encode(), "big")
        harfbuzz.hb_set_add_range(dropped, code, code)
    # What is made here is not given back: it happens three times in the life of a checkout.
    blob = harfbuzz.hb_face_reference_blob(subset.hb_subset_or_fail(face, order))
    length = whole()
    return _renumbered(ctypes.string_at(harfbuzz.hb_blob_get_data(blob, ctypes.byref(length)), length.value))


def _renumbered(data: bytes) -> bytes:
    """Return a cut face whose character identifiers are its glyph numbers again.

    A PDF finds a glyph of such a face by identifier, WeasyPrint writes the number, and cutting moved one against the
    other: some readers would show wrong or empty characters.
    """
    with TTFont(io.BytesIO(data), lazy=True, recalcTimestamp=False) as font:
        offset = font["CFF "].cff.topDictIndex[0].rawDict["charset"]
        outlines = DefaultTable("CFF ")
        outlines.data = bytearray(font.reader["CFF "])
        (glyphs,) = struct.unpack(">H", font.reader["maxp"][4:6])
        # One range (format 2): identifiers 1, 2, 3 ... for all glyphs after .notdef; shorter than what stands there.
        outlines.data[offset : offset + 5] = struct.pack(">BHH", 2, 1, glyphs - 2)
        font["CFF "] = outlines
        made = io.BytesIO()
        font.save(made, reorderTables=False)
        return made.getvalue()


def _write(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _report(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    if "--again" in sys.argv:
        shutil.rmtree(FOLDER, ignore_errors=True)
    _report(wrong := problems())
    _report(f"{name}：与测试所用的字体文件不同，重排的字节可能不同" for name in unpinned())
    sys.exit(2 if wrong else 0)
