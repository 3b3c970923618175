"""The channel layer as a bus between processes: one channel a process, one group a topic, never a socket.

Without Redis there is one process and no bus. News lost here (Redis stopped, restarted, flushed) is found again by
the hub's look at the database, so every failure is logged once and otherwise ignored.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from channels.layers import get_channel_layer
from django.conf import settings

from core.realtime.sources import Update
from core.realtime.topics import group

log = logging.getLogger(__name__)
TIMEOUT = 5.0  # seconds until a silent Redis counts as lost


def carries_between_processes() -> bool:
    """Return whether other processes may serve screens of the same topics."""
    return bool(settings.REDIS_URL)


async def publish(updates: Sequence[Update]) -> None:
    """Send `updates` to every process that follows their topics."""
    layer = get_channel_layer()
    for update in updates:
        body = msgspec.json.encode(update.message).decode()
        news = {"type": "live", "topic": update.topic, "key": update.key, "version": update.version, "body": body}
        await asyncio.wait_for(layer.group_send(group(update.topic), news), TIMEOUT)


class Bus:
    """What one hub hears from other processes."""

    def __init__(self, heard: Callable[[str, str, int, Mapping[str, Any]], None]) -> None:
        self._heard = heard
        self._channel = ""
        self._followed: set[str] = set()
        self._listener: asyncio.Task[None] | None = None
        self._is_lost = False

    async def publish(self, updates: Sequence[Update]) -> None:
        """Send `updates`; never raises."""
        await self._try(publish(updates))

    async def follow(self, topics: Sequence[str]) -> None:
        """Follow exactly `topics`; never raises. Called again every heartbeat, so what failed is tried again."""
        if topics or self._followed:
            await self._try(self._follow(set(topics)))

    async def stop(self) -> None:
        """Leave everything."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        with contextlib.suppress(Exception):
            await get_channel_layer().flush()

    async def _try(self, act: Any) -> None:
        try:
            await act
        except Exception as error:  # noqa: BLE001 - whatever the client library raises, the database is still there
            if not self._is_lost:
                log.warning("the bus is lost (%s); screens are kept right from the database", error)
            self._is_lost = True
        else:
            if self._is_lost:
                log.warning("the bus is back")
            self._is_lost = False

    async def _follow(self, topics: set[str]) -> None:
        layer = get_channel_layer()
        if self._listener is None or self._listener.done():
            self._followed.clear()
            self._channel = await asyncio.wait_for(layer.new_channel(), TIMEOUT)
            self._listener = asyncio.create_task(self._listen())
        for topic in topics - self._followed:
            await asyncio.wait_for(layer.group_add(group(topic), self._channel), TIMEOUT)
            self._followed.add(topic)
        for topic in self._followed - topics:
            self._followed.discard(topic)
            await asyncio.wait_for(layer.group_discard(group(topic), self._channel), TIMEOUT)

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            news = await layer.receive(self._channel)
            self._heard(news["topic"], news["key"], news["version"], msgspec.json.decode(news["body"]))
