"""One open socket as the hub sees it: at most one message on its way, at most one waiting for each (topic, key)."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]
Write = Callable[[bytes], bool]
# A phone that takes nothing for this long is cut off; it reconnects and gets the full state.
SLOW_SECONDS = 20.0
CLOSE_SLOW = 4008
STATE = "state"


class _Resumed:
    """Awaits the rest of a coroutine that was already driven to its first suspension, where it waits for `future`."""

    __slots__ = ("_coroutine", "_future")

    def __init__(self, coroutine: Coroutine[Any, Any, None], future: Any) -> None:
        self._coroutine = coroutine
        self._future = future

    def __await__(self) -> Generator[Any, Any, None]:
        future = self._future
        while True:
            sent = None
            try:
                sent = yield future
            except BaseException as error:  # noqa: BLE001 - whatever is thrown in (cancellation) belongs to the coroutine
                thrown: BaseException | None = error
            else:
                thrown = None
            try:
                future = self._coroutine.send(sent) if thrown is None else self._coroutine.throw(thrown)
            except StopIteration:
                return


def frame_of(text: str) -> bytes:
    """Return the websocket frame of one text message, as a server sends it (RFC 6455, not masked)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:  # noqa: PLR2004 - RFC 6455: longer sizes follow in two or eight bytes
        return bytes([0x81, size]) + payload
    if size < 65_536:  # noqa: PLR2004 - RFC 6455
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Screen:
    """Writes news to one socket without ever waiting for it.

    News of a topic is held back until its full state went out: by `show`, or offered under the key STATE, for further
    topics of the same socket (a meeting's ballots). `version` never goes back within a
    topic: news older than what the screen already shows is dropped, and so is what the full state has said: news of the
    same version was read before it, and a clock in it stands where it stood then. Where the server offers `write`
    (config/protocol.py) ready frames go straight to the transport; elsewhere the ASGI `send` is driven one step.
    """

    __slots__ = ("_cut", "_held", "_rest", "_send", "_shown", "_waiting", "_write", "is_gone", "topics")

    def __init__(self, send: Send, cut_off: Callable[[int], None], write: Write | None = None) -> None:
        self._write = write
        self._send = send
        self._cut = cut_off
        self._held = True
        self._rest: asyncio.Task[None] | None = None
        self._waiting: dict[tuple[str, str], tuple[int, str]] = {}
        self._shown: dict[tuple[str, str] | str, int] = {}
        self.is_gone = False
        self.topics: set[str] = set()

    def offer(self, topic: str, key: str, version: int, text: str, frame: bytes = b"") -> None:
        """Write `text` (`frame` is its `frame_of`) now, or keep it as the newest of its key until the socket can."""
        shown = self._shown
        if (
            version < shown.get(topic, -1)
            or version <= shown.get((topic, key), -1)
            or version <= shown.get((topic, STATE), -1)
            or self.is_gone
        ):
            return
        if self._held or (topic not in shown and key != STATE):
            waiting = self._waiting.get((topic, key))
            if waiting is None or waiting[0] < version:
                self._waiting[topic, key] = (version, text)
            return
        shown[topic] = shown[topic, key] = version
        self._put(text, frame)
        if key == STATE:
            held = [(v, k, t) for (name, k), (v, t) in self._waiting.items() if name == topic]
            for later, waiting_key, waiting_text in sorted(held):
                del self._waiting[topic, waiting_key]
                self.offer(topic, waiting_key, later, waiting_text)

    async def show(self, topic: str, version: int, text: str) -> None:
        """Send the full state of `topic`, then what arrived meanwhile and is newer."""
        self._shown[topic] = self._shown[topic, STATE] = version
        self._waiting = {k: held for k, held in self._waiting.items() if k[0] != topic or held[0] > version}
        await self._send({"type": "websocket.send", "text": text})
        await self._drain()

    def _put(self, text: str, frame: bytes) -> None:
        sending: Any
        try:
            if frame and self._write is not None and self._write(frame):
                return
            sending = self._send({"type": "websocket.send", "text": text})
            future = sending.send(None)
        except StopIteration:
            return  # the usual case: the transport took it at once, no task was needed
        except Exception:  # noqa: BLE001 - servers raise different errors for a broken line; its own task ends it
            self.is_gone = True
            return
        self._held = True
        self._rest = asyncio.get_running_loop().create_task(self._finish(_Resumed(sending, future)))

    def forget(self, topic: str) -> None:
        """Forget what was shown of `topic`: the screen no longer follows it."""
        self.topics.discard(topic)
        for known in [k for k in self._shown if topic in (k, k[0])]:
            del self._shown[known]
        for waiting in [k for k in self._waiting if k[0] == topic]:
            del self._waiting[waiting]

    def close(self) -> None:
        """Stop writing: the socket is closed."""
        self.is_gone = True
        if self._rest is not None:
            self._rest.cancel()

    async def _finish(self, rest: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await rest
                await self._drain()
        except TimeoutError:
            self.is_gone = True
            self._cut(CLOSE_SLOW)
        except Exception:  # noqa: BLE001 - as in `offer`: the socket is gone and its own task ends it
            self.is_gone = True
        finally:
            self._rest = None

    async def _drain(self) -> None:
        while waiting := {k: held for k, held in self._waiting.items() if k[0] in self._shown or k[1] == STATE}:
            self._waiting = {k: held for k, held in self._waiting.items() if k not in waiting}
            for (topic, key), (version, text) in sorted(waiting.items(), key=lambda entry: entry[1][0]):
                known = self._shown
                if version < known.get(topic, -1) or version <= max(
                    known.get((topic, key), -1), known.get((topic, STATE), -1)
                ):
                    continue
                self._shown[topic] = self._shown[topic, key] = version
                await self._send({"type": "websocket.send", "text": text})
        self._held = False
