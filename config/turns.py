"""How many requests are worked on at once. Under ASGI Django gives each a thread of its own, however many come.

Some hundred at once would take gigabytes, share the processor until none ends in time, and wait for each other's locks
longer than the database lets them. So a few are worked on and the others wait their turn, in order. Who sends a body
slowly, or takes the answer slowly, holds nobody up: a turn lasts from the end of the one to the beginning of the other.
"""

import asyncio
from typing import Any

AT_ONCE = 12  # below the 16 connections of PostgreSQL's pool: the live path has its own
WAITING = 3000
_BUSY = {"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"5"), (b"content-length", b"0")]}
_GONE = {"type": "http.disconnect"}


class InTurn:
    """An ASGI application that lets `AT_ONCE` requests through to another; too many waiting are sent away with 503."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one request."""
        turn = _Turn(self._turns)

        async def received() -> Any:
            message = await receive()
            if turn.begun or message["type"] != "http.request" or message.get("more_body"):
                return message
            if self._waiting >= WAITING:
                await send(_BUSY)
                await send({"type": "http.response.body", "body": b""})
                return _GONE
            self._waiting += 1
            try:
                await turn.begin()
            finally:
                self._waiting -= 1
            return message

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                turn.end()
            await send(message)

        try:
            # It ends when its thread has, also where the client hung up meanwhile: a thread cannot be stopped.
            await self._application(scope, received, sent)
        finally:
            turn.end()


class _Turn:
    """The turn of one request."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self.begun = self._runs = False

    async def begin(self) -> None:
        await self._turns.acquire()
        self.begun = self._runs = True

    def end(self) -> None:
        if self._runs:
            self._runs = False
            self._turns.release()
