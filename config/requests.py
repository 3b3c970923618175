"""uvicorn's HTTP protocol with an end to its patience: who says or takes nothing, or says too much, is hung up on.

uvicorn itself waits without end for the rest of a request and keeps any number of header lines; Django writes the body
to the disk before it asks who sends it, however long it is.
"""

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from config.handshake import accept_of
from config.protocol import LiveProtocol

HEAD_SECONDS = 20.0  # until the head of a request must be complete
BODY_SECONDS = 60.0  # until more of its body must have come, or been taken of the answer
HEAD_BYTES = 64 * 1024
BODY_BYTES = 120 * 1024 * 1024  # nine photos of 12 MiB, and a form around them
ALL_BODIES_BYTES = 1024 * 1024 * 1024  # of all requests of this process that are not answered yet
_HEAD_ENDS = b"\r\n\r\n"
_ENDS = b"connection: close\r\ncontent-length: 0\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + _ENDS
BODY_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\n" + _ENDS
NO_ROOM = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 60\r\n" + _ENDS


class PatientProtocol(HttpToolsProtocol):
    """One HTTP connection."""

    _end: Any = None  # the timer that ends the connection
    _head_bytes = 0
    _body_bytes = 0
    _all_body_bytes = 0  # of every connection of this process

    def connection_made(self, transport: Any) -> None:
        """Expect a request."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._wait(None)
        self._forget_body()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; count those of a head that is not complete."""
        if self.transport.is_closing():
            return  # it was told so, and says on
        if self._end is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(HEAD_SECONDS)
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > HEAD_BYTES:
            self._refuse(TOO_LARGE)
        line = self.transport.get_protocol()
        if isinstance(line, LiveProtocol) and not data.endswith(_HEAD_ENDS):
            line.hang_up()  # frames behind the head, before the handshake was answered: nobody would read them

    def on_headers_complete(self) -> None:
        """Expect the body."""
        self._head_bytes = 0
        self._wait(BODY_SECONDS)
        super().on_headers_complete()
        said = next((value for name, value in self.headers if name == b"content-length"), b"0")
        if int(said) > BODY_BYTES:  # the parser takes digits alone
            self._refuse(BODY_TOO_LARGE)

    def on_body(self, body: bytes) -> None:
        """Expect more of it, as long as there is room for it."""
        if self.transport.is_closing():
            return
        self._head_bytes = 0
        self._wait(BODY_SECONDS)
        self._body_bytes += len(body)
        PatientProtocol._all_body_bytes += len(body)
        if self._body_bytes > BODY_BYTES:
            self._refuse(BODY_TOO_LARGE)
        elif PatientProtocol._all_body_bytes > ALL_BODIES_BYTES:
            self._refuse(NO_ROOM)
        else:
            super().on_body(body)

    def on_response_complete(self) -> None:
        """Forget the body: what was answered is on the disk no more."""
        self._forget_body()
        super().on_response_complete()

    def on_message_complete(self) -> None:
        """Leave the rest to the application; between requests uvicorn has a time of its own."""
        self._head_bytes = 0
        self._wait(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the line over, with its head as it was read where that is a plain handshake.

        Not behind a request that is still being answered: this protocol would never hear again of the line's end. Not
        with a large head, which came whole in one read: it is kept as long as the socket is open.
        """
        self._wait(None)
        is_answering = self.pipeline or (self.cycle is not None and not self.cycle.response_complete)
        if is_answering or len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self.transport.abort()
            return
        accept = self._accept()
        if accept is None:
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        line = LiveProtocol(config=self.config, server_state=self.server_state, app_state=self.app_state)
        self.transport.set_protocol(line)
        line.take_over(self, accept)

    def _accept(self) -> bytes | None:
        if self.ws_protocol_class is not LiveProtocol or self.config.ws_per_message_deflate:
            return None
        is_plain = self.scope["method"] == "GET" and self.scope["http_version"] == "1.1"
        return accept_of(self.headers) if is_plain and self.url.startswith(b"/") and self.url.isascii() else None

    def pause_writing(self) -> None:
        """Expect that some of the answer is taken."""
        self._expect_less()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on with the answer."""
        self._wait(None)
        super().resume_writing()

    def _forget_body(self) -> None:
        PatientProtocol._all_body_bytes -= self._body_bytes
        self._body_bytes = 0

    def _refuse(self, answer: bytes) -> None:
        """Say why, unless an answer is under way, and hang up."""
        if not self.transport.is_closing():
            if self.cycle is None or not self.cycle.response_started:
                self.transport.write(answer)
            self.transport.close()

    def _expect_less(self) -> None:
        left = self.transport.get_write_buffer_size()

        def look() -> None:
            if self.transport.get_write_buffer_size() < left:
                self._expect_less()  # slow, but not stuck: uvicorn hears of it only once nearly all is taken
            else:
                self.transport.abort()

        self._wait(BODY_SECONDS, look)

    def _wait(self, seconds: float | None, then: Callable[[], None] | None = None) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = None if seconds is None else self.loop.call_later(seconds, then or self.transport.abort)
