"""Counting days as the Civil Code does (arts. 200-204). Pure: no Django, no clock, no table.

The day of posting is not counted. In calendar mode every following day counts, and a period whose last day is a
rest day ends on the next working day (art. 203). In working mode weekends and holidays do not count and make-up
workdays do. The period ends at 24:00 of `ends`.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Mode = Literal["calendar", "working"]
MODES: tuple[Mode, ...] = ("calendar", "working")
MAX_DAYS = 3660
FIRST_YEAR, LAST_YEAR = 2000, 2200
# Public holidays on fixed days by the Regulation on Public Holidays (2024): rest days in every year, published or not.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
_FRIDAY = 4


class Calendar(Protocol):
    """Answers for one day."""

    def is_working_day(self, day: dt.date) -> bool:
        """Return whether offices work on `day`; the best guess where the schedule is not published."""

    def is_known(self, day: dt.date) -> bool:
        """Return whether that answer is final."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period. `skipped` are the rest days passed over; `provisional` while a schedule is not out."""

    ends: dt.date
    provisional: bool
    skipped: list[dt.date]


@dataclass(frozen=True, slots=True)
class DayTable:
    """A calendar from tables: `exceptions` (day -> works?) go before the weekdays; `years` are published."""

    exceptions: Mapping[dt.date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_working_day(self, day: dt.date) -> bool:
        """Return the exception for `day`, else whether it is a weekday that is no fixed holiday."""
        if (known := self.exceptions.get(day)) is not None:
            return known
        if day.year not in self.years and (day.month, day.day) in FIXED_HOLIDAYS:
            return False
        return day.weekday() <= _FRIDAY

    def is_known(self, day: dt.date) -> bool:
        """Return whether `day` has an exception or lies in a published year."""
        return day in self.exceptions or day.year in self.years


def deadline(start: dt.date, days: int, mode: Mode, calendar: Calendar) -> Deadline:
    """Return the last day of a period of `days` posted on `start`.

    `skipped`: in working mode every rest day inside, in calendar mode the rest days at the end that moved it.
    `provisional`: the answer rests on a day whose schedule is not published.
    Raises ValueError unless 1 <= days <= MAX_DAYS, FIRST_YEAR <= start.year <= LAST_YEAR and mode is one of MODES.
    """
    if mode not in MODES:
        message = f"mode must be one of {', '.join(MODES)}"
        raise ValueError(message)
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MAX_DAYS:
        message = f"days must be a whole number from 1 to {MAX_DAYS}"
        raise ValueError(message)
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        message = f"start must lie in the years {FIRST_YEAR} to {LAST_YEAR}"
        raise ValueError(message)
    one = dt.timedelta(days=1)
    skipped: list[dt.date] = []
    provisional = False
    left = 1 if mode == "calendar" else days
    day = start + dt.timedelta(days=days - 1) if mode == "calendar" else start
    while left:
        day += one
        provisional = provisional or not calendar.is_known(day)
        if calendar.is_working_day(day):
            left -= 1
        else:
            skipped.append(day)
    return Deadline(ends=day, provisional=provisional, skipped=skipped)
