"""Packs a month's public notices of a unit into one zip with an index."""

import re
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from community.queries import unit_by_code
from core.commands import JsonCommand
from core.errors import BadInput
from publish.bundle import write_bundle_file

_MONTH = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])")


class Command(JsonCommand):
    """manage.py disclosure_bundle OUT.zip --unit CODE --month 2026-11."""

    help = "Pack the public notices that a unit (and all below it) posted in a month into OUT.zip, with an index."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("out", help="zip file to write")
        parser.add_argument("--unit", required=True, metavar="CODE", help="code of the unit")
        parser.add_argument("--month", required=True, metavar="YYYY-MM", help="month of posting")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the zip and print what it holds."""
        match = _MONTH.fullmatch(options["month"])
        if match is None:
            raise BadInput(_("月份应写作 2026-11。"), field="month")
        unit = unit_by_code(options["unit"])
        notices = write_bundle_file(Path(options["out"]), unit=unit, year=int(match[1]), month=int(match[2]))
        self.emit({"unit": unit.code, "month": options["month"], "notices": len(notices), "file": options["out"]})
