"""Whether enough are there: integers compared by cross-multiplication. Pure Python but for the words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.measure import format_area
from meetings.kinds import MeetingKind, Threshold


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many are due and how many are there: heads in persons, area in 0.01 m2."""

    due_heads: int
    due_area: int
    due_stakeholders: int
    present_heads: int
    present_area: int
    present_stakeholders: int


@dataclass(frozen=True, slots=True)
class Reached:
    """One threshold with its figures; `needed` is the least number that meets it."""

    measure: str
    of: str
    fraction: str
    inclusive: bool
    base: int
    needed: int
    reached: int
    met: bool

    @property
    def shortfall(self) -> int:
        """Return how much is missing, 0 when met."""
        return max(0, self.needed - self.reached)

    def sentence(self) -> str:
        """Return the line for the chair: due, needed, there, short."""
        figures = {
            "base": self._figure(self.base),
            "needed": self._figure(self.needed),
            "reached": self._figure(self.reached),
            "shortfall": self._figure(self.shortfall),
        }
        what = _("利益相关方") if self.of == "stakeholders" else ""
        if self.met:
            return what + _("应到%(base)s，法定%(needed)s，实到%(reached)s，已达到") % figures
        return what + _("应到%(base)s，法定%(needed)s，实到%(reached)s，还差%(shortfall)s") % figures

    def _figure(self, number: int) -> str:
        return f"{format_area(number)}㎡" if self.measure == "area" else _("%(n)s人") % {"n": number}


def least(base: int, threshold: Threshold) -> int:
    """Return the least integer that meets `threshold` of `base`; at least 1, for nobody is never a quorum."""
    quotient, rest = divmod(base * threshold.numerator, threshold.denominator)
    if threshold.inclusive:
        return max(1, quotient + (1 if rest else 0))
    return quotient + 1


def reached_by(kind: MeetingKind, numbers: Numbers) -> list[Reached]:
    """Return every threshold of `kind` with its figures.

    A threshold over stakeholders falls back to all members when no stakeholders were invited.
    """
    return [_reached(threshold, numbers) for threshold in kind.quorum]


def _reached(threshold: Threshold, numbers: Numbers) -> Reached:
    of = threshold.of
    if of == "stakeholders" and not numbers.due_stakeholders:
        of = "eligible"
    if of == "stakeholders":
        base, reached = numbers.due_stakeholders, numbers.present_stakeholders
    elif threshold.measure == "area":
        base, reached = numbers.due_area, numbers.present_area
    else:
        base, reached = numbers.due_heads, numbers.present_heads
    needed = least(base, threshold)
    return Reached(
        measure=threshold.measure,
        of=of,
        fraction=f"{threshold.numerator}/{threshold.denominator}",
        inclusive=threshold.inclusive,
        base=base,
        needed=needed,
        reached=reached,
        met=reached >= needed,
    )
