"""Checkouts: reading them, and what their orders would cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import resolvers.shop
from resolvers import delivery_rates, pricing
from resolvers.addresses import Address
from resolvers.context import Context
from resolvers.pricing import PricedLine, Totals
from stores import checkouts
from stores.checkouts import Checkout, CheckoutLine
from stores.delivery_rates import DeliveryRate
from stores.errors import NotFound
from stores.shop import Shop


@dataclass(frozen=True, slots=True)
class Preview:
    """What some lines would cost as an order."""

    lines: Sequence[tuple[CheckoutLine, PricedLine]]
    totals: Totals


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """A rate, priced for one checkout."""

    rate: DeliveryRate
    price_minor: int


async def by_numbers(ctx: Context, numbers: Sequence[str]) -> list[Checkout | None]:
    """Return each checkout, None for one that is missing or another shopper's."""
    async with ctx.database.read() as session:
        found = await checkouts.by_numbers(session, numbers)
    return [_own(ctx, found.get(number)) for number in numbers]


async def by_cart_key(ctx: Context, cart_key: str) -> Checkout | None:
    """Return the checkout of a cart at one version, None if it is not the viewer's."""
    async with ctx.database.read() as session:
        return _own(ctx, await checkouts.by_cart_key(session, cart_key))


async def options(
    ctx: Context, of: Sequence[Checkout], address: Address | None
) -> list[list[DeliveryOption]]:
    """Return how each checkout can be delivered; without an address, to anywhere."""
    rates = [rate for rate in await delivery_rates.known(ctx) if reaches(rate, address)]
    return [[DeliveryOption(rate, _cost(one, rate)) for rate in rates] for one in of]


async def previews(
    ctx: Context, of: Sequence[Checkout], address: Address | None, rate_id: int | None
) -> list[Preview]:
    """Return what each would cost with these choices. Raises NotFound for such an option."""
    shop = await resolvers.shop.get(ctx)
    rate = await _chosen(ctx, address, rate_id)
    return [preview(shop, one, rate) for one in of]


def preview(shop: Shop, checkout: Checkout, rate: DeliveryRate | None) -> Preview:
    """Return what the order would cost, without shipping if no rate is chosen."""
    lines = [
        (line, pricing.priced(shop, line.unit_price_minor, line.quantity))
        for line in checkout.lines
    ]
    shipping = None if rate is None else _cost(checkout, rate)
    return Preview(lines, pricing.totals(shop, [priced for _, priced in lines], shipping))


def reaches(rate: DeliveryRate, address: Address | None) -> bool:
    """Return whether a rate is offered for an address; None stands for any."""
    if not rate.is_active or address is None:
        return rate.is_active and not rate.regions
    return rate.reaches(address.country_code, address.region)


def _cost(checkout: Checkout, rate: DeliveryRate) -> int:
    subtotal = sum(line.unit_price_minor * line.quantity for line in checkout.lines)
    return rate.cost_minor(subtotal, checkout.grams())


async def _chosen(
    ctx: Context, address: Address | None, rate_id: int | None
) -> DeliveryRate | None:
    if rate_id is None:
        return None
    for rate in await delivery_rates.known(ctx):
        if rate.id == rate_id and rate.is_active and (address is None or reaches(rate, address)):
            return rate
    raise NotFound("delivery option for this address", ("deliveryOptionId",))


def _own(ctx: Context, checkout: Checkout | None) -> Checkout | None:
    is_own = checkout and ctx.viewer and checkout.user_id == ctx.viewer.id
    return checkout if is_own else None
