"""Shorter ways for what is simple in our papers: lines beside no float, boxes in the flow, tables ruled in one hand.

WeasyPrint asks the general question each time: which floats a line must avoid, how high a line of a style is, whether
a box floats, bends, lies in a grid or asks for a page of its own, and it rules a table stroke by stroke, each in a
graphics state of its own. Together a sixth of the time of a paper. Everything else goes WeasyPrint's own way; lines
and boxes stand where it would put them (tests/publish/test_typeset_shortcuts.py compares). Written for WeasyPrint
70.0, whose version justify.py guards.
"""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

# One ruled line: x1, y1, x2, y2 in CSS px.
_Stroke = tuple[float, float, float, float]


def install() -> None:
    """Put the shortcuts in place, once."""
    from weasyprint.formatting_structure import boxes  # noqa: PLC0415 - Pango may be missing; only typesetting needs it
    from weasyprint.layout import float as floats  # noqa: PLC0415 - the same

    if getattr(boxes.Box, "is_short", False):
        return
    boxes.Box.is_short = True
    boxes.Box.is_in_normal_flow = _in_flow_once(boxes.Box.is_in_normal_flow)
    _replace("avoid_collisions", floats.avoid_collisions, _beside_nothing(floats.avoid_collisions, boxes.LineBox))
    _shorten_struts()
    _pass_over_absent()
    _shorten_rules()


def _pass_over_absent() -> None:
    """Leave a tree of boxes as it is where nothing in it bends or lies in a grid; and ask no box for a named page.

    Our sheets name no page (a test reads them), so no box changes what its parent said.
    """
    from weasyprint.formatting_structure import boxes, build  # noqa: PLC0415 - see install

    build.flex_boxes = _where_any(build.flex_boxes, boxes.FlexContainerBox)
    build.grid_boxes = _where_any(build.grid_boxes, boxes.GridContainerBox)
    boxes.ParentBox.page_values = boxes.Box.page_values


def _where_any(usual: Callable[[Any], Any], wanted: type) -> Callable[[Any], Any]:
    def turned(box: Any) -> Any:
        waiting = [box]
        while waiting:
            one = waiting.pop()
            if isinstance(one, wanted):
                return usual(box)
            waiting += getattr(one, "children", ())
        return box

    return turned


def _replace(called: str, usual: Any, ours: Any) -> None:
    """Put a function in the place of WeasyPrint's, also where its modules have imported it by name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("weasyprint.") and getattr(module, called, None) is usual:
            setattr(module, called, ours)


def _in_flow_once(usual: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Answer from the style once; 1,700 boxes are asked for each paper."""

    def in_flow(box: Any) -> bool:
        own = box.style.__dict__
        known: bool | None = own.get("is_in_flow")
        if known is None:
            known = own["is_in_flow"] = usual(box)
        return known

    return in_flow


def _beside_nothing(usual: Any, line_box: Any) -> Any:
    """Give a line the whole width where nothing floats."""

    def avoid(context: Any, box: Any, containing_block: Any, outer: bool = True) -> Any:  # noqa: FBT001, FBT002 - WeasyPrint's signature
        if (
            outer
            or context.excluded_shapes
            or not isinstance(box, line_box)
            or containing_block.style["direction"] != "ltr"
        ):
            return usual(context, box, containing_block, outer)
        left = containing_block.content_box_x()
        right = left + containing_block.width
        left += box.margin_left
        right -= box.margin_right
        return left - box.margin_left, box.border_box_y() - box.margin_top, right - left

    return avoid


def _shorten_struts() -> None:
    """Keep the height and baseline of a style's lines with the style."""
    from weasyprint.text import line_break  # noqa: PLC0415 - see install

    usual = line_break.strut

    def strut(style: Any) -> Any:
        own = style.__dict__
        known = own.get("strut")
        if known is None:
            known = own["strut"] = usual(style)
        return known

    _replace("strut", usual, strut)


def _shorten_rules() -> None:
    """Rule a table in as few strokes as it has lines; other borders than solid ones are WeasyPrint's."""
    from weasyprint import draw  # noqa: PLC0415 - see install

    usual, one_by_one = draw.draw_collapsed_borders, draw.draw_line

    def draw_line(stream: Any, x1: float, y1: float, x2: float, y2: float, *given: Any) -> None:
        if not isinstance(stream, _Ruler):
            one_by_one(stream, x1, y1, x2, y2, *given)
        else:
            width, style, color = given
            stream.strokes.setdefault((width, style, color), []).append((x1, y1, x2, y2))

    def draw_collapsed_borders(stream: Any, table: Any) -> None:
        ruler = _Ruler()
        usual(ruler, table)
        for (width, style, color), strokes in ruler.strokes.items():
            with stream.artifact(), stream.stacked():
                if style != "solid":
                    for stroke in strokes:
                        one_by_one(stream, *stroke, width, style, color)
                    continue
                stream.set_color(color, stroke=True)
                stream.set_line_width(width)
                for x1, y1, x2, y2 in joined(strokes):
                    stream.move_to(x1, y1)
                    stream.line_to(x2, y2)
                stream.stroke()

    draw.draw_line, draw.draw_collapsed_borders = draw_line, draw_collapsed_borders


class _Ruler:
    """Stands in for the page while WeasyPrint works out a table's borders: takes the strokes down."""

    def __init__(self) -> None:
        self.strokes: dict[Any, list[_Stroke]] = {}
        self.artifact = self.stacked = nullcontext


def joined(strokes: list[_Stroke]) -> list[_Stroke]:
    """Return strokes along the axes with those that touch or overlap on one line made one, in order of their lines."""
    lines: dict[tuple[bool, float], list[tuple[float, float]]] = {}
    for x1, y1, x2, y2 in strokes:
        upright = x1 == x2
        lines.setdefault((upright, x1 if upright else y1), []).append((y1, y2) if upright else (x1, x2))
    found: list[_Stroke] = []
    for (upright, at), parts in lines.items():
        parts.sort()
        start, end = parts[0]
        for first, last in [*parts[1:], (float("inf"), 0.0)]:
            if first > end:
                found.append((at, start, at, end) if upright else (start, at, end, at))
                start, end = first, last
            else:
                end = max(end, last)
    return found
