"""The office calendar: the published schedules, and what the office has set by hand on top of them.

`chinesecalendar` carries the State Council's schedules up to its release; `import_schedule` adds a newly published
year; single days (`set_day`) go before both.
"""

import datetime as dt
from collections.abc import Mapping
from functools import cache

from chinese_calendar import constants
from django.db import transaction
from django.utils.translation import gettext as _

from core import ledger
from core.actors import Actor
from core.errors import BadInput
from core.models import CalendarDay, CalendarYear
from core.signals import calendar_changed
from core.workdays import FIRST_YEAR, LAST_YEAR, MAX_DAYS, MODES, DayTable, Deadline, Mode, deadline

_MOST_EXCEPTIONS = 366
_LONGEST_SOURCE = 200


@cache
def _published() -> tuple[dict[dt.date, bool], frozenset[int]]:
    days = {**dict.fromkeys(constants.holidays, False), **dict.fromkeys(constants.workdays, True)}
    return days, frozenset(day.year for day in days)


def office_calendar() -> DayTable:
    """Return the calendar in force now. Runs two queries; take it once for many deadlines."""
    days, years = _published()
    set_by_hand = dict(CalendarDay.objects.values_list("date", "is_working_day"))
    imported = CalendarYear.objects.values_list("year", flat=True)
    return DayTable(exceptions={**days, **set_by_hand}, years=years.union(imported))


def published_calendar() -> DayTable:
    """Return the calendar of the published schedules alone, without a query."""
    days, years = _published()
    return DayTable(exceptions=days, years=years)


def ends_on(start: dt.date, days: int, mode: Mode = "calendar", *, calendar: DayTable | None = None) -> Deadline:
    """Return the last day of a period posted on `start` by the office calendar (two queries unless given).

    Raises BadInput naming `start`, `days` or `mode`.
    """
    if mode not in MODES:
        raise BadInput(_("计算方式须为 calendar 或 working。"), field="mode")
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MAX_DAYS:
        raise BadInput(_("天数须为 1 至 %(most)s 的整数。") % {"most": MAX_DAYS}, field="days")
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise BadInput(
            _("起始日须在 %(first)s 至 %(last)s 年之间。") % {"first": FIRST_YEAR, "last": LAST_YEAR}, field="start"
        )
    return deadline(start, days, mode, calendar or office_calendar())


def import_schedule(year: int, *, days: Mapping[dt.date, bool], source: str, by: Actor) -> int:
    """Store the published schedule of `year` and return how many days are exceptions.

    `days` holds only the days that differ from plain weekdays: holidays (False) and make-up workdays (True).
    Replaces what was set for that year before. Sends `calendar_changed` on commit.
    Raises BadInput for days outside the year, an empty schedule or a missing source.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadInput(
            _("年份须在 %(first)s 至 %(last)s 之间。") % {"first": FIRST_YEAR, "last": LAST_YEAR}, field="year"
        )
    if not 1 <= len(days) <= _MOST_EXCEPTIONS:
        raise BadInput(_("放假安排不能为空。"), field="days")
    for day in days:
        if day.year != year:
            raise BadInput(_("%(day)s 不在 %(year)s 年。") % {"day": day, "year": year}, field="days")
    _require_source(source)
    with transaction.atomic():
        published, created = CalendarYear.objects.get_or_create(year=year, defaults={"source": source})
        if not created:
            CalendarYear.objects.filter(year=year).update(source=source)
        CalendarDay.objects.filter(date__year=year).delete()
        CalendarDay.objects.bulk_create(
            CalendarDay(date=day, is_working_day=works, source=source) for day, works in sorted(days.items())
        )
        ledger.record(
            by=by, act="import_schedule", subject=published, after={"year": year, "days": len(days), "source": source}
        )
        transaction.on_commit(lambda: calendar_changed.send(sender=CalendarYear, years=[year]))
    return len(days)


def set_day(day: dt.date, *, works: bool, source: str, by: Actor) -> CalendarDay:
    """Set one day by hand, against whatever schedule. Sends `calendar_changed` on commit."""
    _require_source(source)
    with transaction.atomic():
        before = CalendarDay.objects.filter(date=day).values("is_working_day", "source").first()
        stored, _created = CalendarDay.objects.update_or_create(
            date=day, defaults={"is_working_day": works, "source": source}
        )
        after = {"is_working_day": works, "source": source}
        ledger.record(by=by, act="set_calendar_day", subject=stored, before=before, after=after)
        transaction.on_commit(lambda: calendar_changed.send(sender=CalendarDay, years=[day.year]))
    return stored


def _require_source(source: str) -> None:
    if not source.strip() or len(source) > _LONGEST_SOURCE:
        raise BadInput(_("请写明依据（如国务院办公厅通知文号）。"), field="source")
