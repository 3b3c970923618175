"""Who is behind a socket or a request: the voter of a ballot, found from a session's printed code or its account."""

from dataclasses import dataclass, field, replace
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user

from voting.models import Voter

SESSION_KEY = "voters"
_KEY_DIGITS = 19  # fewer digits than the largest 64-bit key


@dataclass(frozen=True, slots=True)
class Person:
    """Who votes: an entry of the ballot's roll, a signed-in account (it may hold proxies), both, or a mere viewer.

    `session_key` is the session an open socket knows them by: when it ends, the socket votes no more.
    """

    voter_id: int | None = None
    user_id: int | None = None
    session_key: str = field(default="", compare=False, repr=False)


NOBODY = Person()


def ballot_key(text: str) -> int | None:
    """Return the database key an address names, None for anything that cannot be one."""
    if text.isascii() and text.isdecimal() and len(text) < _KEY_DIGITS:
        return int(text)
    return None


def voter_of(request: Any, ballot_id: int) -> Voter | None:
    """Return the roll entry the reader votes with on this ballot, None for a mere viewer.

    A printed voting code (kept in the session) goes before the account: it was typed for exactly this ballot.
    """
    voters = Voter.objects.filter(ballot_id=ballot_id)
    by_code = request.session.get(SESSION_KEY, {}).get(str(ballot_id))
    if by_code and (voter := voters.filter(pk=by_code).first()):
        return voter
    if request.user.is_authenticated:
        return voters.filter(user=request.user).first()
    return None


def person_of(request: Any, ballot_id: int) -> Person:
    """Return who votes on this ballot when `request` does."""
    voter = voter_of(request, ballot_id)
    return Person(voter.pk if voter else None, request.user.pk)


def person_of_session(session_key: str, ballot_id: int) -> Person:
    """Return who a session cookie stands for. Three queries; sockets with a ticket never get here."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    request = SimpleNamespace(session=session, META={})
    request.user = get_user(request)  # type: ignore[arg-type] # only the session is looked at
    person = person_of(request, ballot_id)
    return person if person == NOBODY else replace(person, session_key=session_key)
