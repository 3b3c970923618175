"""A crowd of requests: some are worked on, the others wait, and too many are sent away."""

import asyncio
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from config import turns

Work = dict[int, asyncio.Event]


def _door(monkeypatch: pytest.MonkeyPatch, *, at_once: int, waiting: int) -> tuple[Any, list[int], Work]:
    """Return the middleware, the requests being worked on, and what lets each of them end."""
    monkeypatch.setattr(turns, "AT_ONCE", at_once)
    monkeypatch.setattr(turns, "WAITING", waiting)
    begun: list[int] = []
    ends: Work = {}

    async def work(request: HttpRequest) -> HttpResponse:
        begun.append(number := int(request.META["number"]))
        await ends.setdefault(number, asyncio.Event()).wait()
        return HttpResponse(str(number))

    return turns.in_turn(work), begun, ends


def _request(number: int) -> HttpRequest:
    request = HttpRequest()
    request.META["number"] = number
    return request


async def _settled() -> None:
    for _turn in range(20):
        await asyncio.sleep(0)


def test_the_others_wait_their_turn_and_too_many_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crowd() -> None:
        door, begun, ends = _door(monkeypatch, at_once=2, waiting=2)
        asked = [asyncio.ensure_future(door(_request(number))) for number in range(5)]
        await _settled()
        assert begun == [0, 1]
        assert (asked[4].result().status_code, asked[4].result()["Retry-After"]) == (503, "5")

        ends[1].set()
        await _settled()
        assert begun == [0, 1, 2]
        for number in (0, 2):
            ends[number].set()
        await _settled()
        ends[3].set()
        assert [(await one).content for one in asked[:4]] == [b"0", b"1", b"2", b"3"]

    asyncio.run(crowd())


def test_hanging_up_frees_no_turn_before_the_work_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crowd() -> None:
        door, begun, ends = _door(monkeypatch, at_once=1, waiting=9)
        first, second, third = [asyncio.ensure_future(door(_request(number))) for number in range(3)]
        await _settled()
        first.cancel()
        second.cancel()  # it only waits: nothing of it is worked on, and its place is free
        await _settled()
        assert (begun, first.cancelled(), second.cancelled()) == ([0], True, True)

        ends[0].set()
        await _settled()
        assert begun == [0, 2]
        ends[2].set()
        assert (await third).content == b"2"

    asyncio.run(crowd())


def test_the_server_goes_through_it(settings: Any) -> None:
    assert settings.MIDDLEWARE[0] == "config.turns.in_turn"
