"""The faces papers are set in: five static single-face files, nothing else is visible to the typesetter.

    python -m publish.typeset.fonts        lays the faces into var/fonts (done by itself when first needed)

Debian ships Noto CJK as collections of nine faces with Japanese first; a collection doubles the time of a page and lets
a Japanese face in through the back door. So the Simplified Chinese faces are taken out once, checked against the hash
of what this program was tested with, and the typesetter is given a Fontconfig that knows this folder only.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

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
        "NotoSerifCJKsc-Bold.otf",
        "Noto Serif CJK SC",
        f"{NOTO}/NotoSerifCJK-Bold.ttc",
        "fonts-noto-cjk",
        "e4c393f36cf8cc42b4cd70568684089448cc2eeee7c1ef1a0b4e1aff1cf8cc7b",
        "NotoSerifCJKsc-Bold",
    ),
    Face(
        "NotoSansCJKsc-Regular.otf",
        "Noto Sans CJK SC",
        f"{NOTO}/NotoSansCJK-Regular.ttc",
        "fonts-noto-cjk",
        "e67a2b986195ba174259130d5d69a09e25cabfe5668fd3e4b6ec031d0a6ae322",
        "NotoSansCJKsc-Regular",
    ),
)
# The last face of every chain: all 8,105 characters of the general table and the planes beyond.
FULL_COVERAGE = "NotoSerifCJKsc-Regular.otf"

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<dir>{folder}</dir>
<cachedir>{folder}/cache</cachedir>
<match target="pattern"><edit name="lang" mode="assign"><string>zh-cn</string></edit></match>
</fontconfig>
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
    text = _FONTCONFIG.format(folder=FOLDER)
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
    covered = _coverage()
    return [
        character for character in dict.fromkeys(text) if character not in "\n\r\t" and ord(character) not in covered
    ]


def prints() -> str:
    """Return one hash over all faces: part of what a paper's bytes depend on."""
    return hashlib.sha256("".join(_sha256(FOLDER / face.file) for face in FACES).encode()).hexdigest()


@cache
def _coverage() -> frozenset[int]:
    with TTFont(FOLDER / FULL_COVERAGE, lazy=True) as font:
        return frozenset(font.getBestCmap())


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
            path.replace(FOLDER / face.file)


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
