"""The sign-in code on the poster: it changes every half minute, so that a photo sent home is soon worth nothing.

A code is the HMAC of the meeting's id and the window; the present and the previous window are accepted, so a phone
has 30 to 60 seconds. Pure arithmetic around Django's keyed hash.
"""

import datetime as dt
from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

WINDOW_SECONDS: Final = 30
_LENGTH: Final = 12
# How long a scanned code stays good for somebody who must first sign in to their account.
PATIENCE: Final = dt.timedelta(minutes=5)


def window_of(moment: dt.datetime) -> int:
    """Return the number of the half-minute `moment` falls into."""
    return int(moment.timestamp()) // WINDOW_SECONDS


def seconds_left(moment: dt.datetime) -> int:
    """Return how long the present code is still on the poster, 1 to 30 seconds."""
    return WINDOW_SECONDS - int(moment.timestamp()) % WINDOW_SECONDS


def code_for(meeting_id: int, moment: dt.datetime) -> str:
    """Return the code of the poster at `moment`: 12 hex digits."""
    return _code(meeting_id, window_of(moment))


def is_current(meeting_id: int, code: str, moment: dt.datetime) -> bool:
    """Return whether `code` was on the poster in this window or the one before."""
    window = window_of(moment)
    matches = [constant_time_compare(code, _code(meeting_id, w)) for w in (window, window - 1)]
    return any(matches)


def _code(meeting_id: int, window: int) -> str:
    mac = salted_hmac("wuyi.meetings.signin", f"{meeting_id}:{window}", algorithm="sha256")
    return mac.hexdigest()[:_LENGTH]
