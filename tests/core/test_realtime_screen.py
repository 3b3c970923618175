"""A screen writes at once, keeps the newest when it cannot, never goes back, and is cut off when it stays slow."""

import asyncio
import itertools
from typing import Any

import pytest

from core.realtime import screen as screen_module
from core.realtime.screen import CLOSE_SLOW, Screen


class Phone:
    """The far end of a socket: it takes messages only while it reads."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.closed = False

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        if self.closed:
            raise OSError
        self.got.append(message["text"])


class CutOff:
    def __init__(self) -> None:
        self.codes: list[int] = []
        self.happened = asyncio.Event()

    def __call__(self, code: int) -> None:
        self.codes.append(code)
        self.happened.set()


async def shown(phone: Phone, cut: CutOff | None = None, version: int = 1) -> Screen:
    screen = Screen(phone.send, cut or CutOff())
    await screen.show("t.1", version, f"state{version}")
    return screen


async def until_idle() -> None:
    for _turn in range(20):
        await asyncio.sleep(0)


async def test_news_is_written_without_a_task() -> None:
    phone = Phone()
    screen = await shown(phone)

    screen.offer("t.1", "tally", 2, "two")

    assert phone.got == ["state1", "two"]


async def test_a_slow_phone_gets_only_the_newest_of_each_key() -> None:
    phone = Phone()
    screen = await shown(phone)
    phone.reads.clear()

    for version in range(2, 50):
        screen.offer("t.1", "tally", version, f"tally{version}")
    screen.offer("t.1", "phase", 50, "phase50")
    phone.reads.set()
    await until_idle()

    assert phone.got == ["state1", "tally2", "tally49", "phase50"]


async def test_what_arrives_before_the_state_waits_for_it_and_older_news_is_dropped() -> None:
    phone = Phone()
    screen = Screen(phone.send, CutOff())
    screen.offer("t.1", "tally", 4, "tally4")
    screen.offer("t.1", "phase", 6, "phase6")

    await screen.show("t.1", 5, "state5")

    assert phone.got == ["state5", "phase6"]


async def test_the_version_never_goes_back_in_any_order_of_arrival() -> None:
    for order in itertools.permutations([2, 3, 4]):
        phone = Phone()
        screen = await shown(phone)
        for version in order:
            screen.offer("t.1", "tally", version, str(version))

        got = [int(text) for text in phone.got[1:]]
        assert got == sorted(set(got))
        assert got[-1] == 4


async def test_a_further_topic_starts_with_its_state_and_topics_do_not_hide_each_other() -> None:
    phone = Phone()
    screen = await shown(phone, version=9)

    screen.offer("t.2", "tally", 1, "tally1")
    screen.offer("t.2", "tally", 3, "tally3")
    screen.offer("t.2", "state", 2, "state2")
    screen.offer("t.2", "tally", 4, "tally4")

    assert phone.got == ["state9", "state2", "tally3", "tally4"]


async def test_what_a_full_state_contains_is_not_said_again() -> None:
    """News of the same version was read earlier: a speaker's clock would jump back."""
    phone = Phone()
    screen = await shown(phone, version=6)

    screen.offer("t.1", "timer", 6, "timer6")
    screen.offer("t.2", "state", 3, "other3")
    screen.offer("t.2", "timer", 3, "timer3")
    screen.offer("t.1", "timer", 7, "timer7")

    assert phone.got == ["state6", "other3", "timer7"]


async def test_what_waits_of_a_topic_no_longer_followed_is_never_sent() -> None:
    phone = Phone()
    screen = await shown(phone)
    phone.reads.clear()
    screen.offer("t.1", "tally", 2, "two")
    screen.offer("t.2", "state", 1, "other")

    screen.forget("t.2")
    phone.reads.set()
    await until_idle()
    screen.offer("t.1", "tally", 3, "three")

    assert phone.got == ["state1", "two", "three"]


async def test_a_phone_that_stays_slow_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_module, "SLOW_SECONDS", 0.01)
    phone, cut = Phone(), CutOff()
    screen = await shown(phone, cut)
    phone.reads.clear()

    screen.offer("t.1", "tally", 2, "two")
    await asyncio.wait_for(cut.happened.wait(), 5)

    assert cut.codes == [CLOSE_SLOW]
    assert screen.is_gone


async def test_a_closed_socket_takes_nothing_more_and_raises_nothing() -> None:
    phone = Phone()
    screen = await shown(phone)
    phone.closed = True

    screen.offer("t.1", "tally", 2, "two")
    screen.offer("t.1", "tally", 3, "three")

    assert screen.is_gone
    assert phone.got == ["state1"]
