"""`manage.py close_ballot ID`."""

from typing import Any

from django.core.management.base import CommandParser

from core.actors import COMMAND_LINE
from voting.management.ballot_command import BallotCommand
from voting.operations import close_ballot

# Scripts close without asking anybody; the result of a ballot closed early says so.
_UNSAID = "由命令行截止，未说明理由"


class Command(BallotCommand):
    """Close the ballot, count its rows and decide; closing again changes nothing."""

    help = "Close a ballot, count its rows and decide."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take why it is closed before its planned end."""
        super().add_arguments(parser)
        parser.add_argument("--reason", default=_UNSAID, help="why it is closed before its planned end")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Close it."""
        ballot = close_ballot(self.ballot(options), by=COMMAND_LINE, reason=options["reason"])
        result = ballot.result or {}
        self.emit_state(ballot, outcome=result["outcome"], tally=result["tally"], result_hash=result["hash"])
