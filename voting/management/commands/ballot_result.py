"""`manage.py ballot_result ID`."""

from typing import Any

from voting.management.ballot_command import BallotCommand
from voting.result import public_result


class Command(BallotCommand):
    """Print the result of a closed ballot."""

    help = "Print counts, outcome by rule, turnout and roll hash of a closed ballot."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print it."""
        self.emit(public_result(self.ballot(options)))
