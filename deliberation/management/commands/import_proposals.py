"""`manage.py import_proposals FILE.(csv|xlsx) --community CODE`: proposals taken down elsewhere."""

from typing import Any

from django.core.management.base import CommandParser

from community.models import UnitKind
from community.queries import unit_by_code
from core.actors import COMMAND_LINE
from core.commands import JsonCommand
from core.errors import BadInput
from core.tables import read_table
from deliberation.operations.intake import ALIASES, COLUMNS, LONGEST, import_proposals


class Command(JsonCommand):
    """Prints created, unchanged, proposals (ids) and suspected_duplicates."""

    help = "Import proposals; rows that are there already are flagged and not stored again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the table and the community."""
        parser.add_argument("file")
        parser.add_argument("--community", required=True, help="code of the community")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import and print."""
        community = unit_by_code(options["community"])
        if community.kind != UnitKind.COMMUNITY:
            message = f"{options['community'][:40]} 不是社区"
            raise BadInput(message, field="--community")
        rows = read_table(options["file"], COLUMNS, aliases=ALIASES, longest=LONGEST, multiline=("body",))
        self.emit(import_proposals(rows, community=community, by=COMMAND_LINE).as_json())
