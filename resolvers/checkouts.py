"""Checkouts: reading them, and what their orders would cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import resolvers.coupons
import resolvers.shop
from resolvers import delivery_rates, pricing, promotion_uses
from resolvers.addresses import Address
from resolvers.context import Context
from resolvers.discounts import NOTHING, Given
from resolvers.pricing import PricedLine, Totals
from resolvers.promotion_offers import Held
from resolvers.promotion_uses import Asking, Facts, Settled
from stores import checkouts
from stores.checkouts import Checkout, CheckoutLine
from stores.coupons import Coupon
from stores.delivery_rates import DeliveryRate
from stores.errors import NotFound
from stores.shop import Shop
from stores.sql import ReadSession

#: What is known where no promotion asks for anything.
NOBODY = Facts(datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a checkout would cost as an order, and by which promotions, with what they saw."""

    lines: Sequence[tuple[CheckoutLine, PricedLine]]
    totals: Totals
    given: Given = NOTHING
    held: Sequence[Held] = ()
    known: Facts = NOBODY

    @property
    def priced(self) -> list[tuple[int, PricedLine]]:
        """Return each line's price with its variant."""
        return [(line.variant_id, priced) for line, priced in self.lines]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choices of a shopper; coupons are those of the cart for None."""

    address: Address | None = None
    rate_id: int | None = None
    codes: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """How a checkout is ordered: the rate, the coupons (None: those of the cart), and when."""

    rate: DeliveryRate
    codes: Sequence[str] | None
    at: datetime


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


async def previews(ctx: Context, of: Sequence[Checkout], wanted: Wanted) -> list[Preview]:
    """Return what each would cost with these choices.

    Raises NotFound for such an option, and the refusal of a coupon that is named and gives
    nothing.
    """
    shop = await resolvers.shop.get(ctx)
    rate = await _chosen(ctx, wanted.address, wanted.rate_id)
    asked = [_Asked.by(one, wanted.codes) for one in of]
    if not any(one.is_asking() for one in asked):
        return [one.preview(shop, rate, NOBODY) for one in asked]
    async with ctx.database.read() as session:
        known = await _known(session, asked, ctx.clock())
    return [one.preview(shop, rate, known) for one in asked]


async def coupons(ctx: Context, of: Sequence[Checkout]) -> list[list[Coupon]]:
    """Return the coupons that the shopper claimed and that give something to each checkout."""
    if ctx.viewer is None or not any(one.offers for one in of):
        return [[] for _ in of]
    (usable,) = await resolvers.coupons.of_users(ctx, [ctx.viewer.id])
    asked = [_Asked.by(one, [coupon.code for coupon in usable]) for one in of]
    async with ctx.database.read() as session:
        known = await _known(session, asked, ctx.clock())
    return [[one for one in usable if each.is_used(one, known)] for each in asked]


async def preview(session: ReadSession, shop: Shop, checkout: Checkout, choice: Choice) -> Preview:
    """Return what an order would cost, within a transaction.

    A checkout that no promotion concerns asks no store. Raises as `previews`.
    """
    asked = _Asked.by(checkout, choice.codes)
    known = await _known(session, [asked], choice.at) if asked.is_asking() else NOBODY
    return asked.preview(shop, choice.rate, known)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A checkout, the promotions that it holds, and the coupons that are sent for it."""

    checkout: Checkout
    held: tuple[Held, ...]
    codes: tuple[str, ...]
    #: Whether a coupon that gives nothing is told, or left out.
    is_strict: bool

    @classmethod
    def by(cls, checkout: Checkout, codes: Sequence[str] | None) -> Self:
        held = tuple(map(Held.of_plain, checkout.offers or ()))
        kept = checkout.coupon_codes or () if codes is None else codes
        return cls(checkout, held, tuple(kept), codes is not None)

    def is_asking(self) -> bool:
        return bool(self.held or self.codes)

    def preview(self, shop: Shop, rate: DeliveryRate | None, known: Facts) -> Preview:
        shipping = None if rate is None else _cost(self.checkout, rate)
        found = self._settled(known, shipping).given
        lines = [
            (line, pricing.priced(shop, line.unit_price_minor, line.quantity, found.of_line(place)))
            for place, line in enumerate(self.checkout.lines)
        ]
        paid = None if shipping is None else shipping - found.of_shipping
        totals = pricing.totals(shop, [priced for _, priced in lines], paid)
        return Preview(lines, totals, found, self.held, known)

    def is_used(self, coupon: Coupon, known: Facts) -> bool:
        """Return whether a coupon alone gives something, or may give some of the shipping."""
        found = promotion_uses.settled(self.checkout.lines, self.held, [coupon.code], known)
        return not found.refusals

    def _settled(self, known: Facts, shipping: int | None) -> Settled:
        lines = self.checkout.lines
        found = promotion_uses.settled(lines, self.held, self.codes, known, shipping)
        if self.is_strict and found.refusals:
            raise next(iter(found.refusals.values()))
        return found


async def _known(session: ReadSession, asked: Sequence[_Asked], now: datetime) -> Facts:
    # All are the viewer's own: nobody sees another's.
    held = [held for one in asked for held in one.held]
    codes = list(dict.fromkeys(code for one in asked for code in one.codes))
    asking = Asking(held, codes, asked[0].checkout.user_id, now)
    return await promotion_uses.facts(session, asking)


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
