"""Load that does not wait: requests come when they come, however many are not answered yet."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import pages_load

#: Connections that are opened at most; a request for which there is none is not sent.
_CONNECTIONS = 4_000
_PATIENCE_SECONDS = 10.0
_END, _RETRY_AFTER = b"\r\n\r\n", b"retry-after:"


@dataclass
class Crowd:
    """What became of requests: seconds of those that were answered, and of those sent away."""

    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    #: How late requests were sent: what is as long as the others says more of this process.
    late: list[float] = field(default_factory=list)
    #: Whatever is neither an answer nor a 503 that says when to come again.
    wrong: list[str] = field(default_factory=list)

    def came_back(self, head: bytes, seconds: float) -> None:
        """Note what a request was told."""
        if head.startswith(b"HTTP/1.1 200"):
            self.answered.append(seconds)
        elif head.startswith(b"HTTP/1.1 503") and _RETRY_AFTER in head.lower():
            self.refused.append(seconds)
        else:
            self.wrong.append(head.decode(errors="replace"))


async def come(port: int, request: bytes, rate: float, seconds: float) -> Crowd:
    """Send so many requests in each second, evenly, and return what became of all of them."""
    crowd, lane = Crowd(), _Lane(port, request)
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    waiting: set[asyncio.Task[None]] = set()
    while (now := loop.time() - began) < seconds:
        while sent < now * rate:
            # By the time at which it was due: one that this process sends late has waited already.
            task = asyncio.create_task(_visit(lane, crowd, began + sent / rate))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            sent += 1
        await asyncio.sleep(0.001)
    await asyncio.gather(*waiting)
    lane.close()
    return crowd


async def _visit(lane: "_Lane", crowd: Crowd, due: float) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            head = await lane.ask(due, crowd)
    except (TimeoutError, OSError) as error:
        crowd.wrong.append(repr(error))
        return
    crowd.came_back(head, asyncio.get_running_loop().time() - due)


class _Lane:
    """Connections to one server, opened when none is free."""

    def __init__(self, port: int, request: bytes) -> None:
        self._port, self._request = port, request
        self._free: list[_Connection] = []
        self._all: list[_Connection] = []

    async def ask(self, due: float, crowd: Crowd) -> bytes:
        """Return the head of an answer, once all of it is there."""
        connection = self._idle() or await self._open()
        crowd.late.append(asyncio.get_running_loop().time() - due)
        head = await connection.ask(self._request)
        self._free.append(connection)
        return head

    def _idle(self) -> "_Connection | None":
        """Return a connection that is free; the server may have closed some meanwhile."""
        while self._free:
            if not (found := self._free.pop()).is_closed:
                return found
            self._all.remove(found)
        return None

    def close(self) -> None:
        for one in self._all:
            one.close()

    async def _open(self) -> "_Connection":
        if len(self._all) >= _CONNECTIONS:
            raise OSError(f"{_CONNECTIONS} connections are open, and none is free.")
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(_Connection, pages_load.HOST, self._port)
        self._all.append(made)
        return made


class _Connection(asyncio.Protocol):
    """One request after another."""

    is_closed = False
    _transport: asyncio.WriteTransport
    close: Callable[[], None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # That of uvloop is one in all but name.
        self._transport = cast("asyncio.WriteTransport", transport)
        self.close = self._transport.close

    async def ask(self, request: bytes) -> bytes:
        self._head, self._left = b"", -1
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return bytes(await self._done)

    def data_received(self, data: bytes) -> None:
        if self._left < 0:
            head, end, data = (self._head + data).partition(_END)
            self._head = head + end
            if not end:
                return
            self._left = pages_load.length(head) or 0
        self._left -= len(data)
        if self._left <= 0 and not self._done.done():
            self._done.set_result(self._head)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        if hasattr(self, "_done") and not self._done.done():
            self._done.set_exception(OSError(f"The server closed a connection: {exc}."))
