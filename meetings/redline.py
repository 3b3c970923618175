"""Tracked changes for Chinese text: what was struck, what was put in. Pure Python."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
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
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            segments.append(Segment("keep", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            segments.append(Segment("strike", "".join(before[i1:i2])))
        if j2 > j1:
            segments.append(Segment("insert", "".join(after[j1:j2])))
    return segments


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
