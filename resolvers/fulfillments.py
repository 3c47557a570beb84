"""Reading fulfillments, and who may change them."""

from collections.abc import Sequence
from urllib.parse import quote

from resolvers import orders as order_reading
from resolvers.context import Context
from resolvers.orders import SeenOrder
from resolvers.owners import numbers_of
from resolvers.products import is_staff_of
from stores import fulfillments, orders
from stores.errors import NotFound, VersionConflict
from stores.fulfillments import Fulfillment
from stores.orders import Order, OrderLine
from stores.settings_parcels import PLACE
from stores.sql import ReadSession


async def of_orders(ctx: Context, numbers: Sequence[str]) -> list[list[Fulfillment]]:
    """Return the fulfillments of each order that the viewer may see, the oldest first.

    To a merchant these are its own; of an order that it may not see there are none.
    """
    seen = await order_reading.by_numbers(ctx, numbers)
    found = await ctx.loaders.fulfillments.of_order.many(numbers)
    return [
        [one for one in some if order and may_see(ctx, order, one.merchant_id)]
        for order, some in zip(seen, found, strict=True)
    ]


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Fulfillment | None]:
    """Return each fulfillment, None for one that is missing or that the viewer may not see."""
    rows = await ctx.loaders.fulfillments.by_id.many(ids)
    numbers = list(dict.fromkeys(numbers_of(rows, lambda row: row.number)))
    seen = dict(zip(numbers, await order_reading.by_numbers(ctx, numbers), strict=True))
    return [
        row if row and may_see(ctx, seen[row.number], row.merchant_id) else None for row in rows
    ]


def may_see(ctx: Context, order: SeenOrder | None, merchant_id: int) -> bool:
    """Return whether goods of a merchant in an order are the viewer's to see."""
    return order is not None and (order.is_all or is_staff_of(ctx, merchant_id))


def tracking_url(ctx: Context, row: Fulfillment) -> str | None:
    """Return the page where the carrier of goods tells of them; None if the shop knows none."""
    page = ctx.tracking_pages.get((row.carrier or "").strip().casefold())
    if page is None or not row.tracking_number:
        return None
    return page.replace(PLACE, quote(row.tracking_number.strip(), safe=""))


async def decided(
    session: ReadSession, ctx: Context, fulfillment_id: int, version: int
) -> tuple[Fulfillment, Order, list[OrderLine]]:
    """Return a fulfillment that the viewer may change, as it was read, and its order.

    Raises NotFound and VersionConflict.
    """
    row = (await fulfillments.by_ids(session, [fulfillment_id])).get(fulfillment_id)
    if row is None or not is_staff_of(ctx, row.merchant_id):
        raise NotFound("fulfillment", ("fulfillmentId",))
    if row.version != version:
        raise VersionConflict("Fulfillment", row.version, row)
    order = (await orders.by_numbers(session, [row.number]))[row.number]
    return row, order, (await orders.lines_by_number(session, [row.number]))[row.number]
