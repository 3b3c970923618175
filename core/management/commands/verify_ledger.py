"""`manage.py verify_ledger`: proves that no entry was edited, removed or inserted, no counted vote changed."""

from typing import Any

from django.core.management.base import CommandError

from core import ledger
from core.commands import JsonCommand
from core.models import LedgerHead


class Command(JsonCommand):
    """Prints {"entries", "head"}; exit 1 naming the first entry or ballot that does not hold.

    Reads every entry, and every vote of a closed ballot, once.
    """

    help = "Check the hash chain of the ledger from its first entry."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Walk the chain and print its head."""
        if found := ledger.first_break():
            raise CommandError(found.problem, returncode=1)
        if contradiction := next(ledger.contradictions(), None):
            raise CommandError(contradiction, returncode=1)
        head = LedgerHead.objects.filter(id=1).first()
        self.emit(
            {"entries": head.sequence if head else 0, "head": head.hash if head else ledger.GENESIS, "holds": True}
        )
