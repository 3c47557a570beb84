"""Expiry: orders that were not paid in time end, and what was kept for them is sold again."""

from functools import partial

import structlog

from jobs.patience import for_ever, pausing
from resolvers import order_states
from resolvers.context import Mall
from resolvers.order_states import Step
from stores import order_lists, orders
from stores.errors import StoreUnavailable
from stores.orders import Order, OrderStatus
from stores.sql import WriteSession

EVERY_SECONDS = 5
BATCH = 100

_log = structlog.get_logger()


async def run(mall: Mall) -> None:
    """End overdue orders until cancelled; a store that is away is asked again later."""
    await for_ever("expiry", partial(_once, mall), pausing(EVERY_SECONDS))


async def expire(mall: Mall) -> int:
    """End all orders that are overdue now, and return how many. Raises StoreUnavailable."""
    count, last = 0, None
    while some := await _overdue(mall, last):
        count += sum([await _ended(mall, order) for order in some])
        last = some[-1]
    return count


async def _once(mall: Mall) -> bool:
    await expire(mall)
    return False


async def _overdue(mall: Mall, behind: Order | None) -> list[Order]:
    async with mall.stores.database.read(fresh=True) as session:
        return await order_lists.expired(session, mall.clock(), BATCH, behind)


async def _ended(mall: Mall, order: Order) -> bool:
    try:
        return await _end(mall, order)
    except StoreUnavailable:
        raise
    except Exception:  # noqa: BLE001  One that cannot be ended must not keep the others' stock.
        _log.exception("order_not_ended", number=order.number, cure="mallgraph verify")
        return False


async def _end(mall: Mall, overdue: Order) -> bool:
    """End one order in a transaction of its own; False if somebody else ended or paid it."""

    async def work(session: WriteSession) -> bool:
        order = (await orders.by_numbers(session, [overdue.number])).get(overdue.number)
        if order is None or not order_states.allows(order, OrderStatus.EXPIRED):
            return False
        step = Step(OrderStatus.EXPIRED, None, mall.clock())
        await order_states.end(session, order, step, mall.ids.next)
        return True

    return await mall.stores.database.transact(work)
