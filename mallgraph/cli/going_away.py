"""What clients over WebSocket hear when the shop stops."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_GOING_AWAY = 1001


class GoingAway(WebSocketsSansIOProtocol):
    """Uvicorn's own, but for the code that a stop ends connections with.

    Uvicorn sends 1012, that the service restarts; nobody here knows whether it does.
    """

    def shutdown(self) -> None:
        """End the connection."""
        is_open = self.handshake_complete and not self.close_sent and not self.disconnected
        if is_open:
            ended: Any = {"type": "websocket.disconnect", "code": _GOING_AWAY}
            self.queue.put_nowait(ended)
            self.conn.send_close(_GOING_AWAY)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        super().shutdown()
