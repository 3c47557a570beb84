"""Lists of products: who sees what in them, and their pages."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from loaders.lists import Listing
from resolvers.context import Context
from resolvers.pages import Page
from stores.errors import Forbidden
from stores.keyset import Window
from stores.listing_filters import ProductFilter
from stores.listings import ProductSort
from stores.products import Product, ProductStatus
from stores.users import Role

ON_SALE = (ProductStatus.ACTIVE,)


def as_seen(
    ctx: Context, wanted: ProductFilter, statuses: Collection[ProductStatus] | None
) -> ProductFilter:
    """Return the conditions with what the viewer may see; None asks for all of that.

    Buyers see what is on sale, a merchant its own as well, the owner everything. Raises
    Forbidden if a buyer asks for more.
    """
    if not ctx.is_staff():
        if set(statuses or ()) - set(ON_SALE):
            raise Forbidden("MERCHANT or OWNER")
        return replace(wanted, statuses=ON_SALE)
    asked = tuple(status for status in ProductStatus if statuses is None or status in statuses)
    return replace(wanted, statuses=asked, staff_of=_staff_of(ctx))


def _staff_of(ctx: Context) -> int | None:
    viewer = ctx.viewer
    if viewer is None or Role.OWNER in viewer.roles:
        return None
    # Zero is no merchant: whoever works for none sees what buyers see.
    return viewer.merchant_id or 0


async def pages(
    ctx: Context,
    wanted: ProductFilter,
    sort: ProductSort,
    asked: Sequence[tuple[int, Window]],
) -> list[Page[Product]]:
    """Return a page for each pair of list and window; those of equal windows in one call."""
    listings = [(list_, Listing(wanted, sort, window)) for list_, window in asked]
    found = await ctx.loaders.listings.pages.many(listings)
    return [Page.of(rows, window) for rows, (_, window) in zip(found, asked, strict=True)]


async def counts(ctx: Context, asked: Sequence[tuple[int, ProductFilter]]) -> list[int]:
    """Return how many products each list has that meet its conditions."""
    return await ctx.loaders.listings.counts.many(asked)
