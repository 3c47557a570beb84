"""Lists of merchants: only staff sees those that are not active."""

from collections.abc import Sequence
from dataclasses import replace

from resolvers import pages
from resolvers.context import Context
from resolvers.pages import Page
from stores import merchants
from stores.keyset import Window
from stores.merchants import Merchant, MerchantFilter


def as_seen(ctx: Context, wanted: MerchantFilter) -> MerchantFilter:
    """Return the conditions with what the viewer may see."""
    return replace(wanted, is_active_only=not ctx.is_staff())


async def page(ctx: Context, wanted: MerchantFilter, window: Window) -> Page[Merchant]:
    """Return a page of merchants that meet conditions of `as_seen`, by name."""
    async with ctx.database.read() as session:
        return Page.of(await merchants.page(session, wanted, window), window)


async def counts(ctx: Context, wanted: Sequence[MerchantFilter]) -> list[int]:
    """Return how many merchants meet each of the conditions."""
    return await pages.counts(ctx, merchants.count, wanted)
