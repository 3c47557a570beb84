"""Lists of orders: who sees what in them, and their pages."""

from collections.abc import Sequence
from dataclasses import replace

from loaders.order_lists import OrderListing
from resolvers import orders
from resolvers.context import STAFF, Context
from resolvers.orders import SeenOrder
from resolvers.pages import Page
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


async def pages(
    ctx: Context, sort: OrderSort, asked: Sequence[tuple[int, OrderFilter, Window]]
) -> list[Page[SeenOrder]]:
    """Return a page for each list; lists with equal conditions and windows in one call."""
    found: dict[tuple[int, OrderFilter, Window], Page[SeenOrder]] = {}
    for wanted, window in dict.fromkeys((wanted, window) for _, wanted, window in asked):
        lists = [list_ for list_, *its in asked if its == [wanted, window]]
        listing = OrderListing(wanted, sort, window)
        rows = await ctx.loaders.order_lists.pages(listing, lists)
        cut = [Page.of(one, window) for one in rows]
        seen = iter(await orders.seen(ctx, [row for page in cut for row in page.rows]))
        for list_, page in zip(lists, cut, strict=True):
            shown = [one for one in (next(seen) for _ in page.rows) if one]
            found[list_, wanted, window] = Page(shown, page.has_next, page.has_previous)
    return [found[one] for one in asked]


async def counts(ctx: Context, wanted: OrderFilter, lists: Sequence[int]) -> list[int]:
    """Return how many orders each list has."""
    return await ctx.loaders.order_lists.counts(wanted, lists)
