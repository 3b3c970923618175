"""Typesets one notice from a file of facts, without touching the database (CONTRACT 2)."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from core.commands import JsonCommand, file_name, read_json
from core.errors import BadInput
from publish import kinds
from publish.typeset import engine
from publish.typeset.paper import read_paper


class Command(JsonCommand):
    """manage.py render_notice FACTS.json OUT.pdf [--variant document|poster|large]."""

    help = "Typeset FACTS.json into OUT.pdf; --schema KIND and --example KIND print what FACTS is made of."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("facts", nargs="?", help="JSON file, or - for standard input (docs/notice-kinds.md)")
        parser.add_argument("out", nargs="?", help="PDF to write")
        parser.add_argument("--variant", choices=engine.VARIANTS, default="document")
        asked = parser.add_mutually_exclusive_group()
        asked.add_argument("--schema", metavar="KIND", help="print the JSON Schema of a kind's facts")
        asked.add_argument("--example", metavar="KIND", help="print an example of FACTS")
        asked.add_argument("--kinds", action="store_true", help="print all kinds")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what is asked, or typeset."""
        if options["kinds"]:
            for kind in kinds.KINDS.values():
                self.emit({"kind": kind.key, "title": str(kind.title), "form": kind.form, "days": kind.days})
        elif options["schema"]:
            self.stdout.write(json.dumps(kinds.schema(options["schema"]), ensure_ascii=False, indent=2))
        elif options["example"]:
            self.stdout.write(json.dumps(kinds.example_paper(options["example"]), ensure_ascii=False, indent=2))
        elif not options["facts"] or not options["out"]:
            raise BadInput(_("请给出 FACTS.json 和 OUT.pdf"))
        else:
            self._typeset(options["facts"], options["out"], options["variant"])

    def _typeset(self, source: str, target: str, variant: engine.Variant) -> None:
        document = read_json(source)
        try:
            data = engine.typeset(read_paper(document), variant)
        except BadInput as wrong:
            raise BadInput(f"{file_name(source)}: {wrong.field or '$'}: {wrong.sentence}") from wrong
        _write_whole(Path(target), data)


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file that is either there whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".render-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
