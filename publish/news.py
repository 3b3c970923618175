"""Delivers the signals of publish after the commit, at least once."""

import datetime as dt
import logging
from functools import partial

from django.db import transaction
from django.dispatch import Signal

from core import clock
from publish import signals
from publish.models import News, Notice, Objection

_log = logging.getLogger(__name__)
_SIGNALS: dict[str, Signal] = {
    "notice_posted": signals.notice_posted,
    "notice_period_ended": signals.notice_period_ended,
    "notice_withdrawn": signals.notice_withdrawn,
    "notice_failed": signals.notice_failed,
    "objection_upheld": signals.objection_upheld,
}
# News younger than this is being delivered by the process that made it.
PATIENCE = dt.timedelta(seconds=60)
ATTEMPTS_LIMIT = 10


def announce(name: str, notice: Notice, objection: Objection | None = None) -> None:
    """Owe the signal `name`; it is sent when the transaction of the act has committed."""
    news = News.objects.create(name=name, notice=notice, objection=objection)
    transaction.on_commit(partial(deliver, news.pk))


def deliver(news_id: int) -> bool:
    """Send one owed signal; return whether every receiver took it. Costs one query more than the receivers do."""
    news = News.objects.select_related("notice__issuer", "objection").get(pk=news_id)
    if news.delivered_at is not None:
        return True
    objection = news.objection
    if objection is not None:
        answers = _SIGNALS[news.name].send_robust(Objection, objection=objection, notice=news.notice)
    else:
        answers = _SIGNALS[news.name].send_robust(Notice, notice=news.notice)
    problems = [error for _receiver, error in answers if isinstance(error, Exception)]
    for error in problems:
        _log.error("a receiver of %s about notice %s failed", news.name, news.notice_id, exc_info=error)
    news.attempts += 1
    news.problem = "；".join(f"{type(error).__name__}: {error}" for error in problems)[:500]
    news.delivered_at = None if problems else clock.now()
    news.save(update_fields=["attempts", "problem", "delivered_at"])
    return not problems


def deliver_owed(now: dt.datetime | None = None) -> int:
    """Send what a process that died left behind; return how many were delivered. Bounded to 500 a call."""
    before = (now or clock.now()) - PATIENCE
    owed = News.objects.filter(delivered_at__isnull=True, created_at__lte=before, attempts__lt=ATTEMPTS_LIMIT)
    return sum(deliver(pk) for pk in owed.order_by("id").values_list("pk", flat=True)[:500])
