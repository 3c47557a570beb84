"""What processes of the shop know together, if there is a Redis for it, or each for itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from stores.persisted import MemoryDocuments, PersistedDocuments, RedisDocuments
from stores.rates import MemoryRates, Rates, RedisRates
from stores.seats import OpenSeats, RedisSeats, Seats
from stores.settings import Settings


@dataclass(frozen=True, slots=True)
class Shared:
    """Buckets of points, seats and persisted documents, wherever they lie."""

    rates: Rates
    seats: Seats
    persisted: PersistedDocuments
    close: Callable[[], Awaitable[None]]


def open_shared(settings: Settings) -> Shared:
    """Return what lies in the Redis of the settings; without one, in this process."""
    url = settings.shared()
    if url is None:
        return Shared(MemoryRates(), OpenSeats(), MemoryDocuments(), _nothing)
    # Imported here, as an embedded shop needs no Redis driver and shall start fast.
    from stores.shared_redis import SharedRedis  # noqa: PLC0415

    redis = SharedRedis(url)
    return Shared(RedisRates(redis), RedisSeats(redis), RedisDocuments(redis), redis.close)


async def _nothing() -> None:
    pass
