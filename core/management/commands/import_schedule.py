"""`manage.py import_schedule YEAR FILE.csv --source TEXT`: loads the holiday schedule of a newly published year."""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser

from core.actors import COMMAND_LINE
from core.calendar import import_schedule
from core.commands import JsonCommand
from core.tables import read_table

_WORKS = {"work": True, "rest": False, "上班": True, "休息": False}


class Command(JsonCommand):
    """Reads the columns `date` and `status` (rest or work) of the days that differ; prints {"year", "days"}."""

    help = "Load the State Council's holiday schedule of a year; open notices are recomputed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the year, the table and the notice it rests on."""
        parser.add_argument("year", type=int)
        parser.add_argument("file")
        parser.add_argument("--source", required=True, help="the notice it rests on, e.g. 国办发明电〔2026〕7号")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Read, store, print."""
        days: dict[dt.date, bool] = {}
        for row in read_table(options["file"], ("date", "status"), max_rows=366):
            try:
                day = dt.date.fromisoformat(row["date"])
            except ValueError:
                raise row.error("date", "须为 YYYY-MM-DD。") from None
            if day.year != options["year"]:
                raise row.error("date", f"不在 {options['year']} 年。")
            if day in days:
                raise row.error("date", "这一天出现了两次。")
            if row["status"] not in _WORKS:
                raise row.error("status", "须为 rest（休息）或 work（上班）。")
            days[day] = _WORKS[row["status"]]
        self.emit(
            {
                "year": options["year"],
                "days": import_schedule(options["year"], days=days, source=options["source"], by=COMMAND_LINE),
            }
        )
