"""What orders tell of the person who bought: where to, and what was written in words."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select, update

from stores.fulfillments import fulfillments
from stores.order_discounts import STAFF_PLACES, order_discounts
from stores.order_events import order_events
from stores.order_returns import ReturnStatus, order_returns
from stores.orders import OrderStatus, orders
from stores.sql import ReadSession, WriteSession


async def addresses(session: ReadSession, user_id: int) -> dict[str, dict[str, str]]:
    """Return where each order of a user went to, by number."""
    statement = select(orders.c.number, orders.c.shipping_address)
    its = statement.where(orders.c.user_id == user_id)
    return dict(await session.rows(lambda number, address: (number, address), its))


async def count(session: ReadSession, user_id: int, statuses: Collection[OrderStatus]) -> int:
    """Return how many orders of a user have one of these statuses."""
    names = [status.value for status in statuses]
    statement = select(func.count()).where(orders.c.user_id == user_id, orders.c.status.in_(names))
    return await session.row(int, statement) or 0


async def returns(session: ReadSession, user_id: int, statuses: Collection[ReturnStatus]) -> int:
    """Return how many returns of a user's orders have one of these statuses."""
    names = [status.value for status in statuses]
    its = order_returns.join(orders, orders.c.number == order_returns.c.number)
    statement = select(func.count()).select_from(its)
    wanted = statement.where(orders.c.user_id == user_id, order_returns.c.status.in_(names))
    return await session.row(int, wanted) or 0


async def clear(
    session: WriteSession, numbers: Collection[str], address: Mapping[str, str]
) -> None:
    """Let orders have gone to this address, and clear what was written to them in words.

    Numbers of parcels go too: a carrier knows by them who lives where.

    Amounts, lines, snapshots and steps stay, and so does the version: nothing was bought anew.
    """
    named = update(orders).where(orders.c.number.in_(numbers))
    await session.update(named.values(shipping_address=dict(address), note=None))
    # Behind the orders: a step that is taken just now holds its order, and is waited for there.
    steps = update(order_events).where(order_events.c.number.in_(numbers))
    await session.update(steps.values(note=None))
    await session.update(
        update(order_returns)
        .where(order_returns.c.number.in_(numbers))
        .values(reason="", note=None)
    )
    parcels = update(fulfillments).where(fulfillments.c.number.in_(numbers))
    await session.update(parcels.values(tracking_number=None))
    prices = update(order_discounts).where(
        order_discounts.c.number.in_(numbers), order_discounts.c.position >= STAFF_PLACES
    )
    await session.update(prices.values(title=""))
