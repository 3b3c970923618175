"""`manage.py set_rule FILE.json`: a jurisdiction's own form of a decision rule."""

from typing import Any

from django.core.management.base import CommandParser

from community.queries import unit_by_code
from core.actors import COMMAND_LINE
from core.commands import JsonCommand
from core.errors import BadInput
from voting import reading
from voting.mandates import convening_term, rule_at
from voting.operations import drop_rule, set_rule

_KEYS = {"unit", "rule", "article", "quorum", "pass", "silence", "invalid", "convene_days"}


class Command(JsonCommand):
    """Set the form a rule has at a unit and below, or with --drop let the national one hold again."""

    help = "Set a rule of the catalogue for a unit from FILE.json (unit, rule, article, quorum, pass ...)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", help="one JSON object, or - for standard input")
        parser.add_argument("--drop", action="store_true", help="drop the unit's own form; only unit and rule are read")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set it; print the rule as it now holds there."""
        path = options["file"]
        given = reading.json_object(path)
        if unknown := sorted(set(given) - _KEYS):
            reading.refuse(path, None, unknown[0][:40], "is not a known field")
        for key in ("unit", "rule", *(() if options["drop"] else ("article",))):
            if not isinstance(given.get(key), str):
                reading.refuse(path, None, key, "must be given, as text")
        for key in ("silence", "invalid"):
            if not isinstance(given.get(key, ""), str):
                reading.refuse(path, None, key, "must be text")
        unit = unit_by_code(given["unit"])
        try:
            if options["drop"]:
                drop_rule(unit=unit, key=given["rule"], by=COMMAND_LINE)
            else:
                set_rule(
                    unit=unit, key=given["rule"], article=given["article"], quorum=given.get("quorum"),
                    passing=given.get("pass"), silence=given.get("silence", ""), invalid=given.get("invalid", ""),
                    convene_days=given.get("convene_days"), by=COMMAND_LINE,
                )  # fmt: skip
        except BadInput as error:
            reading.refuse(path, None, error.field, str(error.sentence))
        term = convening_term(given["rule"], unit)
        told = {"convene_days": term[0]} if term is not None else {}
        self.emit({**rule_at(given["rule"], unit).entry, **told})
