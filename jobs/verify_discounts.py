"""Discounts of orders: shares add up to what lines say, and are let go with the order."""

from collections.abc import Iterator, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared
from resolvers.context import Mall
from stores import order_discounts, orders, walks
from stores.order_discounts import OrderDiscount
from stores.orders import Order, OrderLine, OrderStatus
from stores.walks import PAGE

NAME = "discounts"
_ENDED = {OrderStatus.CANCELLED.value, OrderStatus.EXPIRED.value}


async def _page(mall: Mall, last: str | None) -> list[str]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        reduced = await walks.REDUCED_ORDERS.after(session, last)
        told = await walks.ORDER_DISCOUNTS.after(session, last)
    return sorted({*reduced, *told})[:PAGE]


async def _compare(mall: Mall, numbers: Sequence[str]) -> Differences[str]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        known = await orders.by_numbers(session, numbers)
        lines = await orders.lines_by_number(session, numbers)
        given = await order_discounts.by_numbers(session, numbers)
    found = {
        number: compared(
            NAME, number, _facts(known.get(number), lines.get(number, []), given.get(number, []))
        )
        for number in numbers
    }
    return {number: differences for number, differences in found.items() if differences}


def _facts(
    order: Order | None, lines: Sequence[OrderLine], given: Sequence[OrderDiscount]
) -> Iterator[tuple[str, object, object]]:
    yield "has an order", True, order is not None
    if order is None:
        return
    for line in lines:
        # One that has no share for the line takes nothing off it.
        shares = sum(sum(one.shares[line.position : line.position + 1]) for one in given)
        yield f"discount of line {line.position}, by shares", shares, line.discount_minor
    shipping = sum(one.shipping_minor for one in given)
    yield "discount of shipping", shipping, order.delivery.get("discount", 0)
    for one in given:
        yield f"lines of discount {one.position}", len(lines), len(one.shares)
        is_over = order.status in _ENDED
        yield f"discount {one.position} is let go", is_over, one.released_at is not None


DISCOUNTS = Check(
    name=NAME,
    about="What was taken off an order is what its lines say, share by share, and was let go if "
    "the order ended.",
    page=_page,
    compare=_compare,
)
