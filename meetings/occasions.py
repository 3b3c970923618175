"""Which meeting a ballot is held at (`voting.occasions.register_occasion`)."""

from django.db.models import Q
from django.urls import reverse

from meetings.models import AgendaItem
from voting.models import Ballot
from voting.occasions import Occasion


def meeting_of(ballot: Ballot) -> Occasion | None:
    """Return the latest meeting on whose agenda the ballot stands or stood. One query."""
    item = (
        AgendaItem.objects.filter(Q(ballot=ballot) | Q(ballots__ballot=ballot))
        .select_related("meeting")
        .order_by("-meeting_id")
        .first()
    )
    if item is None:
        return None
    return Occasion(reverse("meetings:meeting", args=[item.meeting_id]), item.meeting.title)
