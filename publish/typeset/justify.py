"""Both margins flush for Chinese: spreads what is left of a line between its characters.

WeasyPrint justifies by widening spaces, and Chinese has none: lines end ragged wherever a Latin word or a rule of
punctuation leaves part of a character over. This replaces WeasyPrint's `justify_line` and teaches its text layout to
widen single gaps. The gap after a character may grow when that character or the next is ideographic; inside Latin
words and figures nothing moves.

It also gives every face the same box, one em high with the baseline at 0.88: a rare name or a square metre sign from
the fallback face would otherwise push its line down, and 22 lines would no longer fill a page.

Gaps are whole thousandths of an em (what a PDF can say without rounding), spread as evenly as whole numbers allow, so
lines end on the margin to 0.001 em and the same input gives the same bytes. It reaches into WeasyPrint's insides,
so it runs under one version only.
"""

from bisect import bisect_right
from itertools import pairwise
from typing import Any

VERSION = "70.0"

_IDEOGRAPHIC = (
    (0x2E80, 0x303F),
    (0x3040, 0x33FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFE10, 0xFE4F),
    (0xFF00, 0xFFEF),
    (0x20000, 0x3FFFF),
)
_STARTS = [start for start, _end in _IDEOGRAPHIC]
_ALSO = frozenset("“”‘’—…·§")
# What belongs together and never opens up: the dash and the ellipsis are two characters each.
_SOLID = frozenset("—…")
# A gap never grows beyond this part of an em: a line that would need more is better ragged than torn.
_WIDEST = 0.75
_UNCUT = 0.0003
# Where the baseline of a Chinese character's box lies, from its top.
_ASCENT = 0.88


class WrongVersion(RuntimeError):
    """The installed WeasyPrint is not the one this was written for."""


def is_ideographic(character: str) -> bool:
    """Whether a gap beside the character may grow."""
    code = ord(character)
    if code < _STARTS[0]:
        return character in _ALSO
    index = bisect_right(_STARTS, code) - 1
    return code <= _IDEOGRAPHIC[index][1]


def opportunities(text: str) -> list[int]:
    """Return the indexes of characters after which the line may be widened (never the last)."""
    return [
        index
        for index, (one, two) in enumerate(pairwise(text))
        if one in " \u00a0" or ((is_ideographic(one) or is_ideographic(two)) and not (one == two and one in _SOLID))
    ]


def shares(total: int, count: int) -> list[int]:
    """Return `count` whole numbers that differ by at most one and sum to `total`, the larger spread evenly."""
    return [total * (index + 1) // count - total * index // count for index in range(count)]


def install() -> None:
    """Put the patch in place, once. Raises WrongVersion under any other WeasyPrint than VERSION."""
    import weasyprint  # noqa: PLC0415 - Pango may be missing; only typesetting may need it
    from weasyprint.layout import inline  # noqa: PLC0415 - Pango is loaded when a paper is set
    from weasyprint.text import line_break  # noqa: PLC0415 - the same

    if weasyprint.__version__ != VERSION:
        message = f"publish/typeset/justify.py is written for WeasyPrint {VERSION}, not {weasyprint.__version__}"
        raise WrongVersion(message)
    if inline.justify_line is _justify_line:
        return
    inline.justify_line = _justify_line
    original = line_break.Layout.reactivate

    def reactivate(self: Any, style: Any) -> None:
        original(self, style)
        if gaps := getattr(self, "gaps", None):
            _widen(self, gaps)

    line_break.Layout.reactivate = reactivate
    measured = line_break.first_line_metrics

    def first_line_metrics(
        first_line: Any,
        text: str,
        layout: Any,
        resume_at: Any,
        space_collapse: Any,
        style: Any,
        *rest: Any,
        **named: Any,
    ) -> Any:
        layout, length, resume_at, width, _height, _baseline = measured(
            first_line, text, layout, resume_at, space_collapse, style, *rest, **named
        )
        size = style["font_size"]
        return layout, length, resume_at, width, size, size * _ASCENT

    line_break.first_line_metrics = first_line_metrics


def _justify_line(_context: Any, line: Any, extra_width: float) -> None:
    """Spread `extra_width` (CSS px) over the gaps of a line; stands in for weasyprint.layout.inline.justify_line."""
    texts: list[Any] = []
    _collect(line, texts)
    if not texts:
        return
    places = opportunities("".join(box.text if box is not None else "\ufffc" for box in texts))
    if not places or extra_width <= 0:
        return
    size = max(box.style["font_size"] for box in texts if box is not None)
    if extra_width / len(places) > size * _WIDEST:
        return
    # Down to whole thousandths of an em: never past the margin, at most 0.001 em short of it.
    wanted = dict(zip(places, shares(int(extra_width * 1000 / size), len(places)), strict=True))
    gaps: list[list[tuple[int, float]]] = []
    start = 0
    for box in texts:
        length = 1 if box is None else len(box.text)
        own = [
            (index - start, wanted[index] * size / 1000) for index in range(start, start + length) if index in wanted
        ]
        gaps.append(own)
        start += length
    line.width += _shift(line, iter(gaps), 0.0)


def _collect(box: Any, texts: list[Any]) -> None:
    """Gather the text boxes of a line in order; an atom (picture, inline block) is None."""
    from weasyprint.formatting_structure import boxes  # noqa: PLC0415 - see install

    for child in box.children:
        if not child.is_in_normal_flow():
            continue
        if isinstance(child, boxes.TextBox):
            texts.append(child)
        elif isinstance(child, boxes.InlineBox):
            _collect(child, texts)
        else:
            texts.append(None)


def _shift(box: Any, gaps: Any, advance: float) -> float:
    """Move the boxes of a line by what was widened before them; widen the text boxes themselves."""
    from weasyprint.formatting_structure import boxes  # noqa: PLC0415 - see install

    for child in box.children:
        if not child.is_in_normal_flow():
            continue
        if isinstance(child, boxes.TextBox):
            child.position_x += advance
            own = next(gaps)
            if own:
                child.pango_layout.gaps = own
                grown = sum(width for _index, width in own)
                child.width += grown
                advance += grown
        elif isinstance(child, boxes.InlineBox):
            before = advance
            child.position_x += advance
            advance = _shift(child, gaps, advance)
            child.width += advance - before
        else:
            child.translate(advance, 0)
            next(gaps)
    return advance


def _widen(layout: Any, gaps: list[tuple[int, float]]) -> None:
    """Widen single glyphs of a laid-out line. Works on Pango's own line, which drawing reads afterwards."""
    from weasyprint.text.ffi import TO_UNITS, ffi, pango  # noqa: PLC0415 - see install

    # Drawing sets this too; done before, it does not throw the widened line away.
    pango.pango_layout_set_single_paragraph_mode(layout.layout, True)  # noqa: FBT003 - C signature
    line, _rest = layout.get_first_line()
    byte_of = _byte_offsets(layout.text)
    wanted = {byte_of[index]: width for index, width in gaps if index < len(byte_of)}
    run = line.runs
    while run != ffi.NULL:
        item = run.data
        run = run.next
        start, glyphs = item.item.offset, item.glyphs
        for number in range(glyphs.num_glyphs):
            width = wanted.pop(start + glyphs.log_clusters[number], None)
            if width is not None:
                # A PDF says gaps in thousandths of an em and WeasyPrint cuts off the rest: 0.3 more keeps it whole.
                exact = width + _UNCUT * layout.style["font_size"]
                glyphs.glyphs[number].geometry.width += round(exact * TO_UNITS)


def _byte_offsets(text: str) -> list[int]:
    """Return for each character the byte at which it starts in UTF-8."""
    offsets, position = [], 0
    for character in text:
        offsets.append(position)
        position += len(character.encode())
    return offsets
