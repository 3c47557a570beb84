"""How fast each client may spend: a bucket of points that fills again all the time.

A bucket is one number: the moment at which it will be full again. Spending moves that on; whoever
would move it further than a whole bucket away waits until it has come back far enough.
"""

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from stores.shared_redis import SharedRedis

#: Clients that a process remembers; those who have been away for longest are forgotten first.
REMEMBERED = 100_000

_SPEND = """
local parts = redis.call('TIME')
local now = parts[1] * 1000 + parts[2] / 1000
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + tonumber(ARGV[1])
local wait = full - now - tonumber(ARGV[2])
if wait <= 0 or ARGV[3] == '1' then
  redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(full - now) + 1)
end
return math.max(math.ceil(wait), 0)
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """Points that come back in a second, and points that a client may have saved up."""

    per_second: int
    burst: int

    def milliseconds(self, points: int) -> float:
        """Return how long it takes until so many points are back; never more than a bucket."""
        return min(points, self.burst) * 1_000 / self.per_second


class Rates(Protocol):
    """The buckets of all clients."""

    async def spend(self, who: str, points: int, rate: Rate, *, is_owed: bool = False) -> int:
        """Take points out of a bucket, and return 0; else the milliseconds to wait for them.

        What is owed is taken all the same: whoever has less waits for as long before anything else.
        """


class MemoryRates:
    """Buckets of one process."""

    def __init__(self) -> None:
        """Know no client yet."""
        #: Client -> when its bucket will be full, in milliseconds of the monotonic clock.
        self._full: OrderedDict[str, float] = OrderedDict()

    async def spend(self, who: str, points: int, rate: Rate, *, is_owed: bool = False) -> int:
        """Take points; see Rates."""
        now = monotonic() * 1_000
        full = max(self._full.get(who, now), now) + rate.milliseconds(points)
        wait = full - now - rate.milliseconds(rate.burst)
        if wait <= 0 or is_owed:
            self._remember(who, full)
        return int(wait) + 1 if wait > 0 else 0

    def _remember(self, who: str, full: float) -> None:
        self._full[who] = full
        self._full.move_to_end(who)
        if len(self._full) > REMEMBERED:
            self._full.popitem(last=False)


class RedisRates:
    """Buckets that all processes share; while Redis is away, each has its own."""

    def __init__(self, shared: "SharedRedis") -> None:
        """Lie in a Redis."""
        self._shared, self._alone = shared, MemoryRates()
        self._spend = shared.client.register_script(_SPEND)

    async def spend(self, who: str, points: int, rate: Rate, *, is_owed: bool = False) -> int:
        """Take points; see Rates."""
        sent = [rate.milliseconds(points), rate.milliseconds(rate.burst), int(is_owed)]
        call = partial(self._spend, keys=[f"rate:{{{who}}}"], args=sent)
        wait = await self._shared.ask("spend", call)
        if wait is None:
            return await self._alone.spend(who, points, rate, is_owed=is_owed)
        return int(wait)
