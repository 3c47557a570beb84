"""The door of connections: from which pages, by which protocol, and how many."""

import time
from urllib.parse import urlsplit

import structlog
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.schema.base import BaseSchema

from graph.admission import Door, Limit, Overloaded
from graph.answers import refusal
from graph.request_errors import RequestRefused, turned_away
from graph.sockets.connection import Connection
from graph.sockets.executing import Executing
from graph.sockets.messages import PROTOCOL, Code
from graph.sockets.seats import Seating
from graph.sockets.tally import Tally
from resolvers.context import Mall
from stores.errors import ErrorCode

#: Connections of a process.
CONNECTIONS = 5_000

_log = structlog.get_logger()


class Sockets:
    """Serves GraphQL over WebSocket."""

    def __init__(self, schema: BaseSchema, door: Door) -> None:
        """Execute by `schema`; the shop is that of the application's state."""
        self._executing = Executing(schema, door)
        self._open = Limit(CONNECTIONS)
        self._seating = Seating()
        self.tally = Tally()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection to its end."""
        socket = WebSocket(scope, receive, send)
        # What comes with a handshake is a message that says so.
        await socket.receive()
        try:
            with self._open.one():
                async with self._seating.one(socket):
                    await self._admit(socket)
        except Overloaded:
            await self._deny(socket, turned_away())

    async def _admit(self, socket: WebSocket) -> None:
        if not _is_trusted(socket):
            await self._deny(socket, _foreign())
            return
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            self.tally.end(Code.NO_PROTOCOL)
            await socket.close(Code.NO_PROTOCOL, f"Offer the subprotocol {PROTOCOL}.")
            return
        await socket.accept(PROTOCOL)
        began = time.monotonic()
        try:
            with self.tally.connection():
                await Connection(socket, self._executing, self.tally).serve()
        finally:
            _log.info("socket", path=socket.url.path, seconds=round(time.monotonic() - began, 1))

    async def _deny(self, socket: WebSocket, refused: RequestRefused) -> None:
        self.tally.end(refused.status)
        await socket.send_denial_response(refusal(refused))


def _is_trusted(socket: WebSocket) -> bool:
    """Whether the page that opens it may; what is no browser sends no origin.

    Browsers let any page open one, and send the shop's cookies along.
    """
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    mall: Mall = socket.app.state.mall
    is_own = urlsplit(origin.lower()).netloc == socket.headers.get("host", "").lower()
    return is_own or origin.lower() in mall.settings.trusted_origins()


def _foreign() -> RequestRefused:
    message = "Pages of this origin may not open WebSockets; see MALLGRAPH_SOCKET_ORIGINS."
    return RequestRefused(403, ErrorCode.FORBIDDEN.value, message)
