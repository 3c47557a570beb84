"""A door between the shop and a store, which tests can shut."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class Door:
    """Passes bytes on to a server; shut, it refuses, and stuck, it swallows everything."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()
        self._is_stuck = False
        self.port = 0

    async def open(self) -> None:
        """Let everybody in, at the same port as before."""
        self._is_stuck = False
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Cut all connections and refuse new ones."""
        assert self._server is not None
        self._server.close()
        for link in list(self._links):
            link.transport.abort()
        await asyncio.sleep(0.05)

    def stick(self) -> None:
        """Answer nobody any more, but keep the connections."""
        self._is_stuck = True

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Known at once: a door that is shut while it opens the other side cuts this one, too.
        self._links.add(writer)
        try:
            inside, out = await asyncio.open_connection("127.0.0.1", self._target)
            self._links.add(out)
            await asyncio.gather(self._pump(reader, out), self._pump(inside, writer))
            self._links.discard(out)
        finally:
            writer.transport.abort()
            self._links.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                if not self._is_stuck:
                    writer.write(data)
                    await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def door(url: str) -> AsyncGenerator[tuple[Door, str]]:
    """Yield a door to the server of a URL, and the URL that leads through it."""
    parts = urlsplit(url)
    assert parts.port is not None
    made = Door(parts.port)
    await made.open()
    place = parts.netloc.replace(f":{parts.port}", f":{made.port}")
    query = "directConnection=true" if parts.scheme == "mongodb" else parts.query
    yield made, urlunsplit(parts._replace(netloc=place, query=query))
    await made.shut()
