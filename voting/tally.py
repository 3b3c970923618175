"""Folds grouped choices into counts and winners. Pure Python; `verify.py` does the same by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voting import methods

# Votes, heads and area (0.01 m2); for scores and budgets points in place of votes.
Sums = tuple[int, int, int]
NONE: Sums = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one item: by option key, of all who took part validly, and of the invalid."""

    options: dict[str, Sums]
    participating: Sums
    invalid: Sums


def add(left: Sums, right: Sums, times: int = 1) -> Sums:
    """Return left + times * right."""
    return (left[0] + times * right[0], left[1] + times * right[1], left[2] + times * right[2])


def fold(method: str, keys: Iterable[str], grouped: Iterable[tuple[str, Sums]]) -> Counts:
    """Return the counts of an item from (canonical choice, sums of those who chose it)."""
    options = dict.fromkeys(keys, NONE)
    participating, invalid = NONE, NONE
    for choice, sums in grouped:
        if choice == methods.INVALID:
            invalid = add(invalid, sums)
            continue
        participating = add(participating, sums)
        for key, amount in methods.marks_of(method, choice):
            options[key] = add(options[key], sums, amount)
    return Counts(options, participating, invalid)


def leaders(options: Mapping[str, Sums]) -> list[str]:
    """Return the item's own options with the most heads: several when they stand equal, none without votes."""
    own = {key: sums[1] for key, sums in options.items() if key not in methods.PLAIN}
    most = max(own.values(), default=0)
    return [key for key, heads in own.items() if heads == most] if most else []


def schulze(keys: Iterable[str], rankings: Iterable[tuple[list[str], int]]) -> list[list[str]]:
    """Return the options in the order of the Schulze method, equal ones together.

    A ranking weighs its heads; options it leaves out stand behind all it names, equal among themselves. Between two
    options counts who is preferred by more (winning votes); a path is as strong as its weakest step; an option stands
    before another when its strongest path to it beats the strongest path back. (Schulze, Social Choice and Welfare 36,
    2011.) Costs n^3 for n options.
    """
    names = list(keys)
    prefers = {a: dict.fromkeys(names, 0) for a in names}
    for ranking, heads in rankings:
        behind = [name for name in names if name not in ranking]
        for place, a in enumerate(ranking):
            for b in (*ranking[place + 1 :], *behind):
                prefers[a][b] += heads
    strongest = {a: {b: prefers[a][b] if prefers[a][b] > prefers[b][a] else 0 for b in names} for a in names}
    for middle in names:
        for a in names:
            for b in names:
                if a not in {middle, b} and b != middle:
                    through = min(strongest[a][middle], strongest[middle][b])
                    strongest[a][b] = max(strongest[a][b], through)
    order: list[list[str]] = []
    left = names
    while left:
        first = [a for a in left if all(strongest[a][b] >= strongest[b][a] for b in left)]
        order.append(first)
        left = [a for a in left if a not in first]
    return order
