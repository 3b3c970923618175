"""Lines a little closer where that saves a last page with next to nothing on it.

The sign-off never stands alone, so it takes the last lines of the text with it to a new page, and leaves the page
before half empty. GB/T 9704-2012 (7.3.5.4) says what a clerk does then: adjust the spacing until text and sign-off
share a page. A short paper whose last page might be fetched back is laid out once more, a document with lines closer
by a fifteenth, poster and large print with letters a point or two smaller as well, and that is taken if it is a page
shorter. The place of the seal on a document stays as high as it was.
"""

from typing import Any, Literal

# Laid over a variant's own rules, whose pitch is 28.95, 44 and 34 pt; never below 24 pt on a poster, 18 in large print.
TIGHTER = {
    "document": "html { line-height: 27pt } .sign-off { padding-bottom: 16pt }",
    "poster": "html { font-size: 24pt; line-height: 39pt } .sign-off { padding: 78pt 0 26pt }",
    "large": "html { font-size: 19pt; line-height: 31pt } .sign-off { padding: 62pt 0 20pt }",
}
# The part of a page's height that this saves at the most, and what the air under the sign-off gives, in CSS px.
_SHARES = {"document": 1 / 15, "poster": 1 / 5, "large": 1 / 7}
_AIR = 24.0
# A long paper is a table, which closer lines do not shorten, and takes seconds to lay out.
_LONGEST = 8


def might_save_a_page(pages: list[Any], variant: Literal["document", "poster", "large"]) -> bool:
    """Return whether what stands on the last page of a laid-out document could find room on those before it."""
    if not 1 < len(pages) <= _LONGEST:
        return False
    *earlier, last = [page._page_box for page in pages]  # noqa: SLF001 - where WeasyPrint keeps what it laid out
    room = sum(box.height - _used(box) for box in earlier)
    return bool(_used(last) <= room + _AIR + _SHARES[variant] * last.height * len(pages))


def _used(page: Any) -> float:
    """Return how far down a page its text goes, in CSS px."""
    [body] = page.children[0].children
    end = body.children[-1]
    return float(end.position_y + end.margin_height() - page.content_box_y())
