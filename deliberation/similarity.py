"""How alike two short Chinese texts are: Dice over pairs of neighbouring characters. Pure.

An inverted index keeps the cost of one question bounded: pairs that stand in very many texts do not choose
candidates, and at most 50 candidates are compared.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

_DIGITS = str.maketrans("〇零一二三四五六七八九两", "001234567892")
_COMMON = 400
_CANDIDATES = 50


def normalised(text: str) -> str:
    """Return letters, digits and characters only: one width, lower case, 三幢 as 3幢."""
    flat = unicodedata.normalize("NFKC", text).lower().translate(_DIGITS)
    return "".join(character for character in flat if character.isalnum())


def pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters of a normalised text; a single character stands for itself."""
    if len(text) <= 1:
        return frozenset({text} if text else ())
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def thousandths(one: frozenset[str], other: frozenset[str]) -> int:
    """Return Dice of two sets of pairs in thousandths, half up: 1000 for equal sets, 0 when nothing is shared."""
    whole = len(one) + len(other)
    return (4000 * len(one & other) + whole) // (2 * whole) if whole else 0


@dataclass(slots=True)
class SimilarityIndex(Generic[Key]):
    """Texts that have been seen, by what they share."""

    _pairs: dict[Key, frozenset[str]] = field(default_factory=dict)
    _holders: defaultdict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))

    def add(self, key: Key, text: str) -> None:
        """Remember a text under its key."""
        found = pairs(normalised(text))
        self._pairs[key] = found
        for pair in found:
            self._holders[pair].append(key)

    def similar(self, text: str, *, at_least: int) -> list[tuple[Key, int]]:
        """Return (key, thousandths) of the texts at least so alike, the most alike first, at most 50."""
        asked = pairs(normalised(text))
        shared: Counter[Key] = Counter()
        for pair in asked:
            holders = self._holders.get(pair, [])
            if len(holders) <= _COMMON:
                shared.update(holders)
        if not shared:  # nothing but common pairs: look at the first of their holders
            for pair in asked:
                shared.update(self._holders.get(pair, [])[:_CANDIDATES])
        found = [(key, thousandths(asked, self._pairs[key])) for key, _n in shared.most_common(_CANDIDATES)]
        return sorted(((key, n) for key, n in found if n >= at_least), key=lambda one: -one[1])
