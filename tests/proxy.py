"""Doors between client, shop and stores: tests shut them, or let them fail now and then."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
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
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port, backlog=2_048)
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


@dataclass(frozen=True, slots=True)
class Weather:
    """How often a connection has which fate; what is left goes through as it is."""

    dropped: float = 0.10
    reset: float = 0.10
    late: float = 0.05
    late_seconds: float = 2.0


class RoughDoor(Door):
    """A door at which each connection has a fate of its own, drawn from seeded dice.

    For clients that send one request on each: its answer is dropped after the server gave it, the
    connection is reset before or after the server got the request, or the answer comes late.
    """

    def __init__(self, port: int, dice: random.Random, weather: Weather) -> None:
        """Lead to a port of this machine."""
        super().__init__(port)
        self._dice, self._weather = dice, weather
        self.fates: Counter[str] = Counter()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fate = self._fate()
        self.fates[fate] += 1
        self._links.add(writer)
        try:
            if fate != "reset before":
                await self._lead(reader, writer, fate)
        except OSError:
            # The server is down: the client sees its connection cut.
            self.fates["server away"] += 1
        finally:
            writer.close() if fate in ("whole", "late") else writer.transport.abort()
            self._links.discard(writer)

    def _fate(self) -> str:
        roll, weather = self._dice.random(), self._weather
        for fate, share in (
            ("dropped", weather.dropped),
            ("reset before", weather.reset / 2),
            ("reset after", weather.reset / 2),
            ("late", weather.late),
        ):
            if roll < share:
                return fate
            roll -= share
        return "whole"

    async def _lead(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fate: str
    ) -> None:
        inside, out = await asyncio.open_connection("127.0.0.1", self._target)
        asking = asyncio.create_task(self._pump(reader, out))
        try:
            if fate == "reset after":
                await asyncio.sleep(self._dice.uniform(0, 0.05))
                return
            answer = await inside.read(65_536)
            if fate == "late":
                await asyncio.sleep(self._weather.late_seconds)
            while answer and fate != "dropped":
                writer.write(answer)
                await writer.drain()
                answer = await inside.read(65_536)
        finally:
            asking.cancel()
            out.transport.abort()


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
