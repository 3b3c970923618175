"""Tickets for the live socket: signed, short-lived, bound to one ballot and one voter; checked without the database."""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from django.core.signing import BadSignature, TimestampSigner

from core import clock

LIFETIME = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says. `voter_id` is None for somebody off the roll; `user_id` is the account, when there is one."""

    ballot_id: int
    voter_id: int | None
    user_id: int | None = None


@cache
def _signer() -> TimestampSigner:
    """Return the signer. Kept: making one costs as much as reading a ticket."""
    return TimestampSigner(salt="voting.tickets")


def mint(ballot_id: int, voter_id: int | None, user_id: int | None = None) -> tuple[str, dt.datetime]:
    """Return a fresh ticket and the moment it stops working."""
    return _signer().sign(f"{ballot_id}.{voter_id or ''}.{user_id or ''}"), clock.now() + LIFETIME


def read(ticket: str) -> Ticket | None:
    """Return what `ticket` says, None when it is forged, broken or too old."""
    try:
        ballot_id, voter_id, user_id = _signer().unsign(ticket, max_age=LIFETIME).split(".")
    except BadSignature:
        return None
    return Ticket(int(ballot_id), int(voter_id) if voter_id else None, int(user_id) if user_id else None)
