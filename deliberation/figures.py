"""Figures of the method (RULEBOOK 6). Pure: integers in, integers and text out, never a float."""

from dataclasses import dataclass

from deliberation import limits


@dataclass(frozen=True, slots=True)
class Share:
    """k of n. Compare with `reaches`, never with the rounded text."""

    k: int
    n: int

    @property
    def tenths(self) -> int | None:
        """Return the share in tenths of a per cent, half up, or None when n is 0."""
        return (2000 * self.k + self.n) // (2 * self.n) if self.n else None

    @property
    def percent(self) -> str:
        """Return "83.3%", or "—" when n is 0."""
        tenths = self.tenths
        return "—" if tenths is None else f"{tenths // 10}.{tenths % 10}%"

    def __str__(self) -> str:
        return f"{self.percent}（{self.k}/{self.n}）"

    def reaches(self, numerator: int, denominator: int) -> bool:
        """Return whether k/n >= numerator/denominator; never when n is 0."""
        return self.n > 0 and self.k * denominator >= numerator * self.n


@dataclass(frozen=True, slots=True)
class RatingFigures:
    """What residents said in one round, and what was needed."""

    satisfied: int
    fairly: int
    dissatisfied: int
    needed: int

    @property
    def valid(self) -> int:
        """Return how many rated."""
        return self.satisfied + self.fairly + self.dissatisfied

    @property
    def satisfaction(self) -> Share:
        """Return (satisfied + fairly) / valid."""
        return Share(self.satisfied + self.fairly, self.valid)

    @property
    def is_enough(self) -> bool:
        """Return whether enough residents rated."""
        return self.valid >= self.needed

    @property
    def is_good(self) -> bool:
        """Return whether the share of content residents reaches the threshold."""
        return self.satisfaction.reaches(*limits.SATISFACTION_NEEDED)


def ratings_needed(affected_households: int) -> int:
    """Return max(10, 5 % of the affected households, rounded up)."""
    numerator, denominator = limits.RATINGS_SHARE
    return max(limits.RATINGS_AT_LEAST, -(-affected_households * numerator // denominator))


def rating_figures(*, satisfied: int, fairly: int, dissatisfied: int, affected_households: int) -> RatingFigures:
    """Return the figures of one round."""
    return RatingFigures(satisfied, fairly, dissatisfied, ratings_needed(affected_households))


def yuan(fen: int) -> str:
    """Return an amount of fen as yuan: 1234500 -> "12345.00"."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: str) -> int:
    """Return an amount in yuan ("12345", "12345.6", "12345.67") as fen. Raises ValueError for anything else."""
    whole, _dot, part = text.strip().replace(",", "").partition(".")
    if not (whole.isascii() and whole.isdigit()) or len(whole) > 12 or len(part) > 2 or (part and not part.isdigit()):  # noqa: PLR2004 - 12 digits of yuan, 2 of fen
        message = f"not an amount in yuan: {text!r}"
        raise ValueError(message)
    return int(whole) * 100 + int((part + "00")[:2])
