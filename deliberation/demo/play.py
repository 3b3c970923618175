"""Plays the lives of the demonstration side by side, day by day, up to the present moment."""

import datetime as dt
import heapq
from collections.abc import Callable

from deliberation.demo.lives import LIVES
from deliberation.demo.town import Town, build_town
from publish.models import Notice, NoticeStatus
from publish.operations import end_due_periods
from publish.operations.publication import publish_notice

BEFORE_ANYTHING = dt.timedelta(days=200)


def play(present: dt.datetime, say: Callable[[str], object] = lambda _line: None) -> Town:
    """Build the community and let every life go as far as `present`; return the town.

    Steps are taken in the order of their moments, so numbers, ledger and periods come out as they would have. What a
    step issues is published at once; periods end when their day has passed.
    """
    say("社区、名册和任职 / people, register and offices")
    town = build_town(present - BEFORE_ANYTHING, present)
    lives = [life(town) for life in LIVES]
    queue = [(next(life), number) for number, life in enumerate(lives)]
    heapq.heapify(queue)
    day = dt.date.min
    while queue:
        moment, number = heapq.heappop(queue)
        if moment > present:
            continue
        if moment.date() != day:
            if moment.month != day.month:
                say(f"{moment:%Y年%m月}，到{present:%Y年%m月}为止 / {moment:%Y-%m} of {present:%Y-%m}")
            day = moment.date()
            end_due_periods(now=moment)
            publish_everything()
        try:
            wanted = lives[number].send(moment)
        except StopIteration:
            continue
        finally:
            publish_everything()
        heapq.heappush(queue, (max(wanted, moment), number))
    end_due_periods(now=present)
    publish_everything()
    return town


def publish_everything() -> None:
    """Publish what is in preparation, here and now: nobody waits for the background worker in a demonstration."""
    for pk in Notice.objects.filter(status=NoticeStatus.PREPARING).order_by("id").values_list("pk", flat=True):
        publish_notice(pk)
