"""What clients over WebSocket hear when the shop stops, and what is not kept for them."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from mallgraph.cli.slow_readers import SlowReaders

#: Frames of one message: empty ones add nothing to its length, but are kept.
MAX_FRAMES = 1_000


class GoingAway(SlowReaders, WebSocketsSansIOProtocol):
    """Uvicorn's own, but for the code that a stop ends connections with, and for two bounds.

    Uvicorn sends 1012, that the service restarts; nobody here knows whether it does.
    """

    def shutdown(self) -> None:
        """End the connection."""
        is_open = self.handshake_complete and not self.close_sent and not self.disconnected
        if is_open:
            self._end(CloseCode.GOING_AWAY)
        super().shutdown()

    def handle_ping(self) -> None:
        """Answer a ping; not of a client that reads no answers, for which they would pile up."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.transport.abort()

    def handle_cont(self, event: Frame) -> None:
        """Take another frame of a message."""
        if self.close_sent:
            return
        if len(self.frames) < MAX_FRAMES:
            super().handle_cont(event)
        else:
            self._end(CloseCode.MESSAGE_TOO_BIG)
            self.transport.close()

    def _end(self, code: CloseCode) -> None:
        ended: Any = {"type": "websocket.disconnect", "code": int(code)}
        self.queue.put_nowait(ended)
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
