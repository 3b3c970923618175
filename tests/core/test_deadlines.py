"""How long a term still runs is said one way: the last day, and how many of which days."""

import datetime as dt

import pytest
import time_machine

from core.calendar import published_calendar
from core.deadlines import due_in_words, left_in_words, working_days_between

MONDAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("due", "left"),
    [
        ("2026-03-02", 0),
        ("2026-03-03", 1),
        ("2026-03-06", 4),
        ("2026-03-07", 4),  # a Saturday
        ("2026-03-09", 5),
        ("2026-02-27", -2),  # the Saturday between is worked
        ("2026-02-28", -1),
        ("2026-02-14", -6),  # the holidays of the new year between
        ("2027-06-01", None),  # too far to walk
    ],
)
def test_working_days_are_counted_from_the_day_after_today(due: str, left: int | None) -> None:
    assert working_days_between(MONDAY, dt.date.fromisoformat(due), published_calendar()) == left


def test_on_the_rest_day_after_it_a_term_is_not_a_working_day_late() -> None:
    friday, saturday = dt.date(2026, 3, 6), dt.date(2026, 3, 7)
    late = working_days_between(saturday, friday, published_calendar())

    assert (late, left_in_words(friday, late, today=saturday)) == (0, "已逾期1天")


@time_machine.travel("2026-03-02 10:00:00+08:00", tick=False)
@pytest.mark.parametrize(
    ("ends", "working_days", "words"),
    [
        (dt.date(2026, 3, 9), None, "剩7天"),
        (dt.date(2026, 3, 9), 5, "剩5个工作日"),
        (dt.date(2026, 3, 2), 0, "今天截止"),
        (dt.date(2026, 3, 2), None, "今天截止"),
        (dt.date(2026, 2, 26), -3, "已逾期3个工作日"),
        (dt.date(2026, 2, 26), None, "已逾期4天"),
        # No working day between today and a last day that was made a rest day: then every day is counted.
        (dt.date(2026, 3, 3), 0, "剩1天"),
        (None, 3, ""),
    ],
)
def test_what_is_left_names_the_days_it_counts(ends: dt.date | None, working_days: int | None, words: str) -> None:
    assert left_in_words(ends, working_days) == words


def test_a_due_day_is_said_with_its_date() -> None:
    due = dt.date(2026, 3, 9)

    assert due_in_words(due, 5, today=MONDAY) == "3月9日（剩5个工作日）"
    assert due_in_words(due, today=MONDAY) == "3月9日（剩7天）"
    assert due_in_words(due, 5, is_provisional=True, today=MONDAY) == "3月9日（剩5个工作日，待放假安排公布后确定）"
