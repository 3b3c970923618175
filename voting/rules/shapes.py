"""What a rule, its numbers and its decision are made of. Pure.

Numbers of a measure are whole (heads, days, cantons) or hundredths (area, and any measure given with decimals).
"""

from dataclasses import dataclass

from voting.rules.catalogue import Entry

MOST = 10**15
_TOGETHER = {"cast": ("participating", "invalid"), "for_and_against": ("for", "against")}


class BadNumbers(ValueError):
    """A rule or numbers that cannot be decided on; `field` is the path, the text says what was expected."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Threshold:
    """One condition: what `counts` reaches, of which base, at least (`inclusive`) or more than the fraction.

    `at_least` (text, as given) is an absolute threshold. `below` turns the comparison round: fewer than the fraction.
    """

    measure: str
    of: str
    counts: str
    numerator: int
    denominator: int
    inclusive: bool
    below: bool = False
    at_least: int | str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready to decide by. `entry` is its full catalogue form, which is what a ballot freezes."""

    entry: Entry
    quorum: tuple[Threshold, ...]
    passing: tuple[Threshold, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How one threshold came out; numbers in the unit of the measure (`hundredths` tells which)."""

    threshold: Threshold
    base: int
    needed: int
    reached: int
    shortfall: int
    met: bool
    hundredths: bool

    def as_json(self) -> Entry:
        """Return the public form: heads as integers, area as decimal strings."""
        t = self.threshold
        absolute = t.at_least is not None
        made = {
            "measure": t.measure,
            "of": None if absolute else t.of,
            "base": None if absolute else written(self.base, hundredths=self.hundredths),
            "fraction": None if absolute else f"{t.numerator}/{t.denominator}",
            "inclusive": t.inclusive,
            "needed": written(self.needed, hundredths=self.hundredths),
            "reached": written(self.reached, hundredths=self.hundredths),
            "shortfall": written(self.shortfall, hundredths=self.hundredths),
            "met": self.met,
        }
        if t.counts not in {"participating", "for"}:
            made["counts"] = t.counts
        if absolute:
            made["at_least"] = made["needed"]
        if t.below:
            made["below"] = True
        return made


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says about numbers."""

    outcome: str
    quorum: tuple[Reckoning, ...]
    passing: tuple[Reckoning, ...]
    basis: str
    sentence: str

    def as_json(self) -> Entry:
        """Return the answer of `manage.py decide`, without the id."""
        return {
            "outcome": self.outcome,
            "quorum": [r.as_json() for r in self.quorum],
            "pass": [r.as_json() for r in self.passing],
            "basis": self.basis,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class Numbers:
    """Read numbers: groups ("eligible", "for" ...) of measures in their units."""

    groups: dict[str, dict[str, int]]
    hundredths: frozenset[str]


def written(value: int, *, hundredths: bool) -> int | str:
    """Return a number as it stands in JSON: whole, or a decimal string with two places."""
    return f"{value // 100}.{value % 100:02d}" if hundredths else value


def parts_of(group: str) -> tuple[str, ...]:
    """Return the groups whose numbers make up `group` together."""
    return _TOGETHER.get(group) or (group,)
