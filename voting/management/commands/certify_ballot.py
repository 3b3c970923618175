"""`manage.py certify_ballot ID --by A --by B`."""

from typing import Any

from django.core.management.base import CommandParser

from voting.management.ballot_command import BallotCommand
from voting.operations import certify_ballot
from voting.operations.teller import people_named


class Command(BallotCommand):
    """Let tellers, named by username or by name, sign the count; two different ones at least."""

    help = "Certify the count of a closed ballot by at least two tellers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the tellers too."""
        super().add_arguments(parser)
        parser.add_argument("--by", action="append", default=[], help="username or name of a teller; at least twice")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Certify it."""
        ballot = certify_ballot(self.ballot(options), by=people_named(options["by"]))
        signed = ballot.certifications.filter(agrees=True).order_by("pk")
        self.emit_state(
            ballot,
            outcome=(ballot.result or {})["outcome"],
            certified_by=[one.teller_name for one in signed],
            result_hash=(ballot.result or {})["hash"],
        )
