"""Lines that end while somebody still writes to them: the client's doing, nothing for the log."""

import asyncio
import logging
from typing import Any

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from bench.live_client import frame
from config.protocol import LiveProtocol
from config.requests import PatientProtocol
from tests.config.lines import RUNS, UPGRADE, talked

LAST = {
    "opcode": frame(b"", 3),
    "unmasked": b"\x81\x00",
    "no text": frame(b"\xff"),
    "goodbye": frame(b"\x03\xe8", 8),
    "no text and goodbye in one": frame(b"\xff") + frame(b"\x03\xe8", 8),
    "end of file": b"",
}


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
@pytest.mark.parametrize("loop", RUNS)
def test_who_writes_to_a_line_that_just_ended_is_told_so(
    loop: str, http: Any, last: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    app = Late()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(UPGRADE + b"\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(last)
        writer.write_eof()
        return await reader.read()

    with caplog.at_level(logging.WARNING):
        talked(app, talk, http=http, loop=loop)

    assert app.raised == [ClientDisconnected]
    assert caplog.records == []
