"""Entries of rolls told apart and compared: as posted, as they stand on a draft, as the register gives them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from voting.models import Voter
from voting.operations.drafts import VoterDraft

_Line = TypeVar("_Line", Voter, VoterDraft)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a roll says of one voter; `key` tells whose entry it is. `area` in units of 0.01 m2."""

    key: str
    name: str
    place: str
    heads: int
    area: int
    guardian_name: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """What changed from one roll to another; a corrected entry as it was and as it is."""

    added: list[Entry] = field(default_factory=list)
    removed: list[Entry] = field(default_factory=list)
    corrected: list[tuple[Entry, Entry]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return how many lines differ."""
        return len(self.added) + len(self.removed) + len(self.corrected)


def key_of(entry: Voter | VoterDraft) -> str:
    """Return what makes an entry the same one: the owner, the household whoever speaks for it, the account, the name.

    A household keeps its entry, its printed code and the powers it gave when it chooses another representative.
    """
    if entry.owner is not None:
        return f"owner:{entry.owner.pk}"
    if entry.household is not None:
        return f"household:{entry.household.pk}"
    if entry.user is not None:
        return f"user:{entry.user.pk}"
    return f"name:{entry.name}|{entry.place}"


def keyed(entries: Iterable[_Line]) -> dict[str, _Line]:
    """Return entries by key; of those that only a name tells, and the same name, each under a key of its own."""
    met: Counter[str] = Counter()
    found = {}
    for entry in entries:
        key = key_of(entry)
        met[key] += 1
        found[key if met[key] == 1 else f"{key}|{met[key]}"] = entry
    return found


def entries_of(roll: Iterable[_Line]) -> list[Entry]:
    """Return what a roll says, in its order."""
    return [Entry(key, one.name, one.place, one.heads, one.area, one.guardian_name) for key, one in keyed(roll).items()]


def differences(before: Sequence[Entry], after: Sequence[Entry]) -> Differences:
    """Return what changed between two rolls, each in the order of its roll."""
    old, new = {one.key: one for one in before}, {one.key: one for one in after}
    return Differences(
        added=[one for one in after if one.key not in old],
        removed=[one for one in before if one.key not in new],
        corrected=[(old[one.key], one) for one in after if one.key in old and old[one.key] != one],
    )
