"""Lists of products: who sees what in them, and their pages."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from loaders.listings import Listing
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
    found: dict[tuple[int, Window], list[Product]] = {}
    for window in dict.fromkeys(window for _, window in asked):
        lists = [list_ for list_, its in asked if its == window]
        rows = await ctx.loaders.listings.pages(Listing(wanted, sort, window), lists)
        found |= {(list_, window): page for list_, page in zip(lists, rows, strict=True)}
    return [Page.of(found[one], one[1]) for one in asked]


async def counts(ctx: Context, wanted: ProductFilter, lists: Sequence[int]) -> list[int]:
    """Return how many products each list has."""
    return await ctx.loaders.listings.counts(wanted, lists)
