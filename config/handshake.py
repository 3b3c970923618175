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
_KEY_BYTES = 16

Headers = Iterable[tuple[bytes, bytes]]


def accept_of(headers: Headers) -> bytes | None:
    """Return the `Sec-WebSocket-Accept` for a GET with these headers (names in lower case).

    None unless it is a plain request for version 13 of the protocol, without subprotocol and body, each header once.
    Extensions that are offered need not be taken.
    """
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _UNUSUAL or name in found:
            return None
        if name in _ONCE:
            found[name] = value
    if b"upgrade" not in [token.strip() for token in found.get(b"connection", b"").lower().split(b",")]:
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
