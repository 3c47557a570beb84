"""Load: some connections that each send the same request again as soon as it is answered."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import cast

HOST = "127.0.0.1"
_GOOD, _END, _LENGTH = b"HTTP/1.1 200", b"\r\n\r\n", b"content-length:"


class BadAnswer(Exception):
    """An answer that is not 200, or that a connection cannot read."""


@dataclass
class Load:
    """Seconds that each request took, and what went wrong."""

    request: bytes
    ends_at: float
    latencies: list[float] = field(default_factory=list)
    error: BadAnswer | None = None


def get(path: str) -> bytes:
    """Return the bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """Return the bytes of a POST of JSON."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run(port: int, request: bytes, seconds: float, connections: int) -> list[float]:
    """Return the latency of each request of so many seconds. Raises BadAnswer."""
    load = Load(request, time.perf_counter() + seconds)
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(load), HOST, port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in made))
    if load.error:
        raise load.error
    return load.latencies


async def ask(port: int, request: bytes) -> bytes:
    """Return the body of one answer. Raises BadAnswer."""
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(request)
    head = await reader.readuntil(_END)
    body = await reader.readexactly(length(head) or 0)
    writer.close()
    if not head.startswith(_GOOD):
        raise BadAnswer(f"{head.decode()}{body.decode()}")
    return body


class _Connection(asyncio.Protocol):
    """Sends, waits for the whole answer, and sends again."""

    _transport: asyncio.Transport
    _began: float
    #: What came of the head of an answer, and how much of its body is still to come.
    _head: bytes
    _left: int | None

    def __init__(self, load: Load) -> None:
        self._load = load
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # That of uvloop is one in all but name.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        rest = data if self._left is not None else self._body_of(data)
        if self._left is None:
            return
        self._left -= len(rest)
        if self._left > 0:
            return
        if self._head.startswith(_GOOD):
            self._answered()
        else:
            self._fail((self._head + rest).decode())

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._fail(f"The server closed a connection: {exc}.")

    def _send(self) -> None:
        self._head, self._left = b"", None
        self._began = time.perf_counter()
        self._transport.write(self._load.request)

    def _body_of(self, data: bytes) -> bytes:
        """Return what comes behind the head, once that is whole."""
        head, end, rest = (self._head + data).partition(_END)
        self._head = head + end
        if not end:
            return b""
        self._left = length(self._head)
        if self._left is None:
            self._fail(f"No length of the body is told:\n{head.decode()}")
        return rest

    def _answered(self) -> None:
        now = time.perf_counter()
        self._load.latencies.append(now - self._began)
        if now < self._load.ends_at and not self._load.error:
            self._send()
        else:
            self._end()

    def _fail(self, why: str) -> None:
        self._load.error = self._load.error or BadAnswer(why)
        self._end()

    def _end(self) -> None:
        self._transport.close()
        if not self.done.done():
            self.done.set_result(None)


def length(head: bytes) -> int | None:
    """Return the length of a body that a head tells, or None."""
    place = head.lower().find(_LENGTH)
    if place < 0:
        return None
    return int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0])
