"""A MariaDB of the test's own, which can be killed and started again, always with the same data."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from mallgraph import servers
from tests.servers import missing

NAME = "mariadb"
#: Below those that connections are given by themselves: while it is down, one of these would take
#: the place of the server for good.
_PORTS = range(20_000, 30_000)
#: How long the connections of one that was killed may linger.
_FREE_SECONDS = 30


class DatabaseServer:
    """It keeps its port, so that whoever knows its URL finds it again."""

    def __init__(self, folder: Path) -> None:
        """Start nothing yet."""
        self._folder = folder.resolve()
        self._port = _free_port()
        self._entry: servers.Entry | None = None
        self.kills = 0

    @property
    def url(self) -> str:
        """Where it is, with an empty database."""
        assert self._entry is not None
        return f"{self._entry.url}/shop"

    async def start(self) -> None:
        """Start, and return when it serves: what was committed is there again."""
        async with asyncio.timeout(_FREE_SECONDS):
            while not _is_free(self._port):  # noqa: ASYNC110  Nobody tells.
                await asyncio.sleep(0.05)
        cache = servers.cache_folder()
        self._entry = await asyncio.to_thread(servers.start, NAME, self._folder, cache, self._port)
        assert self._entry.port == self._port

    async def kill(self) -> None:
        """End it as a power cut would."""
        entry = self._entry
        assert entry is not None
        assert entry.pid is not None
        os.kill(entry.pid, signal.SIGKILL)
        while entry.running:  # noqa: ASYNC110  Nobody tells.
            await asyncio.sleep(0.01)
        self.kills += 1

    async def close(self) -> None:
        """Leave nothing running."""
        if self._entry is not None:
            await asyncio.to_thread(servers.stop, self._entry)


def _free_port() -> int:
    return next(port for port in random.sample(_PORTS, len(_PORTS)) if _is_free(port))


def _is_free(port: int) -> bool:
    return servers.free_port(port) == port


@asynccontextmanager
async def database_of_its_own(folder: Path) -> AsyncGenerator[DatabaseServer]:
    """Yield one that runs; it ends with the block. Nothing is installed."""
    if not servers.SERVERS[NAME].find(servers.cache_folder()):
        missing(NAME, f"no binary; try `mallgraph servers up {NAME}`.")
    server = DatabaseServer(folder)
    try:
        await server.start()
        yield server
    finally:
        await server.close()
