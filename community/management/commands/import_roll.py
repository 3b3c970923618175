"""`manage.py import_roll FILE.(csv|xlsx) --community CODE [--check]`: households and owners of a community."""

from typing import Any

from django.core.management.base import CommandParser

from community.operations.roll import import_roll
from community.queries import unit_by_code
from community.roll_table import ALIASES, COLUMNS, LONGEST, OPTIONAL
from core.actors import COMMAND_LINE
from core.commands import JsonCommand
from core.tables import read_table


class Command(JsonCommand):
    """Prints households, owners, exclusive_units, heads, area, excluded, created, updated, unchanged."""

    help = "Import households and owners; --check stores nothing and prints the same."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the table, the community and whether to store."""
        parser.add_argument("file")
        parser.add_argument("--community", required=True, help="code of the community")
        parser.add_argument("--check", action="store_true", help="store nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import and print."""
        community = unit_by_code(options["community"])
        rows = read_table(options["file"], COLUMNS, optional=OPTIONAL, aliases=ALIASES, longest=LONGEST)
        self.emit(import_roll(rows, community=community, by=COMMAND_LINE, check=options["check"]).as_json())
