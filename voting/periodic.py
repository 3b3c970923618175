"""What time asks of ballots: open the planned ones, close those whose time is up."""

from core import clock
from core.actors import SYSTEM
from core.errors import Refused
from core.periodic import periodic
from voting.models import Ballot, Phase
from voting.operations import close_due_ballots, open_ballot
from voting.operations.printing import resume_printing


@periodic(seconds=5)
def open_planned_ballots() -> None:
    """Open draft ballots whose planned time has come; one that cannot open (its end is past) stays a draft."""
    now = clock.now()
    for ballot in (
        Ballot.objects.filter(phase=Phase.DRAFT, opens_at__lte=now).exclude(closes_at__lte=now).order_by("pk")
    ):
        try:
            open_ballot(ballot, by=SYSTEM, now=now)
        except Refused:
            continue


@periodic(seconds=5)
def close_ended_ballots() -> None:
    """Close open ballots whose planned end has passed."""
    close_due_ballots(by=SYSTEM)


@periodic(seconds=30)
def finish_printing() -> None:
    """Take up papers that nobody set: the worker was away, or ended half-way."""
    resume_printing()
