"""The sweep: what nobody needs any more is removed.

That is documents of specs that no product names, left over from writes that failed after the
document and from every change of specs; and keys of mutations that are not kept any longer.
"""

import asyncio
from datetime import timedelta
from functools import partial

from jobs.patience import for_ever, pausing
from resolvers.context import Mall
from stores import idempotency, payment_events, products, transfers
from stores.ids import first_id_at

EVERY_SECONDS = 600
#: A document is written before its product names it; what is younger may still be waited for.
KEPT = timedelta(hours=1)
CHUNK = 1_000
#: A signature holds for minutes; nobody tells the same after a week.
NEWS_KEPT = timedelta(days=7)
#: Whoever read a product just before it changed still asks for the document it had.
GRACE_SECONDS = 5.0


async def run(mall: Mall) -> None:
    """Sweep every ten minutes until cancelled; a store that is away is asked again later."""
    await for_ever("sweep", partial(_sweep_once, mall), pausing(EVERY_SECONDS))


async def sweep(mall: Mall, *, grace_seconds: float = GRACE_SECONDS) -> int:
    """Remove the documents that no product names, and return how many.

    Raises StoreUnavailable.
    """
    last, count, end = 0, 0, first_id_at(mall.clock() - KEPT)
    while ids := await mall.stores.specs.ids_after(last, CHUNK):
        count += await _remove(mall, [id_ for id_ in ids if id_ < end], grace_seconds)
        last = ids[-1]
        if last >= end:
            break
    return count


async def forget_keys(mall: Mall) -> int:
    """Delete the keys of mutations whose time is over, and return how many.

    Raises StoreUnavailable.
    """
    now, count = mall.clock(), 0
    for database in {mall.stores.database, mall.stores.accounts.database}:
        while some := await database.transact(
            lambda session: idempotency.forget_expired(session, now, CHUNK)
        ):
            count += some
    return count


async def forget_news(mall: Mall) -> int:
    """Delete which news of payment providers were taken in long ago, and return how many.

    Raises StoreUnavailable.
    """
    before, count = mall.clock() - NEWS_KEPT, 0
    while some := await mall.stores.database.transact(
        lambda session: payment_events.forget_news(session, before, CHUNK)
    ):
        count += some
    return count


async def forget_aborted(mall: Mall) -> int:
    """Delete which branches of XA were rolled back long ago, and return how many.

    Raises StoreUnavailable.
    """
    before = mall.clock() - NEWS_KEPT
    return await mall.stores.database.transact(
        lambda session: transfers.forget_aborted(session, before, CHUNK)
    )


async def _sweep_once(mall: Mall) -> bool:
    await forget_keys(mall)
    await forget_news(mall)
    await forget_aborted(mall)
    await sweep(mall)
    return False


async def _remove(mall: Mall, old: list[int], grace_seconds: float) -> int:
    unnamed = await _unnamed(mall, old)
    if not unnamed:
        return 0
    await asyncio.sleep(grace_seconds)
    # Asked again: a restored backup, say, may have brought a name back.
    unnamed = await _unnamed(mall, unnamed)
    await mall.stores.specs.remove(unnamed)
    return len(unnamed)


async def _unnamed(mall: Mall, ids: list[int]) -> list[int]:
    if not ids:
        return []
    # The primary: a replica that lags does not know yet what its products name.
    async with mall.stores.database.read(fresh=True) as session:
        named = await products.specs_in_use(session, ids)
    return [id_ for id_ in ids if id_ not in named]
