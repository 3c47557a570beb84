"""A Redis of things that processes of the shop share and can do without."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from stores.calls import asking
from stores.errors import StoreUnavailable

R = TypeVar("R")

STORE = "shared"
#: What is shared makes an answer cheaper or fairer; nobody waits for it longer than this.
TIMEOUT_SECONDS = 0.25
_CONNECTIONS = 16

_log = structlog.get_logger()


class SharedRedis:
    """Asks a Redis; one that does not answer is told of in the log, and never to a client."""

    def __init__(self, url: str) -> None:
        """Connect when first asked."""
        self.client = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=_CONNECTIONS,
            decode_responses=True,
        )
        # The driver fails at once when all connections are in use: so many ask, the others wait.
        self._places = asyncio.Semaphore(_CONNECTIONS)
        self._is_away = False

    async def ask(self, what: str, call: Callable[[], Awaitable[R]]) -> R | None:
        """Return what a call returns; None if Redis does not answer in time."""
        try:
            async with asking(STORE, what, TIMEOUT_SECONDS), self._places:
                answer = await call()
        except (RedisError, OSError, StoreUnavailable) as error:
            if not self._is_away:
                _log.warning("shared_redis_is_away", why=type(error).__name__)
            self._is_away = True
            return None
        self._is_away = False
        return answer

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()
