"""News that must arrive: a signal owed by the transaction of an act, sent after its commit, at least once.

A process that dies between the commit and the signal leaves the row, and the clock delivers it then. A receiver may
therefore hear the same news twice and must not act twice. What only repaints a screen needs none of this.
"""

import datetime as dt
import logging
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.dispatch import Signal

from core import clock
from core.ledger import subject_type
from core.models import News
from core.periodic import periodic

_log = logging.getLogger(__name__)
# News younger than this is being delivered by the process that made it.
PATIENCE = dt.timedelta(seconds=60)
ATTEMPTS_LIMIT = 10
KEPT = dt.timedelta(days=30)  # what was delivered; what was not is kept until somebody saw to it
_BOUND = 500
_known: dict[str, "OwedSignal"] = {}


class OwedSignal(Signal):
    """A signal about rows, kept until every receiver has taken it. `name` is unique, and stored: it never changes."""

    def __init__(self, name: str) -> None:
        """Make the signal known to the clock by its name."""
        super().__init__()
        self.name = name
        _known[name] = self

    def owe(self, **about: models.Model) -> None:
        """Owe this signal about the named rows; it is sent when the transaction of the act has committed.

        The sender is the model of the first row. Receivers get the rows as they are then, read again.
        """
        told = {argument: [subject_type(row), row.pk] for argument, row in about.items()}
        news = News.objects.create(name=self.name, about=told)
        # The act is done: what goes wrong from here on is neither its answer nor the business of what else waits.
        # A lambda: where a partial fails Django fails too, asking for its name (5.2).
        transaction.on_commit(lambda: deliver(news.pk), robust=True)


def deliver(news_id: int) -> bool:
    """Send one owed signal; return whether every receiver took it. Costs three statements beside the receivers."""
    news = News.objects.get(pk=news_id)
    if news.delivered_at is not None:
        return True
    problems = _send(news)
    for error in problems:
        _log.error("news of %s did not arrive: %s", news.name, news.about, exc_info=error)
    news.attempts += 1
    news.problem = "；".join(f"{type(error).__name__}: {error}" for error in problems)[:500]
    news.delivered_at = None if problems else clock.now()
    news.save(update_fields=["attempts", "problem", "delivered_at"])
    return not problems


def _send(news: News) -> list[Exception]:
    """Send a signal and return what went wrong: in a receiver, or because its rows or the signal are no more."""
    try:
        signal = _known[news.name]
        rows: dict[str, Any] = {
            argument: apps.get_model(label)._default_manager.get(pk=pk)  # noqa: SLF001 - Django's documented meta interface
            for argument, (label, pk) in news.about.items()
        }
    except (LookupError, ObjectDoesNotExist) as error:
        return [error]
    answers = signal.send_robust(type(next(iter(rows.values()))), **rows)
    return [error for _receiver, error in answers if isinstance(error, Exception)]


def deliver_owed(now: dt.datetime | None = None) -> int:
    """Send what a process that died left behind; return how many were delivered. Bounded to 500 a call."""
    before = (now or clock.now()) - PATIENCE
    owed = News.objects.filter(delivered_at__isnull=True, created_at__lte=before, attempts__lt=ATTEMPTS_LIMIT)
    return sum(deliver(pk) for pk in owed.order_by("id").values_list("pk", flat=True)[:_BOUND])


def given_up() -> int:
    """Return how many news nobody tries to deliver any more: somebody must look at them in the back office."""
    return News.objects.filter(delivered_at__isnull=True, attempts__gte=ATTEMPTS_LIMIT).count()


def forget_delivered(now: dt.datetime | None = None) -> int:
    """Delete news that arrived more than 30 days ago; return how many. Bounded to 500 a call."""
    before = (now or clock.now()) - KEPT
    old = News.objects.filter(delivered_at__lt=before).order_by("id").values_list("pk", flat=True)[:_BOUND]
    return News.objects.filter(pk__in=list(old)).delete()[0]


@periodic(seconds=3600)
def forget_delivered_news() -> int:
    """Delete what arrived long ago."""
    return forget_delivered()


@periodic(seconds=60)
def deliver_owed_news() -> int:
    """Send the signals that a process that died still owed."""
    return deliver_owed()
