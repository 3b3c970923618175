"""Telling people things. One row each now; other channels read the same rows."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet

from core import clock
from core.actors import Actor
from core.models import Notification

_LONGEST = 300


def tell(users: Iterable[Actor], text: str, url: str = "") -> int:
    """Tell each of `users` once, in the transaction of the caller, and return how many were told.

    `url` is a path of this site ("/..."); anything else is a programming error and raises ValueError.
    Text over 300 characters is cut with an ellipsis. Runs one statement whatever the number of users.
    """
    if url and (not url.startswith("/") or url.startswith("//")):
        message = f"a notification links to a path of this site, not to {url!r}"
        raise ValueError(message)
    text = _cut(text)
    ids = dict.fromkeys(user.pk for user in users if user.pk is not None)
    Notification.objects.bulk_create(
        (Notification(user_id=pk, text=text, url=url) for pk in ids),
        batch_size=500,
    )
    return len(ids)


def tell_once(users: Iterable[Actor], text: str, url: str = "", *, since: dt.datetime | None = None) -> int:
    """Tell those of `users` who were not told the very same (since `since`, or ever); return how many. Two queries."""
    people = {user.pk: user for user in users if user.pk is not None}
    known = Notification.objects.filter(user__in=people, url=url, text=_cut(text))
    if since is not None:
        known = known.filter(created_at__gte=since)
    knowing = set(known.values_list("user_id", flat=True))
    return tell([user for pk, user in people.items() if pk not in knowing], text, url)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def unread_of(user: Actor) -> QuerySet[Notification]:
    """Return what `user` has not read yet, newest first. Lazy; bound it before showing."""
    return Notification.objects.filter(user__pk=user.pk or 0, read_at__isnull=True)


def mark_read(user: Actor, *, ids: Iterable[int] | None = None) -> int:
    """Mark `user`'s notifications (all, or those of `ids`) as read and return how many were new."""
    waiting = unread_of(user)
    if ids is not None:
        waiting = waiting.filter(pk__in=list(ids))
    return waiting.update(read_at=clock.now())
