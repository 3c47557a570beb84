"""Reading returns, and who may decide on them."""

from collections.abc import Sequence

from resolvers import orders as order_reading
from resolvers.context import Context
from resolvers.fulfillments import may_see
from resolvers.owners import numbers_of
from resolvers.products import is_staff_of
from stores import order_returns, orders
from stores.errors import NotFound, VersionConflict
from stores.order_returns import OrderReturn
from stores.orders import Order, OrderLine
from stores.sql import ReadSession


async def of_orders(ctx: Context, numbers: Sequence[str]) -> list[list[OrderReturn]]:
    """Return the returns of each order that the viewer may see, the oldest first.

    To a merchant these are its own; of an order that it may not see there are none.
    """
    seen = await order_reading.by_numbers(ctx, numbers)
    found = await ctx.loaders.fulfillments.returns_of_order.many(numbers)
    return [
        [one for one in some if may_see(ctx, order, one.merchant_id)]
        for order, some in zip(seen, found, strict=True)
    ]


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[OrderReturn | None]:
    """Return each return, None for one that is missing or that the viewer may not see."""
    rows = await ctx.loaders.fulfillments.return_by_id.many(ids)
    numbers = list(dict.fromkeys(numbers_of(rows, lambda row: row.number)))
    seen = dict(zip(numbers, await order_reading.by_numbers(ctx, numbers), strict=True))
    return [
        row if row and may_see(ctx, seen[row.number], row.merchant_id) else None for row in rows
    ]


async def decided(
    session: ReadSession, ctx: Context, return_id: int, version: int
) -> tuple[OrderReturn, Order, list[OrderLine]]:
    """Return a return that the viewer may decide on, as it was read, and its order.

    Raises NotFound and VersionConflict.
    """
    row = (await order_returns.by_ids(session, [return_id])).get(return_id)
    if row is None or not is_staff_of(ctx, row.merchant_id):
        raise NotFound("return", ("returnId",))
    if row.version != version:
        raise VersionConflict("OrderReturn", row.version, row)
    order = (await orders.by_numbers(session, [row.number]))[row.number]
    return row, order, (await orders.lines_by_number(session, [row.number]))[row.number]
