"""What carts cost now, line by line and in all, with what promotions take off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import resolvers.shop
from resolvers import pricing, promotion_offers, promotion_uses
from resolvers.carts import Offer, offers
from resolvers.context import Context
from resolvers.discounts import Given
from resolvers.pricing import PricedLine, Totals
from resolvers.promotion_offers import Goods, Held
from resolvers.promotion_uses import UNTOUCHED, Asking, Facts, Settled
from stores.carts import Cart, CartLine
from stores.errors import Refusal
from stores.promotions import Promotion
from stores.shop import Shop


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a cart costs.

    `lines` has one for each line of the cart, None for what is not on sale; promotions see the
    selected ones, whose places among those are in `places`, by place in the cart.
    """

    lines: Sequence[PricedLine | None]
    places: Mapping[int, int]
    given: Given
    totals: Totals
    refusals: Sequence[Refusal]


async def reckoned(ctx: Context, carts: Sequence[Cart]) -> list[Reckoning]:
    """Return what each cart costs, worked out once per operation, whichever fields show it."""
    found: list[Reckoning] = await ctx.loaders.derived.of(
        ("reckoned", *carts), lambda: _reckoned(ctx, carts)
    )
    return found


async def _reckoned(ctx: Context, carts: Sequence[Cart]) -> list[Reckoning]:
    """Ask for promotions once, and for what they ask for."""
    ids = [line.variant_id for cart in carts for line in cart.lines]
    # In this order: what is sold brings the shop with it.
    found, shop = await offers(ctx, ids), await resolvers.shop.get(ctx)
    active = await promotion_offers.running(ctx)
    goods = await _goods(ctx, active, carts, found)
    held = [promotion_offers.concerning(active, list(its.values())) for its in goods]
    settled = await _settled(ctx, active, list(zip(carts, goods, held, strict=True)))
    return [
        _reckoning(shop, cart, found, list(its), one)
        for cart, its, one in zip(carts, goods, settled, strict=True)
    ]


async def _goods(
    ctx: Context,
    active: Sequence[Promotion],
    carts: Sequence[Cart],
    found: Mapping[int, Offer],
) -> list[dict[int, Goods]]:
    """Return what promotions see of each cart, by place: what is selected and on sale."""
    owners = [one.product for one in found.values()]
    paths = await promotion_offers.paths(ctx, active, owners)
    return [
        {
            place: Goods.of(
                offer.product,
                paths[offer.product.category_id],
                (line.variant_id, offer.variant.price_minor, line.quantity),
            )
            for place, line in enumerate(cart.lines)
            if line.is_selected and (offer := found.get(line.variant_id)) and offer.is_on_sale
        }
        for cart in carts
    ]


async def _settled(
    ctx: Context,
    active: Sequence[Promotion],
    asked: Sequence[tuple[Cart, Mapping[int, Goods], Sequence[Held]]],
) -> list[Settled]:
    if not any(held or cart.coupon_codes for cart, _, held in asked):
        return [UNTOUCHED] * len(asked)
    known = await _facts(ctx, active, asked)
    return [
        promotion_uses.settled(list(goods.values()), held, cart.coupon_codes, known)
        for cart, goods, held in asked
    ]


async def _facts(
    ctx: Context,
    active: Sequence[Promotion],
    asked: Sequence[tuple[Cart, Mapping[int, Goods], Sequence[Held]]],
) -> Facts:
    held = [one for _, _, its in asked for one in its]
    codes = list(dict.fromkeys(code for cart, _, _ in asked for code in cart.coupon_codes))
    rows = {row.id: row for row in active}
    # Only the viewer's own cart has an owner.
    asking = Asking(held, codes, ctx.viewer.id if ctx.viewer else None, ctx.clock())
    async with ctx.database.read() as session:
        return await promotion_uses.facts(session, asking, rows)


def _reckoning(
    shop: Shop,
    cart: Cart,
    found: Mapping[int, Offer],
    selected: Sequence[int],
    settled: Settled,
) -> Reckoning:
    places = {place: n for n, place in enumerate(selected)}
    off = {place: settled.given.of_line(n) for place, n in places.items()}
    lines = [
        _priced(shop, line, found.get(line.variant_id), off.get(place, 0))
        for place, line in enumerate(cart.lines)
    ]
    counted = [one for place in selected if (one := lines[place])]
    totals = pricing.totals(shop, counted)
    return Reckoning(lines, places, settled.given, totals, list(settled.refusals.values()))


def _priced(shop: Shop, line: CartLine, offer: Offer | None, off: int) -> PricedLine | None:
    if offer is None or not offer.is_on_sale:
        return None
    return pricing.priced(shop, offer.variant.price_minor, line.quantity, off)
