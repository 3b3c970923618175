"""`manage.py open_ballot ID`."""

from typing import Any

from core.actors import COMMAND_LINE
from voting.management.ballot_command import BallotCommand
from voting.operations import open_ballot
from voting.warnings import warnings_for


class Command(BallotCommand):
    """Freeze the roll and the options and open the ballot; opening again changes nothing."""

    help = "Freeze the roll and open a ballot."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Open it."""
        ballot = open_ballot(self.ballot(options), by=COMMAND_LINE)
        self.emit_state(ballot, warnings=[str(warning) for warning in warnings_for(ballot)])
