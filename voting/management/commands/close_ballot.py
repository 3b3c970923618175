"""`manage.py close_ballot ID`."""

from typing import Any

from core.actors import COMMAND_LINE
from voting.management.ballot_command import BallotCommand
from voting.operations import close_ballot


class Command(BallotCommand):
    """Close the ballot, count its rows and decide; closing again changes nothing."""

    help = "Close a ballot, count its rows and decide."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Close it."""
        ballot = close_ballot(self.ballot(options), by=COMMAND_LINE)
        result = ballot.result or {}
        self.emit_state(ballot, outcome=result["outcome"], tally=result["tally"], result_hash=result["hash"])
