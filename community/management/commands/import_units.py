"""`manage.py import_units FILE.csv`: brings the tree of units to what a table says."""

import dataclasses
from typing import Any

from django.core.management.base import CommandParser

from community.operations.units import COLUMNS, LONGEST, import_units
from core.actors import COMMAND_LINE
from core.commands import JsonCommand
from core.tables import read_table

_MAX_ROWS = 2_000_000


class Command(JsonCommand):
    """Reads the columns code, name, kind, parent_code; prints {"created", "updated", "unchanged", "by_kind"}."""

    help = "Import the tree of units from a CSV or XLSX table; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the table."""
        parser.add_argument("file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import and print."""
        rows = read_table(options["file"], COLUMNS, max_rows=_MAX_ROWS, longest=LONGEST)
        self.emit(dataclasses.asdict(import_units(rows, by=COMMAND_LINE)))
