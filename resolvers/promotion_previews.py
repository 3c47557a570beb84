"""What one promotion, also a draft, would do to some lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import resolvers.shop
from resolvers import discounts, pricing, promotion_offers, promotion_uses
from resolvers.cart_commands import Units
from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.discounts import Given
from resolvers.pricing import PricedLine, Totals
from resolvers.products import may_see
from resolvers.promotion_offers import Goods
from resolvers.promotion_uses import Asking
from resolvers.promotions import may_edit
from resolvers.users import visible_by_ids
from stores.errors import NotFound
from stores.products import Product, Variant
from stores.promotion_terms import CustomerSegment
from stores.promotions import Promotion
from stores.shop import Shop

MAX_LINES = 100


@dataclass(frozen=True, slots=True)
class LinesPreview:
    """What lines would cost: each with its variant, their sums, and what is taken off."""

    priced: Sequence[tuple[int, PricedLine]]
    totals: Totals
    given: Given


async def preview(
    ctx: Context, promotion_id: int, lines: Sequence[Units], customer_id: int | None
) -> LinesPreview | None:
    """Return what a promotion alone would do, as if it applied and its coupon were at hand.

    None for one that the viewer may not edit. Without a customer, what is asked of her counts as
    met. Raises AccessError, and NotFound for a variant or a customer that may not be seen.
    """
    ctx.require(STAFF)
    (row,) = await ctx.loaders.promotions.by_id.many([promotion_id])
    if row is None or not may_edit(ctx, row):
        return None
    shop = await resolvers.shop.get(ctx)
    goods = await _goods(ctx, row, shop, lines)
    segments = await _segments(ctx, row, customer_id)
    held = [one if customer_id else one.met() for one in promotion_offers.concerning([row], goods)]
    offers = [one.offer(None, row.units_left) for one in held]
    return _shown(shop, goods, discounts.given(goods, offers, segments))


def _shown(shop: Shop, goods: Sequence[Goods], found: Given) -> LinesPreview:
    priced = [
        (
            one.variant_id,
            pricing.priced(shop, one.unit_price_minor, one.quantity, found.of_line(place)),
        )
        for place, one in enumerate(goods)
    ]
    return LinesPreview(priced, pricing.totals(shop, [one for _, one in priced]), found)


async def _goods(ctx: Context, row: Promotion, shop: Shop, lines: Sequence[Units]) -> list[Goods]:
    check(1 <= len(lines) <= MAX_LINES, f"Send 1 to {MAX_LINES} lines.", "lines")
    for place, line in enumerate(lines):
        most = shop.max_line_quantity
        told = f"A line holds 1 to {most} units, not {line.quantity}."
        check(1 <= line.quantity <= most, told, "lines", str(place), "quantity")
    rows = await ctx.loaders.products.variant_by_id.many([line.variant_id for line in lines])
    owners = await _owners(ctx, rows)
    paths = await promotion_offers.paths(ctx, [row], list(owners.values()))
    return [
        _one(line, variant, owners, paths, place)
        for place, (line, variant) in enumerate(zip(lines, rows, strict=True))
    ]


async def _owners(ctx: Context, rows: Sequence[Variant | None]) -> dict[int, Product]:
    ids = [row.product_id for row in rows if row]
    found = await ctx.loaders.products.by_id.many(ids)
    return {one.id: one for one in found if one and may_see(ctx, one)}


def _one(
    line: Units,
    variant: Variant | None,
    owners: Mapping[int, Product],
    paths: Mapping[int, tuple[int, ...]],
    place: int,
) -> Goods:
    owner = owners.get(variant.product_id) if variant else None
    if variant is None or owner is None:
        raise NotFound("variant", ("lines", str(place), "variantId"))
    units = (variant.id, variant.price_minor, line.quantity)
    return Goods.of(owner, paths[owner.category_id], units)


async def _segments(
    ctx: Context, row: Promotion, customer_id: int | None
) -> frozenset[CustomerSegment]:
    if customer_id is None:
        return frozenset()
    if (await visible_by_ids(ctx, [customer_id]))[0] is None:
        raise NotFound("user", ("customerId",))
    held = promotion_offers.Held.of(row, ())
    asking = Asking([held], [], customer_id, ctx.clock())
    async with ctx.database.read() as session:
        return (await promotion_uses.facts(session, asking, {row.id: row})).segments
