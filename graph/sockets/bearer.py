"""Whom a connection speaks for: the token of its first message, or of its handshake."""

from typing import Any

from starlette.websockets import WebSocket

from graph.sockets.messages import Code, Ending
from stores.errors import StoreUnavailable, Unauthenticated
from stores.tokens import Tokens

_NAME = "authorization"


class Bearer:
    """The token of a connection, proved again whenever it is used: it may expire meanwhile."""

    def __init__(self, socket: WebSocket) -> None:
        """Take the header of the handshake, which browsers cannot set."""
        self._tokens: Tokens = socket.app.state.tokens
        self._header: str | None = socket.headers.get(_NAME)

    async def take(self, payload: dict[str, Any]) -> None:
        """Take `Authorization` of the first message, if it is there. Raises Ending."""
        sent = [text for name, text in payload.items() if name.lower() == _NAME and text]
        if sent:
            self._header = sent[0] if isinstance(sent[0], str) else ""
        await self.subject()

    async def subject(self) -> str | None:
        """Return whom the token names, None without one. Raises Ending for one that is bad."""
        if self._header is None:
            return None
        scheme, _, token = self._header.strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Ending(Code.FORBIDDEN, 'Send {"Authorization": "Bearer <token>"}.')
        try:
            return await self._tokens.subject(token.strip())
        except Unauthenticated as error:
            raise Ending(Code.FORBIDDEN, str(error)) from error
        except StoreUnavailable as error:
            raise Ending(Code.COME_AGAIN, str(error)) from error
