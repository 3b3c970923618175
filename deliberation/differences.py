"""The difference of two versions of a plan, word by word. Pure. Cost grows with the square of the text: bounded."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

# A Chinese character is a word; so is a run of letters or digits, and a line break.
_WORD = re.compile(r"[A-Za-z0-9.]+|\n|[^\S\n]+|.", re.DOTALL)
_WORDS_AT_MOST = 3000


class Piece(NamedTuple):
    """A run of text that is the same, only in the old ("gone") or only in the new ("new")."""

    kind: Literal["same", "gone", "new"]
    text: str


def word_difference(old: str, new: str) -> list[Piece]:
    """Return `new` against `old` as pieces; texts above 3,000 words are compared line by line."""
    old_words, new_words = _WORD.findall(old), _WORD.findall(new)
    if len(old_words) > _WORDS_AT_MOST or len(new_words) > _WORDS_AT_MOST:
        old_words, new_words = old.splitlines(keepends=True), new.splitlines(keepends=True)
    return list(_pieces(old_words, new_words))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(new[new_start:new_end]))
            continue
        if old_end > old_start:
            yield Piece("gone", "".join(old[old_start:old_end]))
        if new_end > new_start:
            yield Piece("new", "".join(new[new_start:new_end]))
