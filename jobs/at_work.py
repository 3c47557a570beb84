"""A process at work: it holds the number that its ids are made with."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from jobs.patience import for_ever, pausing
from resolvers.context import Mall
from stores.errors import StoreUnavailable

RENEW_SECONDS = 15


@asynccontextmanager
async def at_work(mall: Mall) -> AsyncGenerator[None]:
    """Hold a worker number inside, and give it back. Raises StoreUnavailable."""
    await mall.worker.renew()
    renewing = asyncio.create_task(_renew(mall))
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        with suppress(StoreUnavailable):
            await mall.worker.release()


async def _renew(mall: Mall) -> None:
    async def step() -> bool:
        await mall.worker.renew()
        return False

    await asyncio.sleep(RENEW_SECONDS)
    await for_ever("worker", step, pausing(RENEW_SECONDS))
