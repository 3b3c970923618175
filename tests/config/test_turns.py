"""A crowd of requests: some are worked on, the others wait, and too many are sent away."""

import asyncio
from typing import Any

import pytest

from config import asgi, turns

WHOLE = {"type": "http.request", "body": b"", "more_body": False}
PART = {"type": "http.request", "body": b"", "more_body": True}
START = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b""}


class Crowd:
    """A door, the requests that were begun behind it, and what each of them was told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, at_once: int, waiting: int = 9) -> None:
        monkeypatch.setattr(turns, "AT_ONCE", at_once)
        monkeypatch.setattr(turns, "WAITING", waiting)
        self.door = turns.InTurn(self.work)
        self.begun: list[int] = []
        self.ends: dict[int, asyncio.Event] = {}
        self.told: dict[int, list[int]] = {}
        self.taken = asyncio.Event()

    async def work(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Work on a request as Django does."""
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        if message["type"] == "http.disconnect":
            return
        self.begun.append(scope["number"])
        await self.ends.setdefault(scope["number"], asyncio.Event()).wait()
        await send(START)
        await send(END)

    def ask(self, number: int, *, slow: bool = False, lazy: bool = False) -> asyncio.Task[None]:
        """Send a request: a `slow` one never ends its body, a `lazy` reader does not take its answer."""

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            return PART if slow else WHOLE

        async def send(message: dict[str, Any]) -> None:
            self.told.setdefault(number, []).append(message.get("status", 0))
            if lazy and message is END:
                await self.taken.wait()

        return asyncio.create_task(self.door({"number": number}, receive, send))

    async def settle(self, *ended: int) -> None:
        """End the work on some, and let all go on that can."""
        for number in ended:
            self.ends[number].set()
        for _turn in range(20):
            await asyncio.sleep(0)


def test_the_others_wait_their_turn_and_too_many_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crowd() -> None:
        door = Crowd(monkeypatch, at_once=2, waiting=2)
        asked = [door.ask(number) for number in range(5)]
        await door.settle()
        assert (door.begun, door.told) == ([0, 1], {4: [503, 0]})

        await door.settle(1)
        assert door.begun == [0, 1, 2]
        await door.settle(0, 2)
        await door.settle(3)
        await asyncio.gather(*asked)
        assert [door.told[number] for number in range(4)] == [[200, 0]] * 4

    asyncio.run(crowd())


def test_who_sends_or_takes_slowly_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crowd() -> None:
        door = Crowd(monkeypatch, at_once=1)
        slow, lazy, other = door.ask(0, slow=True), door.ask(1, lazy=True), door.ask(2)
        await door.settle()
        await door.settle(1)
        await door.settle(2)
        assert (door.begun, other.done(), lazy.done()) == ([1, 2], True, False)
        slow.cancel()
        door.taken.set()
        await lazy

    asyncio.run(crowd())


def test_hanging_up_frees_a_turn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crowd() -> None:
        door = Crowd(monkeypatch, at_once=1)
        asked = [door.ask(number) for number in range(4)]
        await door.settle()
        asked[0].cancel()  # in work
        asked[1].cancel()  # waiting
        await door.settle()
        assert door.begun == [0, 2]
        await door.settle(2)
        assert door.begun == [0, 2, 3]
        await door.settle(3)
        assert asked[3].done()

    asyncio.run(crowd())


def test_the_pages_stand_behind_it() -> None:
    assert isinstance(asgi.application.application_mapping["http"], turns.InTurn)
