"""The opening handshake of a plain websocket request (RFC 6455, 4.2), from the head that was read already.

uvicorn writes the head down again for the websockets library to take apart once more: a quarter of the cost of a phone
that comes back. A request with anything unusual in it is still left to that library, which says what is wrong with it.
"""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable
from hashlib import sha1

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_ONCE = frozenset({b"connection", b"host", b"origin", b"sec-websocket-key", b"sec-websocket-version", b"upgrade"})
_UNUSUAL = frozenset({b"content-length", b"expect", b"sec-websocket-protocol", b"transfer-encoding"})
_WISHES = frozenset({b"keep-alive", b"upgrade"})  # what browsers ask of the connection
_KEY_BYTES = 16
_HEAD_BYTES = 8192  # the library takes as much for each of 128 lines; the scope keeps them while the socket is open
_LINE_BYTES = 100  # what a header is in memory beyond its letters

Headers = Iterable[tuple[bytes, bytes]]


def accept_of(headers: Headers) -> bytes | None:
    """Return the `Sec-WebSocket-Accept` for a GET with these headers (names in lower case).

    None unless it is a plain request for version 13 of the protocol, without subprotocol and body, each header once,
    and no longer than phones send. Extensions that are offered need not be taken.
    """
    found: dict[bytes, bytes] = {}
    left = _HEAD_BYTES
    for name, value in headers:
        left -= _LINE_BYTES + len(name) + len(value)
        if name in _UNUSUAL or name in found or left < 0:
            return None
        if name in _ONCE:
            found[name] = value
    wishes = {token.strip() for token in found.get(b"connection", b"").lower().split(b",")}
    if b"host" not in found or b"upgrade" not in wishes or wishes - _WISHES:
        return None
    if found.get(b"upgrade", b"").lower() != b"websocket" or found.get(b"sec-websocket-version") != b"13":
        return None
    key = found.get(b"sec-websocket-key", b"")
    try:
        is_key = len(b64decode(key, validate=True)) == _KEY_BYTES
    except Error:
        return None
    return b64encode(sha1(key + _GUID, usedforsecurity=False).digest()) if is_key else None


def switching(accept: bytes, headers: Headers) -> bytes:
    """Return the answer to the handshake, with `headers` beside those the protocol wants."""
    lines = [b"%b: %b\r\n" % header for header in headers]
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n%b\r\n" % (accept, b"".join(lines))
    )
