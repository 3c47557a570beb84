"""How long the head of a request may be, how long it may take, and whose client has gone."""

import asyncio
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mallgraph.cli.slow_readers import SlowReaders

#: Bytes of a request's first line and headers, but for what comes in one piece with their end.
MAX_HEAD = 64 * 1024
#: From the first moment of a connection, or the first byte of the next head, to its end.
HEAD_SECONDS = 10.0

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class ShortHeads(SlowReaders, HttpToolsProtocol):
    """Uvicorn's own, which keeps heads of any length, and waits for them for ever.

    When a client goes, Uvicorn tells the request that came last. One that is answered while others
    wait behind it would wait for that client, or write to a connection that is closed.
    """

    _running: RequestResponseCycle | None = None
    _is_in_head = False
    _head_size = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer, and tell whoever is answering."""
        self._wait_no_longer()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Answer a request, one at a time."""
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._is_in_head, self._head_size = True, 0
        self._wait()

    def on_headers_complete(self) -> None:
        """End a head."""
        self._is_in_head = False
        self._wait_no_longer()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head is longer than anybody needs."""
        super().data_received(data)
        self._head_size += len(data)
        if self._is_in_head and self._head_size > MAX_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _wait(self) -> None:
        self._wait_no_longer()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _wait_no_longer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        self.transport.close()
