"""Counting days: the rulebook's table, unpublished years, and an independent walk."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from core import calendar
from core.actors import SYSTEM
from core.errors import BadInput
from core.models import CalendarDay, CalendarYear, LedgerEntry
from core.signals import calendar_changed
from core.workdays import DayTable, Mode, deadline


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "days", "mode", "ends"),
    [
        ("2026-09-24", 7, "calendar", "2026-10-08"),
        ("2026-09-24", 5, "working", "2026-10-09"),
        ("2026-09-24", 7, "working", "2026-10-12"),
        ("2026-02-13", 3, "working", "2026-02-25"),
        ("2026-05-02", 7, "calendar", "2026-05-09"),
        ("2026-11-22", 15, "calendar", "2026-12-07"),
    ],
)
def test_the_table_of_the_rulebook(start: str, days: int, mode: Mode, ends: str) -> None:
    found = calendar.ends_on(day(start), days, mode)

    assert (found.ends, found.provisional) == (day(ends), False)


@pytest.mark.django_db
def test_the_rest_days_at_the_end_are_named() -> None:
    found = calendar.ends_on(day("2026-09-24"), 7)

    assert found.skipped == [dt.date(2026, 10, number) for number in range(1, 8)]


@pytest.mark.django_db
def test_a_make_up_saturday_is_a_working_day() -> None:
    found = calendar.ends_on(day("2026-10-09"), 1, "working")

    assert found.ends == day("2026-10-10")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "days", "mode", "ends", "provisional"),
    [
        ("2026-12-30", 1, "working", "2026-12-31", False),
        ("2026-12-30", 2, "working", "2027-01-04", True),
        ("2026-12-24", 8, "calendar", "2027-01-04", True),
        ("2027-03-01", 7, "calendar", "2027-03-08", True),
    ],
)
def test_an_unpublished_year_is_provisional(start: str, days: int, mode: Mode, ends: str, *, provisional: bool) -> None:
    found = calendar.ends_on(day(start), days, mode)

    assert (found.ends, found.provisional) == (day(ends), provisional)


@pytest.mark.django_db
@pytest.mark.both_profiles
def test_an_imported_schedule_makes_the_year_final(django_capture_on_commit_callbacks: object) -> None:
    news: list[list[int]] = []

    def hear(years: list[int], **_more: object) -> None:
        news.append(years)

    calendar_changed.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator] # a fixture without types
        calendar.import_schedule(
            2027, days={day("2027-01-01"): False, day("2027-01-04"): False}, source="国办通知", by=SYSTEM
        )
    calendar_changed.disconnect(hear)

    found = calendar.ends_on(day("2026-12-30"), 2, "working")
    assert (found.ends, found.provisional) == (day("2027-01-05"), False)
    assert news == [[2027]]
    assert LedgerEntry.objects.get().act == "import_schedule"


@pytest.mark.django_db
def test_importing_a_year_again_replaces_it() -> None:
    calendar.import_schedule(2027, days={day("2027-01-04"): False}, source="初稿", by=SYSTEM)
    calendar.import_schedule(2027, days={day("2027-01-05"): False}, source="正式", by=SYSTEM)

    assert list(CalendarDay.objects.values_list("date", flat=True)) == [day("2027-01-05")]
    assert CalendarYear.objects.get().source == "正式"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("year", "days", "source", "field"),
    [
        (2027, {day("2026-12-31"): False}, "国办通知", "days"),
        (2027, {}, "国办通知", "days"),
        (1949, {day("1949-10-01"): False}, "国办通知", "year"),
        (2027, {day("2027-01-01"): False}, " ", "source"),
    ],
)
def test_a_bad_schedule_is_refused_and_nothing_stored(
    year: int, days: dict[dt.date, bool], source: str, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        calendar.import_schedule(year, days=days, source=source, by=SYSTEM)

    assert refused.value.field == field
    assert (CalendarDay.objects.count(), CalendarYear.objects.count(), LedgerEntry.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
@pytest.mark.both_profiles
def test_a_day_set_by_hand_goes_before_the_schedule() -> None:
    calendar.set_day(day("2026-10-08"), works=False, source="街道通知", by=SYSTEM)

    assert calendar.ends_on(day("2026-09-24"), 7).ends == day("2026-10-09")


@given(
    start=st.dates(dt.date(2004, 1, 1), dt.date(2030, 1, 1)),
    days=st.integers(1, 120),
    exceptions=st.dictionaries(st.dates(dt.date(2004, 1, 1), dt.date(2031, 1, 1)), st.booleans(), max_size=40),
    years=st.frozensets(st.integers(2004, 2031)),
)
def test_working_days_agree_with_an_independent_walk(
    start: dt.date, days: int, exceptions: dict[dt.date, bool], years: frozenset[int]
) -> None:
    table = DayTable(exceptions, years)

    found = deadline(start, days, "working", table)

    inside = [start + dt.timedelta(days=n) for n in range(1, (found.ends - start).days + 1)]
    assert sum(table.is_working_day(d) for d in inside) == days
    assert table.is_working_day(found.ends)
    assert found.skipped == [d for d in inside if not table.is_working_day(d)]
    assert found.provisional == any(not table.is_known(d) for d in inside)


@given(start=st.dates(dt.date(2004, 1, 1), dt.date(2030, 1, 1)), days=st.integers(1, 400))
def test_calendar_days_roll_to_the_next_working_day_and_no_further(start: dt.date, days: int) -> None:
    table = DayTable(*calendar._published())

    found = deadline(start, days, "calendar", table)

    nominal = start + dt.timedelta(days=days)
    rolled = [nominal + dt.timedelta(days=n) for n in range((found.ends - nominal).days)]
    assert found.skipped == rolled
    assert table.is_working_day(found.ends)
    assert not any(table.is_working_day(d) for d in rolled)


@pytest.mark.parametrize(
    ("start", "days", "mode"),
    [
        (day("2026-01-01"), 0, "calendar"),
        (day("2026-01-01"), -1, "calendar"),
        (day("2026-01-01"), 3661, "calendar"),
        (day("2026-01-01"), True, "calendar"),
        (day("2026-01-01"), 7, "lunar"),
        (day("1999-12-31"), 7, "calendar"),
        (day("9999-12-31"), 7, "calendar"),
    ],
)
@pytest.mark.django_db
def test_a_period_out_of_bounds_is_refused(start: dt.date, days: int, mode: Mode) -> None:
    with pytest.raises(ValueError, match="must"):
        deadline(start, days, mode, DayTable())
    with pytest.raises(BadInput):
        calendar.ends_on(start, days, mode)


@pytest.mark.django_db
def test_the_command_prints_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("deadline", "--start", "2026-09-24", "--days", "7", "--mode", "calendar")

    assert json.loads(capsys.readouterr().out) == {
        "ends": "2026-10-08",
        "provisional": False,
        "skipped": [f"2026-10-0{number}" for number in range(1, 8)],
    }


@pytest.mark.parametrize(
    "words",
    [
        ["--start", "2026-02-30", "--days", "7"],
        ["--start", "20260224", "--days", "7"],
        ["--start", "2026-02-24", "--days", "0"],
        ["--start", "2026-02-24", "--days", "-3"],
        ["--start", "2026-02-24", "--days", "1.5"],
        ["--start", "2026-02-24", "--days", "9" * 5000],
        ["--start", "2026-02-24", "--days", "٣"],
        ["--start", "2026-02-24", "--days", "7", "--mode", "lunar"],
        ["--start", "1800-02-24", "--days", "7"],
        ["--days", "7"],
        [],
    ],
)
@pytest.mark.django_db
def test_bad_arguments_end_in_one_line_and_exit_2(words: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("deadline", *words)

    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)


@pytest.mark.django_db
def test_the_schedule_command_reads_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "2027.csv"
    file.write_text("date,status\n2027-01-01,rest\n2027-01-03,work\n", "utf-8")

    call_command("import_schedule", "2027", str(file), "--source", "国办通知")

    assert json.loads(capsys.readouterr().out) == {"year": 2027, "days": 2}
    assert calendar.ends_on(day("2026-12-31"), 1, "working").ends == day("2027-01-03")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("2027-13-01,rest", "date"),
        ("2026-12-31,rest", "date"),
        ("2027-01-01,rest", "date"),
        ("2027-01-02,lunch", "status"),
    ],
)
def test_the_schedule_command_names_the_bad_row(line: str, field: str, tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(f"date,status\n2027-01-01,rest\n{line}\n", "utf-8")

    with pytest.raises(CommandError) as refused:
        call_command("import_schedule", "2027", str(file), "--source", "国办通知")

    assert str(refused.value).startswith(f"2027.csv, row 3, {field}: ")
    assert CalendarDay.objects.count() == 0
