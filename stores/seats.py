"""How many connections a client keeps open at all processes of the shop together.

A seat is held for a while and prolonged again and again; that of a process which was killed falls
free when the while is over.
"""

from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from stores.shared_redis import SharedRedis

#: For how long a seat is held, and how often it is prolonged.
HELD_SECONDS = 90.0
PROLONGED_SECONDS = 30.0

_TAKE = """
local parts = redis.call('TIME')
local now = parts[1] * 1000 + math.floor(parts[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local most = tonumber(ARGV[3])
if most > 0 and redis.call('ZCARD', KEYS[1]) >= most then
  return 0
end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""


class Seats(Protocol):
    """Who sits where; a seat is named by whoever takes it, by a name that nobody else has."""

    async def take(self, who: str, seat: str, most: int) -> bool:
        """Take a seat; False if the client has so many already."""

    async def prolong(self, who: str, seat: str) -> None:
        """Hold a seat for another while."""

    async def leave(self, who: str, seat: str) -> None:
        """Make a seat free."""


class OpenSeats:
    """Seats for everybody: each process counts its own connections, and nobody counts all."""

    async def take(self, who: str, seat: str, most: int) -> bool:  # noqa: ARG002  See Seats.
        """Take a seat; there is one."""
        return True

    async def prolong(self, who: str, seat: str) -> None:
        """Do nothing."""

    async def leave(self, who: str, seat: str) -> None:
        """Do nothing."""


class RedisSeats:
    """Seats that all processes share; while Redis is away, there is one for everybody."""

    def __init__(self, shared: "SharedRedis") -> None:
        """Lie in a Redis."""
        self._shared = shared
        self._take = shared.client.register_script(_TAKE)

    async def take(self, who: str, seat: str, most: int) -> bool:
        """Take a seat; see Seats."""
        return await self._ask("take_seat", who, seat, most) != 0

    async def prolong(self, who: str, seat: str) -> None:
        """Hold a seat; what a Redis that was away has forgotten, it learns so."""
        await self._ask("prolong_seat", who, seat, 0)

    async def leave(self, who: str, seat: str) -> None:
        """Make a seat free; while Redis is away, it falls free by itself."""
        leave = partial(self._shared.client.zrem, _key(who), seat)
        await self._shared.ask("leave_seat", leave)

    async def _ask(self, what: str, who: str, seat: str, most: int) -> int | None:
        sent: list[str | int] = [seat, int(HELD_SECONDS * 1_000), most]
        return await self._shared.ask(what, partial(self._take, keys=[_key(who)], args=sent))


def _key(who: str) -> str:
    return f"seats:{{{who}}}"
