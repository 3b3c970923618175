"""One object per process that writes news to every local socket: serialised once, coalesced, newest wins.

A topic is swept four times a second while news keeps coming. A fifth sweep is kept for the moment in which it stops, so
a final state goes out soon, and there are at most five in any second. Sweeps hand the loop back every few milliseconds
and spend 70 % of one core at the most, 15 % while somebody waits for an answer: answers go before news to everybody.
Other processes are told at once, before the sweep: their last sweep is then the last for our news too.
"""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from time import thread_time
from typing import Any

import msgspec
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connections

from core.realtime import sources
from core.realtime.batcher import is_anybody_waiting
from core.realtime.bus import Bus, carries_between_processes, publish
from core.realtime.screen import Screen, frame_of
from core.realtime.sources import Update
from core.realtime.topics import parts

log = logging.getLogger(__name__)

PACE = 0.26  # seconds from a sweep to the next while news keeps coming: never five in a second
SPARE = 1.02  # seconds from a sweep ahead of that pace to the next such: a second, and what timers are off by
QUIET = 0.03  # seconds without news, at the least, after which the last state goes out
EARLY = 0.001  # seconds: what a timer may ring early
TELL = 0.005  # seconds between two messages to the other processes
CHUNK = 0.002  # seconds of writing before the loop gets its turn
SHARE = 0.7  # of one core, for writing news
RUSH_SHARE = 0.15  # the same while votes or opening screens wait for their answer
CREDIT = 0.03  # seconds of writing that may be spent at once after a rest
HEARTBEAT = 0.5 if settings.EMBEDDED else 2.0  # seconds between looks at the database


class _Topic:
    """What the hub knows of one topic."""

    __slots__ = (
        "is_behind",
        "is_due",
        "is_spare",
        "latest",
        "lull",
        "name",
        "screens",
        "spare_at",
        "swept_at",
        "teller",
        "texts",
        "timer",
        "told",
        "touched",
        "unpublished",
        "version",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.screens: dict[Screen, None] = {}
        self.latest: dict[str, Update] = {}
        self.texts: dict[str, tuple[str, bytes]] = {}
        self.unpublished: set[str] = set()
        self.version = -1  # of the newest state that every screen was told, -1 while nobody was
        self.told = -1  # of the newest news that went out
        self.is_behind = False  # news came after newer news went out: screens take it from a full state only
        self.touched = 0.0  # loop time of the newest news
        self.lull = QUIET  # seconds of silence that mean the news has stopped: twice the longest of late
        self.swept_at = -PACE  # loop time of the end of the last sweep, when its last screen was told
        self.is_spare = False  # the last sweep went ahead of the pace
        self.spare_at = 0.0  # loop time from which a sweep may again go ahead of the pace
        self.timer: asyncio.TimerHandle | None = None
        self.teller: asyncio.Task[None] | None = None
        self.is_due = False  # something is newer than the last sweep

    def touch(self, now: float) -> None:
        """Note that news came."""
        silence = now - self.touched
        self.lull = QUIET if silence > PACE else min(PACE, max(QUIET, 2 * silence, 0.9 * self.lull))
        self.touched = now
        self.is_due = True

    def due_at(self) -> float:
        """Return the loop time of the next sweep."""
        return min(self.swept_at + PACE, max(self.touched + self.lull, self.spare_at))

    def start(self, now: float) -> None:
        """Note that a sweep starts."""
        self.is_spare = now + EARLY < self.swept_at + PACE
        self.is_due = False

    def end(self, now: float) -> None:
        """Note that it ended."""
        self.swept_at = now
        if self.is_spare:
            self.spare_at = now + SPARE

    def news(self) -> list[tuple[int, str, str, bytes]]:
        """Return (version, key, text, frame) of all that is known, oldest first. Each message is serialised once."""
        for key, update in self.latest.items():
            if key not in self.texts:
                text = msgspec.json.encode(update.message).decode()
                self.texts[key] = (text, frame_of(text))
            self.told = max(self.told, update.version)
        return sorted((update.version, key, *self.texts[key]) for key, update in self.latest.items())


class Hub:
    """The hub of one event loop; `current` returns the one of the running loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.deliveries = 0
        self.seconds_spent = 0.0
        self._topics: dict[str, _Topic] = {}
        self._queue: deque[_Topic] = deque()
        self._sweeper: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._credit, self._credited_at = CREDIT, loop.time()
        self._bus = Bus(self._heard) if carries_between_processes() else None
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="hub-reader")

    # --- screens ---

    def join(self, topic: str, screen: Screen) -> None:
        """Let `screen` follow `topic`. Join first, read the state after: nothing between the two is lost."""
        known = self._topics.get(topic) or self._topics.setdefault(topic, _Topic(topic))
        known.screens[screen] = None
        screen.topics.add(topic)
        if self._keeper is None or self._keeper.done():
            self._keeper = self.loop.create_task(self._keep())
        if len(known.screens) == 1:
            self._wake.set()

    def leave(self, screen: Screen, topic: str | None = None) -> None:
        """Let `screen` follow `topic` no more, or nothing any more."""
        for name in [topic] if topic else list(screen.topics):
            if known := self._topics.get(name):
                known.screens.pop(screen, None)
                if not known.screens and not known.is_due:
                    del self._topics[name]
            screen.forget(name)

    def knows(self, topic: str, version: int) -> None:
        """Remember that the first screen was shown `version`: the heartbeat asks for newer only.

        What a later screen read may be news to the others, of which nobody told us: the heartbeat is to find it.
        """
        if (known := self._topics.get(topic)) and known.version < 0:
            known.version = version

    def screen_count(self) -> int:
        """Return how many (socket, topic) pairs are open here."""
        return sum(len(topic.screens) for topic in self._topics.values())

    # --- news ---

    def push(self, topic: str, message: Mapping[str, Any], *, key: str, version: int, is_ours: bool = True) -> None:
        """Take news in, from the loop's own thread. `is_ours` news also goes over the bus to the other processes."""
        known = self._topics.get(topic)
        if known is None:
            if not (is_ours and self._bus):
                return  # nobody here listens, nobody elsewhere needs it from us
            known = self._topics.setdefault(topic, _Topic(topic))
        if (last := known.latest.get(key)) and last.version >= version:
            return
        if version < known.told:
            known.is_behind = True
        known.latest[key] = Update(topic, key, version, message)
        known.texts.pop(key, None)
        known.version = max(known.version, version)
        if is_ours and self._bus:
            known.unpublished.add(key)
            if known.teller is None or known.teller.done():
                known.teller = self.loop.create_task(self._tell(known, self._bus))
                self._tasks.add(known.teller)
                known.teller.add_done_callback(self._tasks.discard)
        known.touch(self.loop.time())
        if known.timer is None:
            self._arm(known)

    def push_from_thread(self, topic: str, message: Mapping[str, Any], *, key: str, version: int) -> None:
        """Take news in, from any thread, after commit."""
        with contextlib.suppress(RuntimeError):  # the loop closed meanwhile: there is no screen left
            self.loop.call_soon_threadsafe(lambda: self.push(topic, message, key=key, version=version))

    def _heard(self, topic: str, key: str, version: int, message: Mapping[str, Any]) -> None:
        self.push(topic, message, key=key, version=version, is_ours=False)

    def _arm(self, topic: _Topic) -> None:
        wait = topic.due_at() - self.loop.time()
        topic.timer = self.loop.call_later(max(wait, 0.0), self._ring, topic)

    def _ring(self, topic: _Topic) -> None:
        if topic.due_at() > self.loop.time() + EARLY:  # more news came: it waits for quiet, or for its pace
            self._arm(topic)
            return
        self._queue.append(topic)  # `timer` stays set until the sweep is over: one sweep of a topic at a time
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = self.loop.create_task(self._sweep())

    async def _sweep(self) -> None:
        while self._queue:
            topic = self._queue.popleft()
            try:
                await self._sweep_one(topic)
            except Exception:
                log.exception("cannot tell of %s; the other topics go on", topic.name)
            finally:
                topic.timer = None
                topic.end(self.loop.time())
                if topic.is_due:
                    self._arm(topic)
                elif not topic.screens and self._topics.get(topic.name) is topic:
                    del self._topics[topic.name]

    async def _sweep_one(self, topic: _Topic) -> None:
        clock = self.loop.time
        topic.start(clock())
        name, news = topic.name, topic.news()
        started, spent = clock(), thread_time()
        for screen in list(topic.screens):
            for version, key, text, frame in news:
                screen.offer(name, key, version, text, frame)
            self.deliveries += 1
            if clock() - started > CHUNK:
                await self._rest(thread_time() - spent)
                started, spent = clock(), thread_time()
                news = topic.news()  # those still to come get the newest at once
        await self._rest(thread_time() - spent)

    async def _rest(self, spent: float) -> None:
        """Give the loop its turn; pay for the CPU seconds spent beyond the share."""
        self.seconds_spent += spent
        now = self.loop.time()
        share = RUSH_SHARE if is_anybody_waiting() else SHARE
        self._credit = min(CREDIT, self._credit + (now - self._credited_at) * share) - spent
        self._credited_at = now
        await asyncio.sleep(-self._credit / share if self._credit < 0 else 0)

    # --- the database and the bus ---

    @staticmethod
    async def _tell(topic: _Topic, bus: Bus) -> None:
        """Tell the other processes what is new. What Redis does not take they find in the database."""
        while topic.unpublished:
            keys, topic.unpublished = topic.unpublished, set()
            await bus.publish(sorted((topic.latest[key] for key in keys), key=lambda update: update.version))
            await asyncio.sleep(TELL)

    async def _keep(self) -> None:
        """While screens are open: hold the subscriptions, and look for changes nobody told us about."""
        while True:
            if not self.screen_count():
                if self._bus:
                    await self._bus.follow([])
                if not self.screen_count():  # else somebody joined meanwhile and counts on this very task
                    return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), HEARTBEAT)
            woken = self._wake.is_set()
            self._wake.clear()
            if self._bus:
                await self._bus.follow([name for name, topic in self._topics.items() if topic.screens])
            if not woken:
                await self._reread()

    async def _reread(self) -> None:
        kinds: dict[str, dict[str, int]] = {}
        for name, topic in self._topics.items():
            if topic.screens:
                kinds.setdefault(parts(name)[0], {})[name] = -1 if topic.is_behind else topic.version
                topic.is_behind = False
        for kind, known in kinds.items():
            reader = sources.reader_of(kind)
            if reader is None:
                continue
            try:
                updates = await self.loop.run_in_executor(self._reader, _read, reader, known)
            except Exception:
                log.exception("cannot look for news of %s; trying again", kind)
                for name in known.keys() & self._topics.keys():
                    self._topics[name].is_behind |= known[name] < 0
                continue
            for update in updates:
                self.push(update.topic, update.message, key=update.key, version=update.version, is_ours=False)

    async def stop(self) -> None:
        """End the hub's own tasks."""
        for task in [self._keeper, self._sweeper, *self._tasks]:
            if task is not None and not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._bus:
            await self._bus.stop()
        await self.loop.run_in_executor(self._reader, connections.close_all)
        self._reader.shutdown(wait=False)
        with _lock:
            _hubs.pop(self.loop, None)


def _read(reader: sources.Reader, known: Mapping[str, int]) -> list[Update]:
    try:
        return list(reader(known))
    except Exception:
        connections.close_all()
        raise


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}
_lock = threading.Lock()


def current() -> Hub:
    """Return the hub of the running loop, made at the first call."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        with _lock:
            for closed in [known for known in _hubs if known.is_closed()]:
                del _hubs[closed]
            hub = _hubs.setdefault(loop, Hub(loop))
    return hub


def alive() -> list[Hub]:
    """Return the hubs of this process whose loop runs."""
    return [hub for hub in list(_hubs.values()) if hub.loop.is_running()]


def announce(topic: str, key: str, version: int, message: Mapping[str, Any]) -> None:
    """Tell every screen of `topic`, in this process and in others. Call after commit, from any thread; never raises.

    In a process that serves nobody (a command, a background worker) the news goes over the bus when there is one;
    without one the serving process finds the change at its next look at the database, within a second.
    """
    hubs = alive()
    for hub in hubs:
        hub.push_from_thread(topic, message, key=key, version=version)
    if not hubs and carries_between_processes():
        try:
            async_to_sync(publish)([Update(topic, key, version, message)])
        except Exception:
            log.exception("the bus is lost; other processes will read %s from the database", topic)
