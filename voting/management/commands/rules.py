"""`manage.py rules`: the catalogue of decision rules."""

from typing import Any

from django.core.management.base import CommandParser

from community.queries import unit_by_code
from core.commands import JsonCommand
from voting.mandates import rules_at
from voting.rules import ENTRIES
from voting.rules.page import page


class Command(JsonCommand):
    """Print the catalogue as one JSON list."""

    help = "Print the catalogue of decision rules as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """Let the page of the documentation be printed instead."""
        parser.add_argument("--page", action="store_true", help="print docs/rules.md instead")
        parser.add_argument("--unit", default="", help="code of a unit: print the rules as they hold there")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print it."""
        if options["page"]:
            self.stdout.write(page(), ending="")
        elif options["unit"]:
            self.emit(rules_at(unit_by_code(options["unit"])))
        else:
            self.emit(list(ENTRIES))
