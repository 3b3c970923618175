"""How long a kind is posted in a jurisdiction, and how much of a running period is left."""

from collections.abc import Iterable

from community.models import Unit
from community.rules import paths_from_root
from core import clock
from core.calendar import office_calendar
from core.deadlines import working_days_between
from publish.models import Notice, NoticePeriodProfile, NoticeStatus, PeriodMode
from publish.periods import NO_PERIOD, PERIODS, Period


def period_for(key: str, unit: Unit) -> Period:
    """Return the period of `key` ("roll", "meeting_notice.owners") at `unit`: the nearest jurisdiction that sets one.

    A table entry below the law's floor is raised to the floor. Kinds that are not posted have 0 days. One query.
    """
    kind = key.partition(".")[0]
    default = PERIODS.get(key) or PERIODS.get(kind, NO_PERIOD)
    paths = paths_from_root(unit)
    # The longest path is the nearest unit; the exact key goes before the kind's.
    rows = list(NoticePeriodProfile.objects.filter(key__in={key, kind}, unit__path__in=paths).select_related("unit"))
    if not rows:
        return default
    row = max(rows, key=lambda found: (found.key == key, len(found.unit.path)))
    days = row.days if row.mode == "working" else max(row.days, default.floor)
    return Period(days, "working" if row.mode == "working" else "calendar", default.floor, row.basis)


def with_working_days(notices: Iterable[Notice]) -> list[tuple[Notice, int | None]]:
    """Return each notice with the working days left of its period; None where every day counts or none is running.

    Two queries for the calendar where one of them counts working days, else none.
    """
    found = list(notices)
    counting = [one for one in found if one.status == NoticeStatus.POSTED and one.mode == PeriodMode.WORKING]
    if not counting:
        return [(one, None) for one in found]
    calendar, today = office_calendar(), clock.local_date()
    left = {one.pk: working_days_between(today, one.ends_on, calendar) for one in counting if one.ends_on}
    return [(one, left.get(one.pk)) for one in found]
