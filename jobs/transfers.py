"""Transfers go on by themselves: what was decided and left undone is done by whoever lives."""

from functools import partial

from jobs.patience import for_ever, pausing
from resolvers.context import Mall

EVERY_SECONDS = 3


async def run(mall: Mall) -> None:
    """Go on with transfers until cancelled; a database that is away is asked again later."""
    await for_ever("transfers", partial(_once, mall), pausing(EVERY_SECONDS))


async def _once(mall: Mall) -> bool:
    await mall.stores.accounts.go_on(mall.clock())
    return False
