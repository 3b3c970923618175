"""Writes docs/states.md from the machine."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deliberation.diagram import states_document

PATH = Path("docs") / "states.md"


class Command(BaseCommand):
    """Write docs/states.md, or with --check say whether it is stale."""

    requires_system_checks: list[str] = []  # the page is about the machine alone
    help = "Write docs/states.md (statuses, moves, requirements, diagram) from the code."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="only compare; exit 1 when the page is stale")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write or compare."""
        path = settings.BASE_DIR / PATH
        text = states_document()
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                message = f"{PATH} is stale: run manage.py states_doc"
                raise CommandError(message)
            return
        path.write_text(text, encoding="utf-8")
        self.stdout.write(str(PATH))
