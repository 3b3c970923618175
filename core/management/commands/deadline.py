"""`manage.py deadline --start 2026-09-24 --days 7 --mode calendar`: when a posted period ends."""

import argparse
import datetime as dt
import re
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError

from core.calendar import ends_on, office_calendar, published_calendar
from core.commands import JsonCommand, positive_int
from core.workdays import MAX_DAYS, MODES


class Command(JsonCommand):
    """Prints {"ends", "provisional", "skipped"}."""

    help = "When a period posted on a day ends (Civil Code 200-204)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day of posting, the length and the way of counting."""
        parser.add_argument("--start", required=True, type=_day, help="day of posting, YYYY-MM-DD (not counted)")
        parser.add_argument("--days", required=True, type=positive_int(MAX_DAYS), help=f"1 to {MAX_DAYS}")
        parser.add_argument("--mode", default="calendar", choices=MODES)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Count and print."""
        try:
            calendar = office_calendar()
        except DatabaseError:  # before the first migrate: the published schedules alone
            calendar = published_calendar()
        period = ends_on(options["start"], options["days"], options["mode"], calendar=calendar)
        self.emit(
            {
                "ends": period.ends.isoformat(),
                "provisional": period.provisional,
                "skipped": [day.isoformat() for day in period.skipped],
            }
        )


def _day(text: str) -> dt.date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
    message = f"must be a day written YYYY-MM-DD: {text[:40]!r}"
    raise argparse.ArgumentTypeError(message)
