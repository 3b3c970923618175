"""The shortcuts through WeasyPrint: same bytes without them and in any order; tables ruled with the same ink."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish import kinds
from publish.typeset import engine, shortcuts

pytestmark = pytest.mark.typeset

JOBS = [(kind, engine.VARIANTS[number % 3]) for number, kind in enumerate(kinds.keys())]
# Every shortcut that must not move a byte is switched off; rules are drawn with fewer strokes in both.
_THE_LONG_WAY = f"""
import hashlib, os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from publish import kinds
from publish.typeset import engine, keep, shortcuts
shortcuts._in_flow_once = lambda usual: usual
shortcuts._beside_nothing = lambda usual, _line: usual
shortcuts._shorten_struts = lambda: None
shortcuts._pass_over_absent = lambda: None
keep._is_known = lambda *given: False
for kind, variant in {JOBS!r}:
    print(hashlib.sha256(engine.typeset(engine.read_paper(kinds.example_paper(kind)), variant)).hexdigest())
"""


def test_the_shortcuts_move_no_byte() -> None:
    root = Path(engine.__file__).parents[2]

    long_way = subprocess.run(
        [sys.executable, "-c", _THE_LONG_WAY], cwd=root, capture_output=True, text=True, check=True
    ).stdout.split()
    ours = [
        hashlib.sha256(engine.typeset(engine.read_paper(kinds.example_paper(job[0])), job[1])).hexdigest()
        for job in (*reversed(JOBS), *JOBS)
    ]

    assert ours == [*reversed(long_way), *long_way]


def test_no_sheet_names_a_page() -> None:
    sheets = Path(engine.__file__).parents[2] / "templates" / "publish" / "papers"

    assert [path.name for path in sheets.glob("*.css") if re.search(r"[{;]\s*page\s*:", path.read_text("utf-8"))] == []


def test_strokes_that_touch_become_one() -> None:
    strokes: list[tuple[float, float, float, float]]
    strokes = [(0, 0, 2, 0), (0, 0, 0, 3), (2, 0, 5, 0), (6, 0, 7, 0), (0, 4, 2, 4), (1, 4, 3, 4)]

    assert shortcuts.joined(strokes) == [(0, 0, 5, 0), (6, 0, 7, 0), (0, 0, 0, 3), (0, 4, 3, 4)]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 9), st.integers(1, 5)), min_size=1, max_size=30)
)
def test_joined_strokes_cover_what_the_strokes_covered(parts: list[tuple[bool, int, int, int]]) -> None:
    strokes = [
        (at, start, at, start + length) if upright else (start, at, start + length, at)
        for upright, at, start, length in parts
    ]

    found = shortcuts.joined([(float(x1), float(y1), float(x2), float(y2)) for x1, y1, x2, y2 in strokes])

    assert _covered(found) == _covered(strokes)
    assert len(found) <= len(strokes)


def _covered(strokes: Sequence[tuple[float, ...]]) -> set[tuple[bool, float, int]]:
    """Return the unit pieces under strokes along a grid of whole numbers."""
    pieces: set[tuple[bool, float, int]] = set()
    for x1, y1, x2, y2 in strokes:
        upright = x1 == x2
        start, end = (y1, y2) if upright else (x1, x2)
        pieces |= {(upright, x1 if upright else y1, piece) for piece in range(int(start), int(end))}
    return pieces
