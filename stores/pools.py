"""How full a pool of connections is."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool


@dataclass(frozen=True, slots=True)
class Fill:
    """How many connections a pool may have, how many are in use, and how many callers wait."""

    size: int
    in_use: int
    waiting: int


def fill(engine: AsyncEngine) -> Fill:
    """Return how full the pool of an engine is; all 0 of one that has no limit."""
    pool = engine.pool
    if not isinstance(pool, AsyncAdaptedQueuePool):
        return Fill(0, 0, 0)
    # SQLAlchemy tells neither by a public name.
    queue = pool._pool._queue  # type: ignore[attr-defined]  # noqa: SLF001
    size = pool.size() + max(pool._max_overflow, 0)  # noqa: SLF001
    return Fill(size, pool.checkedout(), sum(not one.done() for one in queue._getters))  # noqa: SLF001
