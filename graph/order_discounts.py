"""What was taken off orders when they were placed, and by whom their price was changed later."""

from collections.abc import Sequence

import resolvers.order_discounts
from graph.batch import Batch, Info
from graph.declare import extend
from graph.discounts import Discount
from graph.orders import Order, OrderLine
from resolvers.context import Context
from stores.order_discounts import OrderDiscount


@extend(Order, public=True)
async def discounts(orders: Sequence[Order], info: Info) -> Batch[list[Discount]]:
    """In the order of application; of the lines that the caller sees. Price changes come last."""
    ctx = info.context
    found = await resolvers.order_discounts.of_orders(ctx, [one.row for one in orders])
    return [_of_order(ctx, one, rows) for one, rows in zip(orders, found, strict=True)]


@extend(OrderLine, public=True, name="discounts")
async def discounts_of_line(lines: Sequence[OrderLine], info: Info) -> Batch[list[Discount]]:
    """The line's shares; they add up to what was taken off it."""
    ctx = info.context
    found = await resolvers.order_discounts.of_lines(ctx, [one.row for one in lines])
    return [
        [_shown(ctx, row, row.shares[line.row.position]) for row in rows]
        for line, rows in zip(lines, found, strict=True)
    ]


def _of_order(ctx: Context, order: Order, rows: Sequence[OrderDiscount]) -> list[Discount]:
    places = [line.row.position for line in order.lines]
    amounts = [(row, resolvers.order_discounts.seen_minor(row, places)) for row in rows]
    return [_shown(ctx, row, amount) for row, amount in amounts if amount]


def _shown(ctx: Context, row: OrderDiscount, amount: int) -> Discount:
    return Discount.of(ctx, (row.promotion_id, row.title, row.coupon_code), amount)
