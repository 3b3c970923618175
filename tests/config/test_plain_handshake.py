"""The plain handshake we answer ourselves: never one the websockets library refuses, and always with its answer."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.server import ServerProtocol

from config.handshake import accept_of
from tests.config.lines import talked

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # with its answer from RFC 6455, 1.3
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
PLAIN = [
    (b"host", b"x"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"upgrade", b"WebSocket"),
    (b"sec-websocket-key", KEY),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-extensions", b"permessage-deflate; client_max_window_bits"),
    (b"origin", b"http://x"),
]
VALUES = {
    b"connection": [b"upgrade", b"Upgrade", b"close", b"keep-alive,upgrade", b"", b"upgraded", b"a;b, upgrade", b", ,"],
    b"upgrade": [b"websocket", b"WEBSOCKET", b"h2c", b"websocket, h2c", b"", b"web socket"],
    b"sec-websocket-key": [KEY, b"", b"short", KEY + b"=", b"=" * 24, b"dGhl", KEY[:-1], b" " + KEY, b"\xff" * 24],
    b"sec-websocket-version": [b"13", b"8", b"", b"13, 8", b"013"],
    b"sec-websocket-protocol": [b"chat", b""],
    b"sec-websocket-extensions": [b"permessage-deflate", b"nonsense=", b""],
    b"origin": [b"http://x", b"null", b""],
    b"host": [b"x", b""],
}
HEADERS = st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name])))


def answer_of_the_library(headers: list[tuple[bytes, bytes]]) -> bytes | None:
    told = Headers([(name.decode(), value.decode("latin-1")) for name, value in headers])
    response = ServerProtocol().accept(Request("/", told))
    return response.headers["Sec-WebSocket-Accept"].encode() if response.status_code == 101 else None


def test_the_answer_is_that_of_the_standard() -> None:
    assert accept_of(PLAIN) == ACCEPT


@pytest.mark.parametrize("name", [b"connection", b"upgrade", b"sec-websocket-key", b"sec-websocket-version"])
def test_nothing_that_is_wanted_may_be_missing_or_twice(name: bytes) -> None:
    others = [header for header in PLAIN if header[0] != name]

    assert accept_of(others) is None
    assert accept_of([*PLAIN, *[header for header in PLAIN if header[0] == name]]) is None


@given(st.lists(HEADERS, max_size=3), st.sets(st.sampled_from(sorted(VALUES)), max_size=2))
def test_what_we_accept_the_library_accepts_with_the_same_answer(
    added: list[tuple[bytes, bytes]], dropped: set[bytes]
) -> None:
    headers = [*[header for header in PLAIN if header[0] not in dropped], *added]

    ours = accept_of(headers)

    assert ours is None or ours == answer_of_the_library(headers)


@pytest.mark.parametrize(
    ("method", "more", "said"),
    [
        (b"GET", [], b"101 Switching Protocols"),
        (b"GET", [(b"sec-websocket-protocol", b"chat")], b"101 Switching Protocols"),  # judged by the library
        (b"GET", [(b"sec-websocket-version", b"8")], b"400 Bad Request"),
        (b"POST", [], b"405 Method Not Allowed"),
    ],
)
def test_a_server_answers_the_head(method: bytes, more: list[tuple[bytes, bytes]], said: bytes) -> None:
    headers = [*PLAIN, *more]
    scopes: list[dict[str, Any]] = []

    async def greet(scope: dict[str, Any], receive: Any, send: Any) -> None:
        scopes.append(scope)
        await receive()
        await send({"type": "websocket.accept", "headers": [(b"x-of-ours", b"1")]})
        await send({"type": "websocket.send", "text": "{}"})

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        lines = [method + b" /a%20b?c=d HTTP/1.1", *[name + b": " + value for name, value in headers]]
        writer.write(b"\r\n".join([*lines, b"", b""]))
        return await reader.read()

    answer = talked(greet, talk)

    assert answer.startswith(b"HTTP/1.1 " + said)
    is_open = said.startswith(b"101")
    assert answer.endswith(b"\r\n\r\n\x81\x02{}") == is_open
    assert (b"Sec-WebSocket-Accept: " + ACCEPT in answer, b"x-of-ours: 1" in answer) == (is_open, is_open)
    assert answer.lower().count(b"\r\ndate: ") == 1
    assert len(scopes) == is_open
    for scope in scopes:
        assert (scope["path"], scope["query_string"], scope["headers"]) == ("/a b", b"c=d", headers)
