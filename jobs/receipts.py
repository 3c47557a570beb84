"""Receipt that counts as confirmed: orders whose goods arrived long ago are complete by themselves.

The days of it are those of the shop's settings, counted from when the last parcel arrived, or left
if nobody told that it arrived.
"""

from datetime import datetime, timedelta
from functools import partial

import structlog

import resolvers.shop
from jobs.patience import for_ever, pausing
from resolvers import order_receipt, order_states
from resolvers.context import Context, Mall
from stores import order_lists, orders
from stores.errors import StoreUnavailable
from stores.orders import OrderStatus
from stores.sql import WriteSession

EVERY_SECONDS = 600
BATCH = 100

_log = structlog.get_logger()


async def run(mall: Mall) -> None:
    """Complete such orders until cancelled; a store that is away is asked again later."""
    await for_ever("receipts", partial(_once, mall), pausing(EVERY_SECONDS))


async def confirm(mall: Mall) -> int:
    """Complete all orders whose time is over now, and return how many.

    Raises StoreUnavailable.
    """
    ctx, count, last = await mall.operation(None, is_fresh=True), 0, ""
    days = timedelta(days=(await resolvers.shop.get(ctx)).auto_confirm_days)
    while some := await _arrived(ctx, ctx.clock() - days, last):
        count += sum([await _completed(ctx, number) for number in some])
        last = some[-1]
    return count


async def _once(mall: Mall) -> bool:
    await confirm(mall)
    return False


async def _arrived(ctx: Context, before: datetime, behind: str) -> list[str]:
    async with ctx.database.read_primary() as session:
        return await order_lists.arrived(session, before, BATCH, behind)


async def _completed(ctx: Context, number: str) -> bool:
    try:
        return await ctx.database.transact(partial(_complete, ctx, number))
    except StoreUnavailable:
        raise
    except Exception:  # noqa: BLE001  One that cannot be completed must not keep the others.
        _log.exception("order_not_completed", number=number, cure="mallgraph verify")
        return False


async def _complete(ctx: Context, number: str, session: WriteSession) -> bool:
    """Complete one order in a transaction of its own; False if it moved on meanwhile."""
    order = (await orders.by_numbers(session, [number])).get(number)
    if order is None or not order_states.allows(order, OrderStatus.COMPLETED):
        return False
    await order_receipt.complete(session, ctx, order, None)
    return True
