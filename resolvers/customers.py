"""Lists of users: the owner sees everybody, a merchant those who bought from it."""

from collections.abc import Sequence
from dataclasses import replace

from resolvers import pages
from resolvers.context import Context
from resolvers.pages import Page
from resolvers.warehouses import own_merchant
from stores import customers
from stores.customers import CustomerFilter
from stores.keyset import Window
from stores.users import User


def as_seen(ctx: Context, wanted: CustomerFilter) -> CustomerFilter:
    """Return the conditions with what the viewer may see. Raises AccessError."""
    return replace(wanted, bought_from=own_merchant(ctx))


async def page(ctx: Context, wanted: CustomerFilter, window: Window) -> Page[User]:
    """Return a page of users that meet conditions of `as_seen`, by name."""
    async with ctx.database.read() as session:
        return Page.of(await customers.page(session, wanted, window), window)


async def counts(ctx: Context, wanted: Sequence[CustomerFilter]) -> list[int]:
    """Return how many users meet each of the conditions."""
    return await pages.counts(ctx, customers.count, wanted)
