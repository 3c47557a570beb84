"""A return ends with its money: once that is back, it is closed."""

from datetime import datetime

from resolvers.context import Context
from resolvers.order_steps import Advance, Happening, advance
from stores import order_returns, orders
from stores.drivers import Retryable
from stores.order_events import OrderEventKind
from stores.order_returns import OrderReturn, ReturnStatus
from stores.orders import OrderStatus
from stores.sql import WriteSession


async def close(session: WriteSession, ctx: Context, refund_id: int, at: datetime) -> None:
    """Close the return that a refund is for, if it is for one, as the money is back."""
    row = await order_returns.by_refund(session, refund_id)
    if row is None or row.status != ReturnStatus.RECEIVED.value:
        return
    order = (await orders.by_numbers(session, [row.number]))[row.number]
    step = Advance(OrderStatus(order.status), None, at)
    await advance(session, ctx, order, step, told(row))
    if not await order_returns.change(session, row, at, status=ReturnStatus.CLOSED.value):
        raise Retryable


def told(row: OrderReturn, note: str | None = None) -> Happening:
    """Return what is told of an order when a return of it changes."""
    kind = OrderEventKind.RETURN_CHANGED
    return Happening(kind, note, merchant_id=row.merchant_id, return_id=row.id)
