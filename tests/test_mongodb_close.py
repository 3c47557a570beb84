"""A driver that is closed while it connects loses no socket."""

import asyncio
import gc
import socket
import warnings
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from stores.errors import StoreUnavailable
from stores.mongodb_watch import MongoWatch
from stores.specs_mongodb import MongoSpecs


@contextmanager
def full() -> Generator[int]:
    """Yield a port at which so many wait already that nobody else gets in."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            with suppress(BlockingIOError):
                waiting.connect(listening.getsockname())
        yield listening.getsockname()[1]


async def lost(port: int) -> list[str]:
    """Return the sockets that a shop loses which stops while it connects."""
    specs = MongoSpecs(f"mongodb://127.0.0.1:{port}/x", 0.5)
    asked = asyncio.create_task(specs.by_ids([1]))
    await asyncio.sleep(0.1)
    await specs.close()
    with suppress(StoreUnavailable, asyncio.CancelledError):
        await asked
    del specs, asked
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        await asyncio.sleep(0)
        gc.collect()
    return [str(one.message) for one in seen if "unclosed" in str(one.message)]


async def test_socket_that_is_just_connecting_is_closed_too() -> None:
    with full() as port:
        assert await lost(port) == []


async def test_twin_that_does_not_wait_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_self: MongoWatch) -> None:
        pass

    # Calls that wait for a server end when the driver gives up; they would wait for it, too.
    monkeypatch.setattr("stores.specs_mongodb._END_SECONDS", 0.01)
    monkeypatch.setattr(MongoWatch, "idle", at_once)
    with full() as port:
        assert len(await lost(port)) == 1
