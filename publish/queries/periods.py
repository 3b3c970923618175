"""How long a kind is posted in a jurisdiction."""

from community.models import Unit
from community.rules import paths_from_root
from publish.models import NoticePeriodProfile
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
