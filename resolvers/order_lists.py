"""Lists of orders: who sees what in them, and their pages."""

from collections.abc import Sequence
from dataclasses import replace

from loaders.lists import Listing
from resolvers import orders
from resolvers.context import STAFF, Context
from resolvers.orders import SeenOrder
from resolvers.pages import Page
from stores.errors import NotAllowed
from stores.keyset import Window
from stores.order_lists import OrderFilter, OrderSort
from stores.users import Role


def as_seen(ctx: Context, wanted: OrderFilter) -> OrderFilter:
    """Return the conditions of the shop's list: a merchant sees what holds lines of its own.

    Raises AccessError.
    """
    viewer = ctx.require(STAFF)
    if Role.OWNER in viewer.roles:
        return wanted
    # Zero is no merchant: whoever works for none sees nothing.
    return replace(wanted, sold_by=viewer.merchant_id or 0)


def as_seen_of(ctx: Context, wanted: OrderFilter, customer_id: int) -> OrderFilter:
    """Return the conditions of one customer's list: one's own orders are all seen."""
    viewer = ctx.viewer
    if viewer is not None and viewer.id == customer_id:
        return wanted
    return as_seen(ctx, wanted)


def check_sort(wanted: OrderFilter, sort: OrderSort) -> None:
    """Raise NotAllowed for a sort by what the viewer may not see.

    To a merchant a total is that of its own lines; the place of an order, and its cursor, would
    tell what others sold in it.
    """
    if sort is OrderSort.TOTAL_DESC and wanted.sold_by is not None:
        reason = "Totals of whole orders are the owner's to sort by; sort by time instead."
        raise NotAllowed(reason, ("sort",))


async def pages(
    ctx: Context, sort: OrderSort, asked: Sequence[tuple[int, OrderFilter, Window]]
) -> list[Page[SeenOrder]]:
    """Return a page for each list; lists with equal conditions and windows in one call."""
    listings = [(list_, Listing(wanted, sort, window)) for list_, wanted, window in asked]
    found = await ctx.loaders.order_lists.pages.many(listings)
    cut = [Page.of(rows, window) for rows, (_, _, window) in zip(found, asked, strict=True)]
    seen = iter(await orders.seen(ctx, [row for page in cut for row in page.rows]))
    shown = [[one for one in (next(seen) for _ in page.rows) if one] for page in cut]
    return [
        Page(rows, page.has_next, page.has_previous) for rows, page in zip(shown, cut, strict=True)
    ]


async def counts(ctx: Context, asked: Sequence[tuple[int, OrderFilter]]) -> list[int]:
    """Return how many orders each list has that meet its conditions."""
    return await ctx.loaders.order_lists.counts.many(asked)
