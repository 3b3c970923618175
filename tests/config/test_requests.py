"""Requests that do not come to their end: nobody holds a line or memory by saying, or taking, next to nothing."""

import asyncio
from typing import Any

import pytest

from bench.live_client import frame
from config import requests
from config.requests import PatientProtocol
from tests.config import lines
from tests.config.lines import UPGRADE, Talk

ANSWER = b"x" * 8_000_000  # more than the system keeps for a reader that does not read
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body, or with very much when it is asked for by `much`; greet a websocket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "{}"})
        return
    body, more = b"", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body, more = body + event.get("body", b""), event.get("more_body", False)
    said = ANSWER if body == b"much-more" else str(len(body)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]})
    await send({"type": "http.response.body", "body": said})


def talked(talk: Talk) -> bytes:
    """Return what `talk` heard of `app`."""
    return lines.talked(app, talk)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Read until the server hangs up, with or without a word."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    "said", [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["nothing", "line", "half"]
)
def test_a_head_that_does_not_end_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(requests, "HEAD_SECONDS", 0.1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(said)
        return await rest(reader)

    assert talked(talk) == b""


def test_a_second_request_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "HEAD_SECONDS", 0.1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(HEAD + b"some-more")
        first = await reader.readuntil(b"\r\n\r\n9")
        writer.write(b"\r\nPOST / HT")
        return first[:15] + await rest(reader)

    assert talked(talk) == b"HTTP/1.1 200 OK"


def test_a_body_that_does_not_come_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(HEAD + b"some")
        return await rest(reader)

    assert talked(talk) == b""


def test_an_answer_that_is_not_taken_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.1)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        reader._transport.pause_reading()  # type: ignore[attr-defined] # a phone that reads nothing
        writer.write(HEAD + b"much-more")
        await asyncio.sleep(0.5)
        reader._transport.resume_reading()  # type: ignore[attr-defined] # what asyncio keeps to itself
        return await rest(reader)

    assert len(talked(talk)) < len(ANSWER)


def test_an_answer_that_is_taken_slowly_arrives_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.4)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(HEAD + b"much-more")
        await reader.readuntil(b"\r\n\r\n")
        taken = b""
        while len(taken) < len(ANSWER) and (some := await reader.read(200_000)):
            taken += some
            await asyncio.sleep(0.02)  # a phone far from its mast: some at any time, the whole in many patiences
        return taken

    assert talked(talk) == ANSWER


def test_a_head_without_end_is_refused_before_it_fills_the_memory() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        head = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 20_000
        writer.write(head[: requests.HEAD_BYTES + 1])
        return await rest(reader)

    assert talked(talk) == requests.TOO_LARGE


def test_a_large_body_is_no_large_head() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        body = b"y" * 300_000
        writer.write(HEAD.replace(b"9", b"300000") + body)
        return await reader.readuntil(b"300000")

    assert talked(talk).startswith(b"HTTP/1.1 200 OK\r\n")


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "said",
    [
        HEAD.replace(b"9", b"%d" % (requests.BODY_BYTES + 1)),
        HEAD.replace(b"9", b"9" * 30),
        CHUNKED + b"8000\r\n" + b"y" * 0x8000 + b"\r\n8000\r\n" + b"y" * 0x8000 + b"\r\n",
    ],
    ids=["announced", "absurd", "in chunks"],
)
def test_a_body_without_end_is_refused_before_it_fills_the_disk(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    if said.startswith(CHUNKED):
        monkeypatch.setattr(requests, "BODY_BYTES", 0x9000)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(said)
        return await rest(reader)

    assert talked(talk).startswith(b"HTTP/1.1 413 ") or talked(talk).startswith(b"HTTP/1.1 400 ")
    assert PatientProtocol._all_body_bytes == 0


def test_all_bodies_together_have_a_bound_and_answered_ones_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "ALL_BODIES_BYTES", 15)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for _request in range(3):
            writer.write(HEAD + b"some-more")
            assert (await reader.readuntil(b"\r\n\r\n9")).startswith(b"HTTP/1.1 200")
        waiting_reader, waiting = await asyncio.open_connection(*writer.get_extra_info("peername"))
        waiting.write(HEAD + b"some-mor")
        while PatientProtocol._all_body_bytes < 8:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
        writer.write(HEAD + b"some-more")
        said = await rest(reader)
        waiting.write(b"e")
        assert (await waiting_reader.readuntil(b"\r\n\r\n9")).startswith(b"HTTP/1.1 200")
        waiting.close()
        return said

    assert talked(talk) == requests.NO_ROOM
    assert PatientProtocol._all_body_bytes == 0


def upgraded(said: bytes) -> bytes:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(said)
        return await rest(reader)

    return talked(talk)


def test_a_websocket_may_follow_a_request_that_was_answered() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(HEAD + b"some-more")
        await reader.readuntil(b"\r\n\r\n9")
        writer.write(UPGRADE + b"\r\n")
        return await rest(reader)

    said = talked(talk)

    assert said.startswith(b"HTTP/1.1 101 ")
    assert said.endswith(b"\r\n\r\n\x81\x02{}")


@pytest.mark.parametrize("before", [HEAD + b"some-more", (HEAD + b"some-more") * 300], ids=["one", "many"])
def test_a_websocket_behind_a_request_that_waits_for_its_answer_is_hung_up_on(before: bytes) -> None:
    assert upgraded(before + UPGRADE + b"\r\n") == b""
    assert PatientProtocol._all_body_bytes == 0


def test_frames_behind_a_handshake_that_was_not_answered_are_hung_up_on() -> None:
    assert upgraded(UPGRADE + b"\r\n" + frame(b"{}")) == b""


@pytest.mark.parametrize(
    ("lines", "said"),
    [(50, b"HTTP/1.1 101 "), (200, b"HTTP/1.1 431 "), (20_000, b"HTTP/1.1 431 ")],
    ids=["some", "more than the library takes", "more than anybody takes"],
)
def test_the_head_of_a_websocket_has_a_bound(lines: int, said: bytes) -> None:
    assert upgraded(UPGRADE + b"X: 1\r\n" * lines + b"\r\n").startswith(said)
