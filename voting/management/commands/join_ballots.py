"""`manage.py join_ballots ID ID ... --title TITLE`: one motion that several ballots must all pass."""

from typing import Any

from django.core.management.base import CommandParser

from core.actors import COMMAND_LINE
from core.commands import JsonCommand, positive_int
from core.errors import BadInput
from voting.models import Ballot
from voting.operations import join_ballots


class Command(JsonCommand):
    """Make draft ballots the parts of one motion."""

    help = "Make draft ballots the parts of one motion, which passes only when each of them does."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the ids and the title."""
        parser.add_argument("ballots", nargs="+", type=positive_int(2**63 - 1), help="ids of the ballots")
        parser.add_argument("--title", required=True, help="title of the motion")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Join them; print the motion."""
        found = {ballot.pk: ballot for ballot in Ballot.objects.filter(pk__in=options["ballots"])}
        for pk in options["ballots"]:
            if pk not in found:
                raise BadInput(f"there is no ballot {pk}", field="ballots")
        motion = join_ballots(list(found.values()), title=options["title"], by=COMMAND_LINE)
        self.emit({"motion": str(motion.pk), "title": motion.title, "ballots": [str(pk) for pk in sorted(found)]})
