"""Reading promotions: shoppers see those that apply now, a merchant its own too, the owner all."""

from collections.abc import Sequence
from dataclasses import replace

from resolvers import pages, promotion_offers
from resolvers.context import STAFF, Context
from resolvers.pages import Page
from resolvers.products import is_staff_of, may_see
from resolvers.promotion_offers import Goods, applying, concern
from stores import categories, promotion_lists, promotions
from stores.errors import NotFound
from stores.keyset import Window
from stores.products import Product
from stores.promotion_lists import PromotionFilter
from stores.promotions import Promotion
from stores.sql import ReadSession
from stores.users import Role


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Promotion | None]:
    """Return each promotion, None for one that is missing or that the viewer may not see.

    The database leaves out what may not be seen: to read it would take longer than to find nothing.
    """
    own, known = _whose(ctx), ctx.loaders.promotions
    if own is None:
        found = await known.by_id.many(ids)
    else:
        found = await known.seen(ids, own or None, ctx.clock())
    return [row if row and _may_see(ctx, row) else None for row in found]


async def as_seen(ctx: Context, wanted: PromotionFilter, product_id: int | None) -> PromotionFilter:
    """Return the conditions with what the viewer may see, for one product if it is told.

    Raises NotFound for a product that may not be seen.
    """
    wanted = replace(wanted, merchant_id=_whose(ctx))
    return wanted if product_id is None else replace(wanted, product=await _seen(ctx, product_id))


async def page(ctx: Context, wanted: PromotionFilter, window: Window) -> Page[Promotion]:
    """Return a page of promotions that meet conditions of `as_seen`, newest first."""
    async with ctx.database.read() as session:
        return Page.of(await promotion_lists.page(session, wanted, window), window)


async def counts(ctx: Context, wanted: Sequence[PromotionFilter]) -> list[int]:
    """Return how many promotions meet each of the conditions."""
    return await pages.counts(ctx, promotion_lists.count, wanted)


async def of_products(ctx: Context, rows: Sequence[Product]) -> list[list[Promotion]]:
    """Return what applies to each product now, the first to be tried first."""
    active = applying(await promotion_offers.active(ctx), ctx.clock())
    if not active:
        return [[] for _ in rows]
    paths = await promotion_offers.paths(ctx, active, rows)
    goods = [Goods.of(row, paths[row.category_id], (0, 0, 0)) for row in rows]
    asked = [(row, concern(row)) for row in active]
    return [[row for row, concerns in asked if concerns(one)] for one in goods]


async def editable(session: ReadSession, ctx: Context, id_: int) -> Promotion:
    """Return a promotion that the viewer may edit. Raises AccessError, and NotFound."""
    ctx.require(STAFF)
    row = (await promotions.by_ids(session, [id_])).get(id_)
    if row is None or not may_edit(ctx, row):
        raise NotFound("promotion", ("promotionId",))
    return row


def may_edit(ctx: Context, row: Promotion) -> bool:
    """Return whether the viewer may edit a promotion: those of the whole shop only the owner."""
    return is_staff_of(ctx, row.merchant_id)


def _may_see(ctx: Context, row: Promotion) -> bool:
    return row.applies_at(ctx.clock()) or may_edit(ctx, row)


def _whose(ctx: Context) -> int | None:
    """Return the merchant whose promotions the viewer may see all, 0 for none, None for any."""
    viewer = ctx.viewer
    if viewer is None:
        return 0
    if Role.OWNER in viewer.roles:
        return None
    return (viewer.merchant_id or 0) if Role.MERCHANT in viewer.roles else 0


async def _seen(ctx: Context, product_id: int) -> tuple[int, tuple[int, ...], str | None, int]:
    (row,) = await ctx.loaders.products.by_id.many([product_id])
    if row is None or not may_see(ctx, row):
        raise NotFound("product", ("productId",))
    async with ctx.database.read() as session:
        category = (await categories.by_ids(session, [row.category_id])).get(row.category_id)
    return (row.id, tuple(category.path()) if category else (), row.brand, row.merchant_id)
