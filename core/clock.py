"""The clock of the platform. Operations take `now=`; only the edges read it here."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Return the present moment, aware, in UTC."""
    return timezone.now()


def local_date(moment: dt.datetime | None = None) -> dt.date:
    """Return the calendar day of `moment` (default: now) where the community is (Asia/Shanghai)."""
    return timezone.localtime(moment or now()).date()


def local_minute(moment: dt.datetime | None) -> str:
    """Return `moment` to the minute where the community is, as facts of papers hold it (ISO 8601), "" for none."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment is not None else ""
