"""The shop as a process of its own, which can be killed and started again."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from stores.settings import Settings
from tests.faults.nursery import ROOT, Child, born
from tests.servers import free_port

READY_SECONDS = 30
#: What a shop may take that was told to stop.
STOP_SECONDS = 30


class Server:
    """`mallgraph serve` on a port of its own, always with the same data; see `twins`."""

    def __init__(self, settings: Settings, folder: Path, twin: str | None = None) -> None:
        """Start nothing yet."""
        self.port = free_port()
        self.log = folder / f"server-{self.port}.log"
        self.kills = 0
        self._twin = twin or "none"
        self._variables = _environment(settings)
        self._process: Child | None = None

    async def start(self) -> None:
        """Start, and return when it answers."""
        words = [self._twin, "serve", "--port", str(self.port)]
        self._process = await asyncio.to_thread(born, words, self._variables, self.log)
        await self._ready()

    async def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        await self._ended()
        self.kills += 1

    def tell_to_stop(self) -> None:
        """Send what a host sends that is about to shut down."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait for its end and return the exit status."""
        return await self._ended()

    async def close(self) -> None:
        """Leave nothing running."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            await self._ended()

    async def revived(self) -> None:
        """Start it again whenever it has died by itself, until cancelled."""
        while True:
            if self._process is not None and self._process.poll() is not None:
                self.kills += 1
                await self.start()
            await asyncio.sleep(0.05)

    def told(self) -> str:
        """Return the log of all its lives."""
        return self.log.read_text()

    async def _ended(self) -> int:
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, STOP_SECONDS)

    async def _ready(self) -> None:
        assert self._process is not None
        until = time.monotonic() + READY_SECONDS
        async with httpx2.AsyncClient(trust_env=False, timeout=1) as http:
            while time.monotonic() < until:
                assert self._process.poll() is None, self.told()
                try:
                    await http.get(f"http://127.0.0.1:{self.port}/healthz")
                except httpx2.TransportError:
                    await asyncio.sleep(0.03)
                else:
                    return
        raise TimeoutError(self.told())


@asynccontextmanager
async def running(
    settings: Settings, folder: Path, twin: str | None = None
) -> AsyncGenerator[Server]:
    """Yield a shop that is open; it ends with the block."""
    server = Server(settings, folder, twin)
    try:
        await server.start()
        yield server
    finally:
        await server.close()


def _environment(settings: Settings) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    urls = {"SQL": settings.sql(), "DOCUMENTS": settings.documents(), "SEARCH": settings.search()}
    told = {
        f"MALLGRAPH_{name}_URL": url for name, url in (urls | {"CARTS": settings.carts()}).items()
    }
    more = {"MALLGRAPH_DATA_DIR": str(settings.data_dir), "MALLGRAPH_LOG_LEVEL": "warning"}
    return kept | told | more | _cards(settings) | {"PYTHONPATH": str(ROOT)}


def _cards(settings: Settings) -> dict[str, str]:
    keys = settings.cards_key, settings.cards_webhook_key
    if settings.cards_url is None or keys[0] is None or keys[1] is None:
        return {}
    return {
        "MALLGRAPH_CARDS_URL": settings.cards_url,
        "MALLGRAPH_CARDS_KEY": keys[0].get_secret_value(),
        "MALLGRAPH_CARDS_WEBHOOK_KEY": keys[1].get_secret_value(),
        "MALLGRAPH_PAYMENT_RESUME_SECONDS": str(settings.payment_resume_seconds),
    }
