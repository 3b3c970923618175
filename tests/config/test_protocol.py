"""Lines that end while somebody still writes to them: the client's doing, nothing for the log."""

import asyncio
import logging
from typing import Any

import pytest
import uvicorn
import uvloop
from uvicorn.protocols.utils import ClientDisconnected

from bench.live_client import frame
from config.protocol import LiveProtocol
from config.requests import PatientProtocol
from tests.servers import free_port

RUNS = {"asyncio": asyncio.run, "uvloop": uvloop.run}
LAST = {
    "opcode": frame(b"", 3),
    "unmasked": b"\x81\x00",
    "no text": frame(b"\xff"),
    "goodbye": frame(b"\x03\xe8", 8),
    "no text and goodbye in one": frame(b"\xff") + frame(b"\x03\xe8", 8),
    "end of file": b"",
}
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Late:
    """An application that writes in the very turn of the loop in which the line ended, before it can have heard."""

    def __init__(self) -> None:
        self.raised: list[type[BaseException]] = []

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        line: LiveProtocol = scope["extensions"]["wuyi.write"].__self__
        try:
            await send({"type": "websocket.accept"})
            while not (line.close_sent or line.transport.is_closing()):  # noqa: ASYNC110 - every turn of the loop counts
                await asyncio.sleep(0)
            await send({"type": "websocket.send", "text": "{}"})
        except BaseException as error:
            self.raised.append(type(error))
            raise


@pytest.mark.parametrize("last", LAST.values(), ids=LAST)
@pytest.mark.parametrize("http", ["httptools", PatientProtocol])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_who_writes_to_a_line_that_just_ended_is_told_so(
    loop: str, http: Any, last: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    app = Late()
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
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
    )

    async def talk() -> None:
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(last)
        writer.write_eof()
        await reader.read()
        writer.close()
        server.should_exit = True
        await serving

    with caplog.at_level(logging.WARNING):
        RUNS[loop](talk())

    assert app.raised == [ClientDisconnected]
    assert caplog.records == []
