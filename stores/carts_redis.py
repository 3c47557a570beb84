"""Carts in Redis: one hash for each owner, replaced by a script that compares first."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import structlog
from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from stores.calls import asking
from stores.cart_records import Record, from_plain, to_plain
from stores.carts import STORE
from stores.errors import StoreUnavailable

R = TypeVar("R")

#: More requests inside Redis at once only lengthen the tail.
_CONNECTIONS = 16
#: What a call that nobody waits for any more may take until it is cancelled.
_END_SECONDS = 1.0
#: The stamp is that of the record which was read; an owner without a record has none.
_REPLACE = """
local stamp = redis.call('HGET', KEYS[1], 'stamp') or ''
if stamp ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'stamp', ARGV[2], 'body', ARGV[3])
return 1
"""

_log = structlog.get_logger()


class RedisCarts:
    """All that is kept of one owner lies under one key, so that it lies in one slot."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Connect when first asked."""
        self._client = Redis.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            # A driver that repeats in silence applies a write twice when a reply was lost.
            retry=Retry(NoBackoff(), 0),
            max_connections=_CONNECTIONS,
            decode_responses=True,
        )
        self._replace = self._client.register_script(_REPLACE)
        self._timeout_seconds = timeout_seconds
        self._places = asyncio.Semaphore(_CONNECTIONS)
        self._running: set[asyncio.Future[Any]] = set()

    async def read(self, owner_id: int) -> Record | None:
        """Read the body."""
        body = await self._ask("read", partial(self._client.hget, _key(owner_id), "body"))
        return None if body is None else from_plain(owner_id, json.loads(body))

    async def replace(self, before: Record | None, after: Record) -> bool:
        """Compare and write in one script."""
        body = json.dumps(to_plain(after), separators=(",", ":"), ensure_ascii=False)
        stamps = [before.stamp if before else "", after.stamp]
        keys = [_key(after.cart.owner_id)]
        return bool(
            await self._ask("replace", partial(self._replace, keys=keys, args=[*stamps, body]))
        )

    async def remove(self, owner_id: int) -> None:
        """Delete the key."""
        await self._ask("remove", partial(self._client.delete, _key(owner_id)))

    async def prepare(self) -> None:
        """Warn of a Redis that forgets: a shopper takes what was acknowledged for kept."""
        told = await self._ask("prepare", partial(self._client.info, "persistence"))
        if not told.get("aof_enabled"):
            _log.warning("carts_may_be_lost", why="Redis runs without `appendonly yes`.")
        memory = await self._ask("prepare", partial(self._client.info, "memory"))
        if memory.get("maxmemory") and memory.get("maxmemory_policy") != "noeviction":
            _log.warning("carts_may_be_lost", why="Redis has a maxmemory-policy that evicts.")

    async def ping(self) -> None:
        """Ask whether the server is there."""
        await self._ask("ping", self._client.ping)

    async def close(self) -> None:
        """Close all connections."""
        if self._running:
            _, stuck = await asyncio.wait(set(self._running), timeout=_END_SECONDS)
            for call in stuck:
                call.cancel()
            await asyncio.gather(*stuck, return_exceptions=True)
        await self._client.aclose()

    async def _ask(self, what: str, call: Callable[[], Awaitable[R]]) -> R:
        try:
            async with asking(STORE, what, self._timeout_seconds):
                # Whoever is cut off while waiting for a place has asked for nothing.
                await self._places.acquire()
                return await asyncio.shield(self._begun(call))
        except (RedisError, OSError) as error:
            raise StoreUnavailable(STORE) from error

    def _begun(self, call: Callable[[], Awaitable[R]]) -> asyncio.Future[R]:
        # In a task of its own, which ends by the driver's own limit: one that is cut off leaves
        # a connection behind on which the next call would read its answer.
        running = asyncio.ensure_future(call())
        self._running.add(running)
        running.add_done_callback(self._ended)
        return running

    def _ended(self, call: asyncio.Future[Any]) -> None:
        self._places.release()
        self._running.discard(call)
        # Looked at, as nobody else may: whoever asked may be gone.
        if not call.cancelled():
            call.exception()


def _key(owner_id: int) -> str:
    return f"cart:{{{owner_id}}}"
