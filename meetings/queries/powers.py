"""The written powers that bear on a meeting's votes beside its own: those lodged for a ballot of its agenda."""

from core import clock
from meetings.models import Meeting
from meetings.rules import ballots_here
from voting.persons import masked_pairs, powers_on

Line = tuple[str, str, str]


def powers_of_ballots(meeting: Meeting, *, masked: bool) -> list[Line]:
    """Return (title of the ballot, principal, holder) of each power for a ballot of the agenda that may be used today.

    In the order of the ballots and their rolls; `masked` as the public reads the names. One query.
    """
    found = powers_on(clock.local_date()).filter(ballot__in=ballots_here(meeting)).select_related("ballot", "principal")
    rows = list(found.order_by("ballot_id", "principal_id"))
    pairs = masked_pairs(rows) if masked else [(row.principal.name, row.holder_name) for row in rows]
    return [(row.ballot.title, *pair) for row, pair in zip(rows, pairs, strict=True)]
