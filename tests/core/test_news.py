"""News that is owed: kept until every receiver took it, whatever dies between the commit and the signal."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, TestCase

from core import clock, news
from core.models import CalendarYear, News
from core.news import ATTEMPTS_LIMIT, KEPT, PATIENCE, OwedSignal, deliver_owed, forget_delivered

pytestmark = [pytest.mark.django_db, pytest.mark.both_profiles]


@pytest.fixture
def signal() -> Iterator[OwedSignal]:
    yield OwedSignal("year_told")
    del news._known["year_told"]


def _year() -> CalendarYear:
    return CalendarYear.objects.create(year=2026, source="国办发明电〔2025〕7号")


def _later() -> dt.datetime:
    return clock.now() + PATIENCE + dt.timedelta(seconds=1)


def test_news_goes_out_once_after_the_commit(signal: OwedSignal) -> None:
    heard: list[tuple[Any, str]] = []

    def hear(sender: Any, year: CalendarYear, **_more: Any) -> None:
        heard.append((sender, str(year)))

    signal.connect(hear)
    with TestCase.captureOnCommitCallbacks(execute=True):
        signal.owe(year=_year())
        assert heard == []

    assert heard == [(CalendarYear, "2026")]
    assert deliver_owed(_later()) == 0
    assert News.objects.get().about == {"year": ["core.calendaryear", 2026]}


@pytest.mark.django_db(transaction=True)
def test_news_that_cannot_be_read_after_the_commit_keeps_nothing_else_from_happening(signal: OwedSignal) -> None:
    went_on: list[bool] = []

    with transaction.atomic():
        signal.owe(year=_year())
        News.objects.all().delete()
        transaction.on_commit(lambda: went_on.append(True))

    assert went_on == [True]


def test_an_act_that_is_rolled_back_owes_nothing(signal: OwedSignal) -> None:
    with transaction.atomic():
        signal.owe(year=_year())
        transaction.set_rollback(True)

    assert News.objects.count() == 0


def test_what_a_process_that_died_left_is_delivered_by_the_clock(signal: OwedSignal) -> None:
    heard: list[int] = []

    def hear(year: CalendarYear, **_more: Any) -> None:
        heard.append(year.year)

    signal.connect(hear)
    with TestCase.captureOnCommitCallbacks(execute=False):  # the process dies right after its commit
        signal.owe(year=_year())

    assert deliver_owed() == 0  # too young: whoever made it may still be at it
    assert [deliver_owed(_later()), deliver_owed(_later())] == [1, 0]
    assert heard == [2026]


def test_a_receiver_that_fails_is_asked_again_and_does_not_keep_it_from_the_others(signal: OwedSignal) -> None:
    heard: list[str] = []

    def fail(**_more: Any) -> None:
        heard.append("fails")
        if len(heard) == 1:
            raise RuntimeError("not yet")

    def hear(**_more: Any) -> None:
        heard.append("hears")

    signal.connect(fail)
    signal.connect(hear)
    with TestCase.captureOnCommitCallbacks(execute=True):
        signal.owe(year=_year())
    owed = News.objects.get()

    assert (owed.delivered_at, owed.attempts, owed.problem) == (None, 1, "RuntimeError: not yet")
    assert deliver_owed(_later()) == 1
    assert heard == ["fails", "hears", "fails", "hears"]
    assert News.objects.get().problem == ""


def test_after_ten_failures_it_is_left_for_somebody_to_look_at(signal: OwedSignal) -> None:
    def fail(**_more: Any) -> None:
        raise RuntimeError("never")

    signal.connect(fail)
    with TestCase.captureOnCommitCallbacks(execute=True):
        signal.owe(year=_year())
    for _turn in range(ATTEMPTS_LIMIT + 1):
        deliver_owed(_later())

    assert (News.objects.get().attempts, News.objects.get().problem) == (10, "RuntimeError: never")


def test_news_that_cannot_be_told_holds_up_no_other(signal: OwedSignal) -> None:
    heard: list[int] = []

    def hear(year: CalendarYear, **_more: Any) -> None:
        heard.append(year.year)

    signal.connect(hear)
    # Nobody sends either any more: the row is gone, the signal was renamed.
    News.objects.create(name="year_told", about={"year": ["core.calendaryear", 1999]})
    News.objects.create(name="unheard_of", about={"year": ["core.calendaryear", _year().pk]})
    News.objects.create(name="year_told", about={"year": ["core.calendaryear", 2026]})

    assert deliver_owed(_later()) == 1
    assert heard == [2026]
    gone, unknown, _told = News.objects.order_by("id")
    assert (gone.attempts, gone.delivered_at) == (1, None)
    assert gone.problem.startswith("DoesNotExist")
    assert (unknown.attempts, unknown.problem) == (1, "KeyError: 'unheard_of'")


@pytest.mark.parametrize(("attempts", "status", "said"), [(9, "ok", "ok"), (10, "degraded", "stuck")])
def test_readyz_tells_of_news_that_nobody_delivers_any_more(attempts: int, status: str, said: str) -> None:
    News.objects.create(name="year_told", about={}, attempts=attempts)

    answer = Client().get("/readyz")

    assert answer.status_code == 200  # it serves
    assert (answer.json()["status"], answer.json()["news"]) == (status, said)


def test_news_that_arrived_is_deleted_after_thirty_days_and_what_did_not_is_kept() -> None:
    moment = clock.now()
    News.objects.create(name="old", about={}, delivered_at=moment - KEPT - dt.timedelta(seconds=1))
    News.objects.create(name="young", about={}, delivered_at=moment - KEPT)
    News.objects.create(name="stuck", about={}, attempts=ATTEMPTS_LIMIT)

    assert forget_delivered(moment) == 1
    assert list(News.objects.values_list("name", flat=True)) == ["young", "stuck"]
