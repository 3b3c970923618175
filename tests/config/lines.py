"""A server with our protocols for one test, and one line to it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
import uvloop

from config.protocol import LiveProtocol
from config.requests import PatientProtocol
from tests.servers import free_port

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]
RUNS = {"asyncio": asyncio.run, "uvloop": uvloop.run}
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)  # without the empty line that ends a head


def talked(app: Any, talk: Talk, *, http: Any = PatientProtocol, loop: str = "uvloop") -> bytes:
    """Return what `talk` heard, on a line to a server of its own that serves `app`."""
    port = free_port()
    config = uvicorn.Config(
        app,
        port=port,
        http=http,
        ws=LiveProtocol,
        ws_per_message_deflate=False,
        lifespan="off",
        loop=loop,
        log_config=None,
        access_log=False,
    )
    server = uvicorn.Server(config)

    async def both() -> bytes:
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(10):
                return await talk(reader, writer)
        finally:
            writer.close()
            server.should_exit = True
            await serving

    return RUNS[loop](both())
