"""Tracked changes for Chinese text: what was struck, what was put in. Pure Python."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, Literal

_TOKEN: Final = re.compile(r"[A-Za-z]+|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that is kept, struck or put in."""

    change: Literal["keep", "strike", "insert"]
    text: str


def redline(old: str, new: str) -> list[Segment]:
    """Return the segments that turn `old` into `new`; one Chinese character is one token, a number or word another."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    segments: list[Segment] = []
    for kept, struck, put in _readable(_hunks(before, after)):
        for change, tokens in (("keep", kept), ("strike", struck), ("insert", put)):
            if tokens:
                segments.append(Segment(change, "".join(tokens)))  # type: ignore[arg-type] # the three words above
    return segments


# Kept tokens, then what is struck after them and what is put in.
Hunk = tuple[list[str], list[str], list[str]]


def _hunks(before: list[str], after: list[str]) -> list[Hunk]:
    hunks: list[Hunk] = [([], [], [])]
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            hunks.append((before[i1:i2], [], []))
        else:
            hunks[-1][1].extend(before[i1:i2])
            hunks[-1][2].extend(after[j1:j2])
    return hunks


def _readable(hunks: list[Hunk]) -> list[Hunk]:
    """Return the same changes as people would mark them.

    A single character that two texts happen to share between two changes belongs to the change. What is only put in or
    only struck begins as late as it can: 一楼[和二楼]住户, not 一[楼和二]楼住户.
    """
    joined: list[Hunk] = []
    for kept, struck, put in hunks:
        last = joined[-1] if joined else None
        if last is not None and len(kept) == 1 and (struck or put) and last[1] and last[2]:
            last[1].extend([*kept, *struck])
            last[2].extend([*kept, *put])
        else:
            joined.append((list(kept), list(struck), list(put)))
    for (kept, struck, put), (following, _struck, _put) in pairwise(joined):
        moved = put if not struck else struck if not put else []
        while moved and len(following) > 1 and moved[0] == following[0]:
            kept.append(moved[0])
            moved.append(moved.pop(0))
            following.pop(0)
    return joined


def span_of(text: str, passage: str) -> tuple[int, int] | None:
    """Return where `passage` stands in `text`, or None when it stands nowhere or in several places."""
    start = text.find(passage)
    if not passage or start < 0 or text.find(passage, start + 1) >= 0:
        return None
    return start, start + len(passage)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether two spans touch the same characters: amendments that cannot both pass as they stand."""
    return one[0] < other[1] and other[0] < one[1]


def merged(text: str, passage: str, replacement: str) -> str:
    """Return `text` with its one `passage` replaced; unchanged when the passage stands nowhere or in several places."""
    span = span_of(text, passage)
    return text if span is None else text[: span[0]] + replacement + text[span[1] :]
