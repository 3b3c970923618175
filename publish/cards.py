"""The picture shown where somebody shares the address of a notice or a matter: PNG, drawn here, nothing is fetched."""

import io
from functools import cache, lru_cache
from typing import Literal

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from core.errors import NotFound
from publish.typeset import fonts, titles

WIDTH, HEIGHT = 1200, 630
_MARGIN, _BAND = 80, 24
_TITLE_SIZE, _SMALL_SIZE = 72, 38
_LINE_WIDTH = (WIDTH - 2 * _MARGIN) // _TITLE_SIZE
_MOST_LINES, _MOST_SMALL = 4, 26
# The values of static/css/tokens.css.
_PAPER, _INK, _SOFT = "#fbfaf7", "#1d2126", "#575e66"
_TONES = {"jade": "#1b6350", "vermilion": "#a8261c"}
_BOLD = "NotoSerifCJKsc-Bold-general.otf"

Tone = Literal["jade", "vermilion"]


@lru_cache(maxsize=200)
def card(*, above: str, title: str, below: str, tone: Tone = "jade") -> bytes:
    """Return the picture: `above` and `below` small, the title between in up to four lines, broken at words.

    About 25 ms of processor time the first time, then kept. Raises NotFound where the fonts are missing.
    """
    if fonts.problems():
        raise NotFound
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, _BAND), fill=_TONES[tone])
    pen.text((_MARGIN, 84), _cut(above), font=_face(above, _SMALL_SIZE), fill=_TONES[tone], anchor="lt")
    lines = titles.title_lines(title, _LINE_WIDTH)
    if len(lines) > _MOST_LINES:
        lines = (*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1][: _LINE_WIDTH - 1]}…")
    step = round(_TITLE_SIZE * 1.3)
    top = (HEIGHT - step * len(lines)) // 2 + 20
    for place, line in enumerate(lines):
        pen.text((_MARGIN, top + place * step), line, font=_face(line, _TITLE_SIZE), fill=_INK, anchor="lt")
    pen.text((_MARGIN, HEIGHT - 64), _cut(below), font=_face(below, _SMALL_SIZE), fill=_SOFT, anchor="ls")
    made = io.BytesIO()
    image.quantize(64, method=Image.Quantize.FASTOCTREE).save(made, "PNG")
    return made.getvalue()


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SMALL else f"{text[: _MOST_SMALL - 1]}…"


def _face(text: str, size: int) -> ImageFont.FreeTypeFont:
    """Return the bold face, or for a rare character the one that has it."""
    return _opened(_BOLD if all(ord(one) in _covered() for one in text) else fonts.FULL_COVERAGE, size)


@cache
def _covered() -> frozenset[int]:
    with TTFont(fonts.FOLDER / _BOLD, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _opened(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(fonts.FOLDER / file, size, layout_engine=ImageFont.Layout.BASIC)
