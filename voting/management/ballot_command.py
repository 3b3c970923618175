"""What the commands about one ballot share."""

from typing import Any

from django.core.management.base import CommandParser

from core.commands import JsonCommand, positive_int
from core.errors import BadInput
from voting.models import Ballot


class BallotCommand(JsonCommand):
    """A command whose first argument is the id of a ballot."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the id."""
        parser.add_argument("ballot", type=positive_int(2**63 - 1), help="id of the ballot")

    def ballot(self, options: dict[str, Any]) -> Ballot:
        """Return the ballot, or refuse naming it."""
        found: Ballot | None = Ballot.objects.select_related("community").filter(pk=options["ballot"]).first()
        if found is None:
            raise BadInput(f"there is no ballot {options['ballot']}", field="ballot")
        return found

    def emit_state(self, ballot: Ballot, **more: Any) -> None:
        """Print where the ballot stands."""
        self.emit(
            {
                "ballot": str(ballot.pk),
                "phase": str(ballot.phase),
                "version": ballot.version,
                "roll_hash": ballot.roll_hash,
                "turnout": {"cast": ballot.cast, "eligible": ballot.roll_heads},
                **more,
            }
        )
