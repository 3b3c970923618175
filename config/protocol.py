"""uvicorn's websocket protocol with small buffers and a way to be rid of a slow phone."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

# Bytes the process keeps for a phone that does not read, beyond what the kernel holds.
WRITE_BUFFER = 16 * 1024
GRACE = 5.0  # seconds a cut-off phone has to take the close frame


class LiveProtocol(WebSocketsSansIOProtocol):
    """One websocket connection."""

    def connection_made(self, transport: Any) -> None:
        """Keep little for slow readers: the newest state is worth more than a queue of old ones."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=WRITE_BUFFER)

    def handle_connect(self, event: Any) -> None:
        """Offer the application `wuyi.write` and `wuyi.cut_off` beside `send`."""
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            extensions: dict[str, Any] = self.scope["extensions"] or {}
            extensions["wuyi.cut_off"] = self.cut_off
            extensions["wuyi.write"] = self.write_frame

    def send_receive_event_to_app(self) -> None:
        """Close with 1007 on text that is not UTF-8: the client's fault, so nothing for our log."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer, unless the phone takes nothing: who pings without reading would fill the memory with answers."""
        answers = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(answers)

    def write_frame(self, frame: bytes) -> bool:
        """Write a ready frame if the phone takes messages just now; return whether it did.

        A server's frames are not masked, so one frame serves every socket: a third of the cost of `send`.
        """
        # A line that broke keeps the state OPEN, and uvloop raises when its transport is written to.
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        if not self.writable.is_set() or self.conn.state is not State.OPEN:
            return False
        self.transport.write(frame)
        return True

    def cut_off(self, code: int) -> None:
        """Close with `code` without waiting for a buffer that does not drain."""
        if self.close_sent or self.transport.is_closing() or self.conn.state is not State.OPEN:
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(GRACE, self.transport.abort)
