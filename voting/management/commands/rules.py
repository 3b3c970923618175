"""`manage.py rules`: the catalogue of decision rules."""

from typing import Any

from core.commands import JsonCommand
from voting.rules import ENTRIES


class Command(JsonCommand):
    """Print the catalogue as one JSON list."""

    help = "Print the catalogue of decision rules as JSON."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print it."""
        self.emit(list(ENTRIES))
