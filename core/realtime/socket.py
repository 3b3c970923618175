"""What every live socket has in common: origin check, bounded frames, strikes, and a receive loop of its own.

Channels' dispatch closes old database connections in a thread for every message and makes every socket a member of
the channel layer; at thousands of screens both cost more than the work itself, so `__call__` is ours.
"""

import asyncio
import contextlib
from typing import Any
from urllib.parse import urlsplit

import msgspec
from channels.consumer import AsyncConsumer
from django.conf import settings
from django.http.request import validate_host

from core.realtime.batcher import Full
from core.realtime.hub import current
from core.realtime.screen import Screen

FRAME_BYTES = 16 * 1024
STRIKES = 5
CLOSE_TRY_LATER = 1013
CLOSE_BAD_FRAMES = 4400
CLOSE_NOT_FOUND = 4404
CLOSE_TOO_MANY = 4429


class BadFrame(Exception):
    """A frame that breaks the protocol; the sender gets `error` with this code and sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class TryLater(Exception):
    """What the socket needs cannot be had just now: it is closed with 1013 and comes back later."""


class ClosedByUs(Exception):
    """The socket is not to go on; it was told the close code."""


def header(scope: dict[str, Any], name: bytes) -> str:
    """Return one header of the handshake, "" when absent."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def is_own_origin(scope: dict[str, Any]) -> bool:
    """Return whether the page that opens the socket is ours. Scripts send no Origin and carry no stolen cookie."""
    origin = header(scope, b"origin")
    if not origin or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parsed = urlsplit(origin)
    except ValueError:
        return False
    return (
        parsed.netloc == header(scope, b"host")
        and parsed.scheme in {"http", "https"}
        and validate_host(parsed.hostname or "", settings.ALLOWED_HOSTS)
    )


class LiveSocket(AsyncConsumer):
    """One open socket. A subclass says what it shows (`opened`) and what it understands (`received`)."""

    screen: Screen

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one socket from handshake to close."""
        self.scope, self._send = scope, send
        await receive()
        if not is_own_origin(scope):
            await send({"type": "websocket.close", "code": 4403})
            return
        self._task = asyncio.current_task()
        offered = scope.get("extensions") or {}
        self.screen = Screen(send, offered.get("wuyi.cut_off", self._cut_off), offered.get("wuyi.write"))
        try:
            await send({"type": "websocket.accept"})
            await self.opened()
            await self._listen(receive)
        except (OSError, ClosedByUs):
            pass  # the other side went away, or was sent away
        except (Full, TryLater):
            with contextlib.suppress(OSError):
                await send({"type": "websocket.close", "code": CLOSE_TRY_LATER})
        except asyncio.CancelledError:
            if not self.screen.is_gone:
                raise
        finally:
            current().leave(self.screen)
            self.screen.close()
            self.left()

    async def opened(self) -> None:
        """Find out who it is, join topics, show the first state."""
        raise NotImplementedError

    async def received(self, text: str) -> None:
        """Handle one text frame of at most 16 KiB. Raises BadFrame."""
        raise NotImplementedError

    def left(self) -> None:
        """Clean up after the socket closed."""

    async def say(self, message: Any) -> None:
        """Send one message to this socket alone."""
        await self._send({"type": "websocket.send", "text": msgspec.json.encode(message).decode()})

    async def closed(self, code: int) -> ClosedByUs:
        """Close the socket with `code` and return the exception that ends it: `raise await self.closed(4404)`."""
        await self._send({"type": "websocket.close", "code": code})
        return ClosedByUs()

    async def _listen(self, receive: Any) -> None:
        strikes = 0
        while (event := await receive())["type"] == "websocket.receive":
            try:
                await self.received(_checked(event.get("text")))
            except BadFrame as error:
                strikes += 1
                await self.say({"type": "error", "code": error.code, "message": str(error)})
                if strikes >= STRIKES:
                    raise await self.closed(CLOSE_BAD_FRAMES) from None

    def _cut_off(self, _code: int) -> None:
        if self._task is not None:
            self._task.cancel()


def _checked(text: str | None) -> str:
    if text is None:
        raise BadFrame("not_text", "Only text frames of JSON are understood.")
    if len(text) > FRAME_BYTES or len(text.encode()) > FRAME_BYTES:
        raise BadFrame("too_large", f"A frame may have {FRAME_BYTES} bytes.")
    return text


class NoSuchSocket(LiveSocket):
    """Answers addresses that nobody serves: a clear close instead of a traceback."""

    async def opened(self) -> None:
        """Close at once."""
        raise await self.closed(CLOSE_NOT_FOUND)

    async def received(self, _text: str) -> None:
        """Never called."""
