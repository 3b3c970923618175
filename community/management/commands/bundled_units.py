"""`manage.py bundled_units > units.csv`: the bundled divisions as a table for `import_units`."""

import csv
from typing import Any

from django.core.management.base import BaseCommand

from community.divisions import bundled_units


class Command(BaseCommand):
    """Prints CSV."""

    help = "Print the bundled divisions of Nanchong as CSV for import_units."
    requires_system_checks: list[str] = []  # reads three files, no database

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the header and 3,256 rows."""
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(("code", "name", "kind", "parent_code"))
        writer.writerows(bundled_units())
