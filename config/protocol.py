"""uvicorn's websocket protocol with a cheap handshake, small buffers and a way to be rid of a slow phone."""

from typing import Any
from urllib.parse import unquote

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from config.handshake import switching
from core.realtime.screen import frame_of

# Bytes the process keeps for a phone that does not read, beyond what the kernel holds.
WRITE_BUFFER = 16 * 1024
GRACE = 5.0  # seconds a cut-off phone has to take the close frame
HOLD = 0.25  # seconds the answer to a handshake waits for the first frame, to leave with it in one write
AHEAD = 4  # messages of one socket that may wait for the application before no more is read from it


class LiveProtocol(WebSocketsSansIOProtocol):
    """One websocket connection."""

    _accept_key = b""  # the answer to the key of a handshake that was read by the HTTP protocol
    _greeting = b""  # the answer to the handshake while it waits for the first frame
    _hold: Any = None  # the timer that sends it alone

    def connection_made(self, transport: Any) -> None:
        """Take the line over from the HTTP protocol; the websockets library then reads the head once more."""
        self._take_line(transport, transport.get_protocol())

    def _take_line(self, transport: Any, before: Any) -> None:
        """Take over what the HTTP protocol knows of the line: asking the system again costs as much as a write.

        Keep little for slow readers: the newest state is worth more than a queue of old ones.
        """
        self.transport = transport
        self.server, self.client = before.server, before.client
        self.scheme = "wss" if before.scheme == "https" else "ws"
        self.connections.add(self)
        transport.set_write_buffer_limits(high=WRITE_BUFFER)

    def take_over(self, before: Any, accept: bytes) -> None:
        """Go on with a plain handshake that the HTTP protocol `before` has read; `accept` is the answer to its key."""
        self._take_line(before.transport, before)
        self._accept_key = accept
        self.handshake_initiated = True
        raw_path, _mark, query = before.url.partition(b"?")
        self.scope = {
            "type": "websocket",
            "asgi": {"version": self.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": self.scheme,
            "server": self.server,
            "client": self.client,
            "root_path": self.root_path,
            "path": self.root_path + unquote(raw_path.decode("ascii")),
            "raw_path": self.root_path.encode("ascii") + raw_path,
            "query_string": query,
            "headers": before.headers,
            "subprotocols": [],
            "state": self.app_state.copy(),
            "extensions": {"websocket.http.response": {}, **self._offers()},
        }
        self.queue.put_nowait({"type": "websocket.connect"})
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)

    def _offers(self) -> dict[str, Any]:
        return {"wuyi.cut_off": self.cut_off, "wuyi.write": self.write_frame}

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what waits."""
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None
        super().connection_lost(exc)

    def handle_connect(self, event: Any) -> None:
        """Offer the application `wuyi.write` and `wuyi.cut_off` beside `send`."""
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"] or {}
            extensions.update(self._offers())

    def data_received(self, data: bytes) -> None:
        """Hang up on who talks before the handshake was answered (RFC 6455, 4.1): no frame can be refused yet."""
        if self.handshake_initiated and (not self.handshake_complete or self._hold is not None):
            self.hang_up()
            return
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            # The library does not read such a head; uvicorn would leave its answer unsaid and the line open.
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def hang_up(self) -> None:
        """End the line in the middle of the handshake; the application hears it as a line that was lost."""
        self.handshake_complete = self.disconnected = True
        self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        """Pass a message on. Text that is not UTF-8 closes with 1007: the client's fault, so nothing for our log.

        Reading goes on until a few messages wait: stopping and starting for each costs two system calls.
        """
        data, self.frames = b"".join(self.frames), []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "text":
            try:
                self.queue.put_nowait({"type": "websocket.receive", "text": data.decode()})
            except UnicodeDecodeError:
                if self.conn.state is State.OPEN:  # else a goodbye in the same read has been answered already
                    self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        else:
            self.queue.put_nowait({"type": "websocket.receive", "bytes": data})
        if not self.read_paused and self.queue.qsize() >= AHEAD:
            self.read_paused = True
            self.transport.pause_reading()

    def handle_ping(self) -> None:
        """Answer, unless the phone takes nothing: who pings without reading would fill the memory with answers."""
        answers = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(answers)

    def shutdown(self) -> None:
        """End the connection because the server ends."""
        self._greet()
        super().shutdown()

    async def send(self, message: Any) -> None:
        """Send what the application says: text as a ready frame, the acceptance together with the first frame.

        Raises ClientDisconnected on any line that ended: uvicorn takes some of them for our mistake. After a frame that
        broke the protocol, or between a lost line and the news of it, it would raise RuntimeError.
        """
        kind = message["type"]
        if kind == "websocket.send" and "text" in message and self.write_frame(frame_of(message["text"])):
            return
        await self.writable.wait()
        if self.close_sent or self.disconnected or self.transport.is_closing():
            raise ClientDisconnected
        is_ours = self._accept_key or not message.keys() - {"type"}
        if kind == "websocket.accept" and is_ours and not self.handshake_complete:
            self._accept(message.get("headers") or [])
            return
        self._greet()
        await super().send(message)

    def _accept(self, headers: list[tuple[bytes, bytes]]) -> None:
        self.handshake_complete = True
        if self._accept_key:
            self._greeting = switching(self._accept_key, [*self.default_headers, *headers])
            self.conn.state = State.OPEN
            self.conn.parser = self.conn.parse()  # it waited for the head; from here on come frames
            next(self.conn.parser)
        else:
            self.conn.send_response(self.response)
            self._greeting = b"".join(self.conn.data_to_send())
        self._hold = self.loop.call_later(HOLD, self._greet)
        self.start_keepalive()

    def _greet(self) -> None:
        """Write the answer to the handshake if it still waits."""
        if self._hold is not None and not self.transport.is_closing():
            self.transport.write(self._taken_greeting())

    def _taken_greeting(self) -> bytes:
        self._hold.cancel()
        self._hold = None
        greeting, self._greeting = self._greeting, b""
        return greeting

    def write_frame(self, frame: bytes) -> bool:
        """Write a ready frame if the phone takes messages just now; return whether it did.

        A server's frames are not masked, so one frame serves every socket: a third of the cost of `send`.
        """
        # A line that broke keeps the state OPEN, and uvloop raises when its transport is written to.
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        if not self.writable.is_set() or self.conn.state is not State.OPEN:
            return False
        self.transport.write(frame if self._hold is None else self._taken_greeting() + frame)
        return True

    def cut_off(self, code: int) -> None:
        """Close with `code` without waiting for a buffer that does not drain."""
        if self.close_sent or self.transport.is_closing() or self.conn.state is not State.OPEN:
            return
        self._greet()
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(GRACE, self.transport.abort)
