"""The hub: five messages in any second, the last one always, in order, to everybody."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import pairwise
from math import inf
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.realtime import announce, hub, sources
from core.realtime.hub import Hub, _Topic
from core.realtime.screen import Screen
from core.realtime.sources import Update


class Phone:
    """Keeps what it got, with the loop time."""

    def __init__(self) -> None:
        self.got: list[tuple[float, dict[str, Any]]] = []
        self.changed = asyncio.Event()

    async def send(self, message: dict[str, Any]) -> None:
        self.got.append((asyncio.get_running_loop().time(), msgspec.json.decode(message["text"])))
        self.changed.set()

    def versions(self) -> list[int]:
        return [message["version"] for _at, message in self.got]

    async def until(self, version: int) -> None:
        async with asyncio.timeout(10):
            while not self.got or self.got[-1][1]["version"] < version:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def here() -> AsyncIterator[Hub]:
    here = hub.current()
    yield here
    await here.stop()


@pytest.fixture
def readers() -> Iterator[dict[str, sources.Reader]]:
    before = dict(sources._readers)
    yield sources._readers
    sources._readers.clear()
    sources._readers.update(before)


async def joined(here: Hub, topic: str = "thing.1") -> Phone:
    phone = Phone()
    screen = Screen(phone.send, lambda _code: None)
    here.join(topic, screen)
    await screen.show(topic, 0, '{"version":0}')
    return phone


def news(version: int) -> dict[str, Any]:
    return {"version": version}


async def test_a_lone_change_goes_out_at_once_to_everybody(here: Hub) -> None:
    phones = [await joined(here) for _phone in range(300)]

    here.push("thing.1", news(1), key="tally", version=1)
    for phone in phones:
        await phone.until(1)

    assert [phone.versions() for phone in phones] == [[0, 1]] * 300


async def test_a_burst_is_at_most_five_messages_in_any_second_and_ends_with_the_last(here: Hub) -> None:
    phone = await joined(here)
    loop = asyncio.get_running_loop()
    end, version = loop.time() + 1.5, 0

    while loop.time() < end:
        version += 1
        here.push("thing.1", news(version), key="tally", version=version)
        await asyncio.sleep(0)
    await phone.until(version)

    times = [at for at, message in phone.got if message["version"]]
    assert phone.versions() == sorted(set(phone.versions()))
    assert max(sum(at <= other < at + 1 for other in times) for at in times) <= 5


def sweeps_of(pushes: Iterable[float], lasting: Iterable[float] = ()) -> list[tuple[float, float]]:
    """Return when a topic is swept that is pushed at these seconds, from when to when, with a clock of our own.

    The sweeps last so many seconds in turn, none once those are used up.
    """
    topic, swept, lengths = _Topic("thing.1"), [], iter(lasting)
    for push, following in pairwise([*pushes, inf]):
        topic.touch(push)
        while topic.is_due and (start := max(topic.due_at(), topic.swept_at, push)) < following:
            topic.start(start)
            swept.append((start, start + next(lengths, 0)))
            topic.end(swept[-1][1])
            if topic.swept_at > following:
                break
    return swept


def test_a_steady_stream_is_told_four_times_a_second_and_its_end_at_once() -> None:
    stream = [10 + number / 100 for number in range(100)]

    assert [start for start, _end in sweeps_of(stream)] == pytest.approx([10, 10.26, 10.52, 10.78, 11.02])


def test_votes_a_moment_apart_do_not_use_up_what_is_kept_for_the_last() -> None:
    stream = [10 + number / 20 for number in range(15)]  # the last at 10.7, two silences of 0.05 s before it is told

    assert [start for start, _end in sweeps_of(stream)] == pytest.approx([10, 10.26, 10.52, 10.78])


@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=200).map(sorted),
    st.lists(st.floats(0, 1.5), max_size=8),
    st.floats(0, 1),
)
def test_whenever_news_comes_it_is_told_soon_and_no_screen_is_told_six_times_in_a_second(
    pushes: list[float], lasting: list[float], place: float
) -> None:
    """`place` is where in every sweep a screen's turn comes, however long each sweep takes."""
    swept = sweeps_of([10 + push for push in pushes], lasting)
    told = [start + place * (end - start) for start, end in swept]

    assert max(sum(at <= other < at + 1 for other in told) for at in told) <= 5
    assert swept[-1][0] >= 10 + pushes[-1]
    for push in pushes:
        waited = min(start for start, _end in swept if start >= 10 + push) - (10 + push)
        assert waited <= hub.PACE + max([*lasting, 0]) + 1e-6


async def test_older_news_and_repeated_news_are_dropped(here: Hub) -> None:
    phone = await joined(here)

    here.push("thing.1", news(5), key="tally", version=5)
    await phone.until(5)
    here.push("thing.1", news(4), key="tally", version=4)
    here.push("thing.1", news(5), key="tally", version=5)
    here.push("thing.1", news(6), key="tally", version=6)
    await phone.until(6)

    assert phone.versions() == [0, 5, 6]


async def test_announce_from_a_thread_reaches_the_screens(here: Hub) -> None:
    phone = await joined(here)

    await asyncio.to_thread(announce, "thing.1", "tally", 3, news(3))
    await phone.until(3)

    assert phone.versions() == [0, 3]


async def test_a_screen_that_left_gets_nothing(here: Hub) -> None:
    phone, other = Phone(), await joined(here)
    screen = Screen(phone.send, lambda _code: None)
    here.join("thing.1", screen)
    await screen.show("thing.1", 0, '{"version":0}')

    here.leave(screen)
    here.push("thing.1", news(1), key="tally", version=1)
    await other.until(1)

    assert phone.versions() == [0]
    assert screen.topics == set()


async def test_an_empty_topic_is_forgotten(here: Hub) -> None:
    screen = Screen(Phone().send, lambda _code: None)
    here.join("thing.1", screen)

    here.leave(screen)

    assert here.screen_count() == 0
    assert here._topics == {}


async def test_what_nobody_told_is_found_in_the_database(
    here: Hub, readers: dict[str, sources.Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT", 0.01)
    asked: list[dict[str, int]] = []

    def reader(known: Mapping[str, int]) -> list[Update]:
        asked.append(dict(known))
        if len(asked) == 1:
            raise OSError  # the database was away: the next beat asks again
        return [Update("thing.1", "tally", 7, news(7))]

    sources.register("thing", reader)
    phone = await joined(here)
    await phone.until(7)

    assert phone.versions() == [0, 7]
    assert asked[:2] == [{"thing.1": -1}, {"thing.1": -1}]


async def test_news_overtaken_by_other_news_is_told_by_the_full_state(
    here: Hub, readers: dict[str, sources.Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two acts are told by two threads: the later one may come first, and screens never go back."""
    asked: list[int] = []
    is_quiet = asyncio.Event()
    loop = asyncio.get_running_loop()

    def reader(known: Mapping[str, int]) -> list[Update]:
        asked.append(known["thing.1"])
        if asked[-3:] == [-1, 6, 6]:
            loop.call_soon_threadsafe(is_quiet.set)
        return [Update("thing.1", "state", 6, {"version": 6, "speakers": 1})] if known["thing.1"] < 6 else []

    readers["thing"] = reader
    phone = await joined(here)
    here.push("thing.1", {"version": 6}, key="attendance", version=6)
    await phone.until(6)
    monkeypatch.setattr(hub, "HEARTBEAT", 0.01)

    here.push("thing.1", {"version": 5, "speakers": 1}, key="speakers", version=5)
    async with asyncio.timeout(10):
        while "speakers" not in phone.got[-1][1]:
            phone.changed.clear()
            await phone.changed.wait()
        await is_quiet.wait()

    assert phone.versions() == [0, 6, 6]


async def test_a_line_that_broke_does_not_keep_the_news_from_the_others(here: Hub) -> None:
    def broken(_frame: bytes) -> bool:
        raise RuntimeError("unable to perform operation on a closed transport")

    gone = Screen(Phone().send, lambda _code: None, broken)
    here.join("thing.1", gone)
    await gone.show("thing.1", 0, '{"version":0}')
    phone = await joined(here)

    here.push("thing.1", news(1), key="tally", version=1)
    await phone.until(1)

    assert phone.versions() == [0, 1]
    assert gone.is_gone


async def test_news_that_cannot_be_told_keeps_nothing_from_other_topics(here: Hub) -> None:
    silent, phone = await joined(here, "thing.1"), await joined(here, "thing.2")

    here.push("thing.1", {"version": object()}, key="tally", version=1)
    here.push("thing.2", news(1), key="tally", version=1)
    await phone.until(1)
    here.push("thing.1", news(2), key="tally", version=2)
    await silent.until(2)

    assert phone.versions() == [0, 1]
    assert silent.versions() == [0, 2]


async def test_what_a_later_screen_read_is_still_news_to_the_first(
    here: Hub, readers: dict[str, sources.Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT", 0.01)
    readers["thing"] = lambda known: [
        Update(topic, "tally", 7, news(7)) for topic, version in known.items() if version < 7
    ]
    here.push("thing.1", news(6), key="tally", version=6)
    phone = await joined(here)
    here.knows("thing.1", 6)
    await joined(here)

    here.knows("thing.1", 7)  # another process told nobody; the second screen has just read it

    await phone.until(7)
    assert phone.versions()[-1] == 7


async def test_news_gives_way_while_somebody_waits_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(round(seconds, 6))

    clock = SimpleNamespace(time=lambda: 100.0)
    here = Hub(clock)  # type: ignore[arg-type] # its clock is all that is asked for
    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(hub, "is_anybody_waiting", lambda: False)
    await here._rest(0.03)  # within what may be spent at once
    await here._rest(0.0021)
    monkeypatch.setattr(hub, "is_anybody_waiting", lambda: True)
    await here._rest(0)

    assert pauses == [0, 0.003, 0.014]
    assert here.seconds_spent == 0.0321
