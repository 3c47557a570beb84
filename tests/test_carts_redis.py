"""Carts in a Redis that is away, comes back, is full of calls, or forgets."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from stores import cart_records
from stores.cart_store import CartStore
from stores.carts_redis import _CONNECTIONS, RedisCarts
from stores.deadline import deadline
from stores.errors import StoreUnavailable
from tests.cart_shelf import NOW, SHARED, TEA, Shelf, add, shelf
from tests.proxy import door
from tests.servers import free_port, private

__all__ = ["shelf"]

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("shelf", [SHARED[-1]], indirect=True)
async def test_lost_cart_comes_back_under_a_new_id(shelf: Shelf) -> None:
    before = (await shelf.put(TEA)).cart
    old = await shelf.store._home.read(shelf.owner)
    home: Any = shelf.store._home
    await home._client.delete(f"cart:{{{shelf.owner}}}")
    after = await shelf.store.by_owner(shelf.owner)

    assert after.lines == ()
    assert after.id != before.id
    # What was computed from the lost one is not written over its successor.
    assert old
    assert not await home.replace(old, replace(old, revision=old.revision + 1))


async def test_redis_that_is_away_is_told_in_time() -> None:
    store = CartStore(RedisCarts(f"redis://127.0.0.1:{free_port()}", 0.3), 0.3)
    began = time.monotonic()

    with pytest.raises(StoreUnavailable):
        await store.by_owner(1)
    assert time.monotonic() - began < 1
    await store.close()


@pytest.mark.server
@pytest.mark.parametrize("how", ["shut", "stuck"])
async def test_redis_that_comes_back_is_used_again(redis_url: str, how: str) -> None:
    owner = 1 + secrets.randbelow(2**62)
    async with door(redis_url) as (its, through):
        store = CartStore(RedisCarts(through, 0.5), 0.5)
        await add(store, owner, "k", TEA)
        its.stick() if how == "stuck" else await its.shut()
        began = time.monotonic()
        waiting = [add(store, owner, f"w{n}", TEA) for n in range(30)]
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(one) for one in told} == {StoreUnavailable}
        assert time.monotonic() - began < 2
        if how == "stuck":
            await its.shut()
        await its.open()

        assert (await add(store, owner, "k", TEA)).is_replay
        await store.close()
    async with Redis.from_url(redis_url) as client:
        await client.delete(f"cart:{{{owner}}}")


class Queueing(RedisCarts):
    """Waits for a place inside the call that nobody can cut off."""

    async def _ask(self, _what: str, call: Callable[[], Awaitable[Any]]) -> Any:
        async def in_place() -> Any:
            async with self._places:
                return await call()

        running = asyncio.create_task(in_place())
        self._running.add(running)
        async with deadline("carts", self._timeout_seconds):
            return await asyncio.shield(running)


async def written_after_refusal(home: RedisCarts) -> bool:
    """Write while all places are taken, let them go; return whether what was refused came."""
    owner = 1 + secrets.randbelow(2**62)
    for _ in range(_CONNECTIONS):
        await home._places.acquire()
    with pytest.raises(StoreUnavailable):
        await home.replace(None, cart_records.empty(owner, NOW))
    for _ in range(_CONNECTIONS):
        home._places.release()
    await asyncio.gather(*home._running)
    found = await home.read(owner)
    await home._client.delete(f"cart:{{{owner}}}")
    await home.close()
    return found is not None


@pytest.mark.server
async def test_write_that_found_no_place_in_time_never_comes(redis_url: str) -> None:
    home = RedisCarts(redis_url, 0.3)
    assert not await written_after_refusal(home)
    assert home._places._value == _CONNECTIONS


@pytest.mark.server
async def test_twin_that_waits_where_nobody_can_cut_it_off_writes_late(redis_url: str) -> None:
    assert await written_after_refusal(Queueing(redis_url, 0.3))


@pytest.mark.server
async def test_redis_that_forgets_is_told_loudly(tmp_path: Path) -> None:
    with private("redis", tmp_path) as entry:
        async with Redis.from_url(entry.url) as client:
            await client.config_set("appendonly", "no")
            await client.config_set("maxmemory", "100mb")
            await client.config_set("maxmemory-policy", "allkeys-lru")
        store = CartStore(RedisCarts(entry.url, 2), 2)
        with capture_logs() as logs:
            await store.prepare()
        await store.close()

    assert [(one["event"], one["log_level"], one["why"]) for one in logs] == [
        ("carts_may_be_lost", "warning", "Redis runs without `appendonly yes`."),
        ("carts_may_be_lost", "warning", "Redis has a maxmemory-policy that evicts."),
    ]
