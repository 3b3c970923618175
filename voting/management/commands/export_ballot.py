"""`manage.py export_ballot ID OUT.json`."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from voting.export import laid_out, recount_document
from voting.management.ballot_command import BallotCommand


class Command(BallotCommand):
    """Write the public recount file of a closed ballot; `verify.py OUT.json` checks it anywhere."""

    help = "Write the public recount file of a closed ballot."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file too."""
        super().add_arguments(parser)
        parser.add_argument("out", help="file to write")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write it."""
        ballot = self.ballot(options)
        document = recount_document(ballot)
        Path(options["out"]).write_text(laid_out(document), encoding="utf-8")
        self.emit(
            {
                "ballot": str(ballot.pk),
                "file": options["out"],
                "votes": len(document["votes"]),
                "hash": document["hash"],
                "result_hash": document["result"]["hash"],
            }
        )
