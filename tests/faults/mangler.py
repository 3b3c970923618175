"""A TCP proxy before a server that sends every message of the phones twice, out of order and late."""

import asyncio
import contextlib
import random
from collections.abc import Callable

WINDOW = 0.02  # seconds a message may be held back


class Mangler:
    """Listens on a free port; what phones send is doubled, shuffled and delayed, what the server says delayed."""

    def __init__(self, host: str, dice: random.Random) -> None:
        self._address, _colon, port = host.partition(":")
        self._port = int(port)
        self._dice = dice
        self._server: asyncio.Server
        self._tasks: set[asyncio.Task[None]] = set()
        self.host = ""

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.host = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and cut what runs."""
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, phone: asyncio.StreamReader, to_phone: asyncio.StreamWriter) -> None:
        current = asyncio.current_task()
        assert current is not None
        self._tasks.add(current)
        writers = [to_phone]
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            server, to_server = await asyncio.open_connection(self._address, self._port)
            writers.append(to_server)
            to_server.write(await phone.readuntil(b"\r\n\r\n"))
            both = [
                asyncio.ensure_future(self._out(phone, to_server)),
                asyncio.ensure_future(self._back(server, to_phone)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in both:
                    task.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        self._tasks.discard(current)

    async def _out(self, phone: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        """Send every frame twice, each copy at a moment of its own."""
        loop = asyncio.get_running_loop()
        write: Callable[[bytes], None] = to_server.write
        while True:
            frame = await _frame(phone)
            for _copy in range(2):
                loop.call_later(self._dice.uniform(0, WINDOW), write, frame)

    async def _back(self, server: asyncio.StreamReader, to_phone: asyncio.StreamWriter) -> None:
        while data := await server.read(65_536):
            await asyncio.sleep(self._dice.uniform(0, WINDOW))
            to_phone.write(data)


async def _frame(phone: asyncio.StreamReader) -> bytes:
    head = await phone.readexactly(2)
    size = head[1] & 127
    if size == 126:
        more = await phone.readexactly(2)
        head, size = head + more, int.from_bytes(more, "big")
    return head + await phone.readexactly(4 + size)
