"""`manage.py decide FILE|-`: one decision for each line."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from core.commands import JsonCommand
from voting import reading
from voting.rules import BadNumbers, Rule, decide, read_numbers, rule_of

_KEYS = {"id", "rule", "eligible", "present", "participating", "for", "against", "abstain", "invalid"}


class Command(JsonCommand):
    """Decide by a rule of the catalogue, or by a rule written out. All lines are decided before the first answer."""

    help = "Decide each line of FILE (or -) by its rule; see docs/rules.md."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="JSON lines, or - for standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Answer every line, or none."""
        self.emit_all(_answers(options["file"]))


def _answers(path: str) -> Iterator[dict[str, Any]]:
    for row, given in reading.json_lines(path):
        try:
            yield _answer(given)
        except BadNumbers as error:
            reading.refuse(path, row, error.field, error.problem)


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    for key in given:
        if key not in _KEYS:
            raise BadNumbers(key[:40], "is not a known field")
    name = given.get("id")
    if name is not None and not isinstance(name, int | str):
        raise BadNumbers("id", "must be text or a whole number")
    if "rule" not in given:
        raise BadNumbers("rule", "is missing")
    rule: Rule = rule_of(given["rule"])
    return {"id": name, **decide(rule, read_numbers(given, rule)).as_json()}
