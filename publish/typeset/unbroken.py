"""What a line's end must not tear: the day of a date, a figure and its unit of time, a masked name.

The rules of Unicode let a line end between 2 and 日, between 赵 and **. WeasyPrint knows no way to say otherwise but a
box around each; Pango can be told which characters belong together. Written for WeasyPrint 70.0, whose version
justify.py guards.
"""

import re
from collections.abc import Iterator
from typing import Any

# 12月1日, 2026年, 9时30分: a date may still be divided after its year, a moment after its day.
_TOGETHER = re.compile(r"\d+月\d+日|\d+时\d+分|\d+[年月日时分]|\S\*+")


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each piece that stays together starts and ends, in bytes of UTF-8."""
    for match in _TOGETHER.finditer(text):
        start = len(text[: match.start()].encode())
        yield start, start + len(match[0].encode())


def install() -> None:
    """Put the patch in place, once; after keep.py, which sets up the layouts."""
    from weasyprint.text import line_break  # noqa: PLC0415 - Pango may be missing; only typesetting may need it
    from weasyprint.text.ffi import ffi, pango  # noqa: PLC0415 - the same

    if getattr(line_break.Layout, "is_unbroken", False):
        return
    line_break.Layout.is_unbroken = True
    ffi.cdef("PangoAttribute * pango_attr_allow_breaks_new (gboolean allow_breaks);")
    usual = line_break.Layout.set_text

    def set_text(layout: Any, text: str, justify: bool = False) -> None:  # noqa: FBT001, FBT002 - WeasyPrint's signature
        usual(layout, text, justify)
        if layout.__dict__.get("told", "").startswith(layout.text):
            # The line has been found, and is written again as the beginning of the same text.
            return
        layout.told = layout.text
        attributes = None
        for start, end in spans(layout.text):
            if attributes is None:
                attributes = pango.pango_layout_get_attributes(layout.layout)
                if attributes == ffi.NULL:
                    attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
            together = pango.pango_attr_allow_breaks_new(False)  # noqa: FBT003 - C signature
            together.start_index, together.end_index = start, end
            # Inserted, where a change would melt neighbours into one: the line may end between a year and its day.
            pango.pango_attr_list_insert(attributes, together)
        if attributes is not None:
            pango.pango_layout_set_attributes(layout.layout, attributes)

    line_break.Layout.set_text = set_text
