"""`manage.py elect FILE|-`: one election for each line."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from core.commands import JsonCommand
from voting import reading
from voting.rules import BadNumbers, elect


class Command(JsonCommand):
    """Say who is elected, who goes into a run-off, and why. All lines are counted before the first answer."""

    help = "Count each line of FILE (or -) as an election; see docs/rules.md."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="JSON lines, or - for standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Answer every line, or none."""
        self.emit_all(_answers(options["file"]))


def _answers(path: str) -> Iterator[dict[str, Any]]:
    for row, given in reading.json_lines(path):
        name = given.get("id")
        if name is not None and not isinstance(name, int | str):
            reading.refuse(path, row, "id", "must be text or a whole number")
        try:
            yield {"id": name, **elect(given).as_json()}
        except BadNumbers as error:
            reading.refuse(path, row, error.field, error.problem)
