"""Tickets for the hall's screen: signed, bound to one meeting, for watching only; a display has no account.

A day long: the display reconnects by itself for a whole evening, also after the network was away.
"""

import datetime as dt

from django.core.signing import BadSignature, TimestampSigner

LIFETIME = dt.timedelta(hours=24)


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="meetings.tickets")


def mint(meeting_id: int) -> str:
    """Return a fresh ticket for watching one meeting."""
    return _signer().sign(str(meeting_id))


def is_for(ticket: str, meeting_id: int) -> bool:
    """Return whether `ticket` opens this meeting's stream."""
    try:
        return _signer().unsign(ticket, max_age=LIFETIME) == str(meeting_id)
    except BadSignature:
        return False
