"""How long a term still runs, said one way everywhere: its last day, and how many of which days are left.

Most terms count every day; those the method gives in working days (docs/people.md#days) are said in working days.
"""

import datetime as dt

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.workdays import Calendar

_FARTHEST_DAYS = 400  # working days are walked one by one


def days_left(ends: dt.date | dt.datetime | None, *, today: dt.date | None = None) -> int | None:
    """Return the calendar days from today to `ends`: 0 on the last day, negative when it is over."""
    if ends is None:
        return None
    if isinstance(ends, dt.datetime):
        ends = clock.local_date(ends) if ends.tzinfo else ends.date()
    return (ends - (today or clock.local_date())).days


def working_days_between(today: dt.date, due: dt.date, calendar: Calendar) -> int | None:
    """Return the working days after `today` up to `due`, those since `due` as a negative number; 0: none between.

    None where the two are more than 400 days apart: such a time is said in calendar days.
    """
    one = dt.timedelta(days=1)
    if abs((due - today).days) > _FARTHEST_DAYS:
        return None
    start, end = min(today, due), max(today, due)
    count, day = 0, start
    while day < end:
        day += one
        count += calendar.is_working_day(day)
    return -count if due < today else count


def left_in_words(
    ends: dt.date | dt.datetime | None, working_days: int | None = None, *, today: dt.date | None = None
) -> str:
    """Return what is left of a term: 剩4天, 今天截止, 已逾期2天; with `working_days` 剩3个工作日.

    Where there are none of those (0: rest days alone lie between), every day is counted.
    """
    days = days_left(ends, today=today)
    if days is None:
        return ""
    if days == 0:
        return _("今天截止")
    if working_days and working_days * days > 0:
        n = abs(working_days)
        if days > 0:
            return ngettext("剩%(n)d个工作日", "剩%(n)d个工作日", n) % {"n": n}
        return ngettext("已逾期%(n)d个工作日", "已逾期%(n)d个工作日", n) % {"n": n}
    n = abs(days)
    if days > 0:
        return ngettext("剩%(days)d天", "剩%(days)d天", n) % {"days": n}
    return ngettext("已逾期%(days)d天", "已逾期%(days)d天", n) % {"days": n}


def due_in_words(
    ends: dt.date, working_days: int | None = None, *, is_provisional: bool = False, today: dt.date | None = None
) -> str:
    """Return the last day of a term and what is left of it: 11月28日（剩3个工作日）."""
    said = {"day": date_format(ends, _("n月j日")), "said": left_in_words(ends, working_days, today=today)}
    if is_provisional:
        return _("%(day)s（%(said)s，待放假安排公布后确定）") % said
    return _("%(day)s（%(said)s）") % said
