"""News from below: a ballot of the agenda that was closed elsewhere still settles its motion; one signed is final."""

from typing import Any

from django.dispatch import receiver

from core.actors import SYSTEM
from core.realtime.sources import register
from meetings.operations import settle_agenda_ballot, show_certified
from meetings.queries.live import read_meetings
from voting.models import Ballot
from voting.signals import ballot_certified, ballot_closed

register("meeting", read_meetings)


@receiver(ballot_closed, dispatch_uid="meetings.settle_closed_ballot")
def settle_closed_ballot(sender: object, ballot: Ballot, **_more: Any) -> None:  # noqa: ARG001 - Django's signal form
    """Carry the outcome of a ballot that ended by itself or by the command line to its agenda item; once."""
    settle_agenda_ballot(ballot=ballot, by=SYSTEM)


@receiver(ballot_certified, dispatch_uid="meetings.show_certified_ballot")
def show_certified_ballot(sender: object, ballot: Ballot, **_more: Any) -> None:  # noqa: ARG001 - Django's signal form
    """Take the mark of a preliminary result off the screens of the meeting."""
    show_certified(ballot=ballot)
