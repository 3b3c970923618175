"""The clock of the platform. Operations take `now=`; only the edges read it here."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Return the present moment, aware, in UTC."""
    return timezone.now()


def local_date(moment: dt.datetime | None = None) -> dt.date:
    """Return the calendar day of `moment` (default: now) where the community is (Asia/Shanghai)."""
    return timezone.localtime(moment or now()).date()
