"""What may become of the lines of a cart, by what is on sale and in stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import resolvers.shop
from resolvers.cart_commands import Units, UpdateLines
from resolvers.carts import Offer, current, offers, refusal
from resolvers.context import Context
from stores import cart_merges, carts
from stores.cart_merges import MergeMode
from stores.cart_tokens import TemporaryCart
from stores.carts import Addition, Cart, CartLine, LineOutcome
from stores.errors import LimitExceeded, NotFound, StoreUnavailable
from stores.product_errors import VariantUnavailable


@dataclass(frozen=True, slots=True)
class Facts:
    """What the relational store says of variants, or that it does not answer.

    That is told when the key is found unused, not before: a replay needs none of these facts.
    """

    offers: Mapping[int, Offer]
    max_quantity: int = 0
    error: StoreUnavailable | None = None


async def facts(ctx: Context, variant_ids: set[int]) -> Facts:
    """Return the facts about variants; that they cannot be read is one of them."""
    if not variant_ids:
        return Facts({})
    try:
        shop = await resolvers.shop.get(ctx)
        return Facts(await offers(ctx, variant_ids), shop.max_line_quantity)
    except StoreUnavailable as error:
        return Facts({}, error=error)


async def facts_of_lines(ctx: Context, command: UpdateLines) -> Facts:
    """Return the facts about the lines that shall hold more or less. Raises CartTokenInvalid."""
    wanted = {line.line_id for line in command.lines if line.quantity}
    if not wanted:
        return Facts({})
    held = await current(ctx, command.cart_token)
    cart = held.cart if isinstance(held, TemporaryCart) else held
    lines = cart.lines if cart else ()
    return await facts(ctx, {line.variant_id for line in lines if line.id in wanted})


def added(known: Facts, new: Sequence[Units], cart: Cart) -> Cart:
    """Put units into a cart. Raises Refusals that tell the place in `new`."""
    _check_answered(known)
    additions = [
        Addition(line.variant_id, line.quantity, _on_sale(known, line, place).variant.price_minor)
        for place, line in enumerate(new)
    ]
    after = carts.add(cart, additions)
    lines = {line.variant_id: line for line in after.lines}
    before = {line.variant_id: line.quantity for line in cart.lines}
    for place, line in enumerate(new):
        held = before.get(line.variant_id, 0)
        _check_line(known, lines[line.variant_id], ("lines", str(place), "quantity"), held)
    return after


def _on_sale(known: Facts, line: Units, place: int) -> Offer:
    offer, field = known.offers.get(line.variant_id), ("lines", str(place), "variantId")
    if offer is None:
        raise NotFound("variant", field)
    if not offer.is_on_sale:
        raise VariantUnavailable(line.variant_id, field=field)
    return offer


def updated(known: Facts, command: UpdateLines, cart: Cart) -> Cart:
    """Set quantity, selection and coupons. Raises Refusals that tell the place in the command."""
    _check_answered(known)
    changes = command.lines
    after = carts.update(cart, changes)
    if command.coupon_codes is not None:
        after = carts.with_codes(after, command.coupon_codes)
    before = {line.id: line.quantity for line in cart.lines}
    lines = {line.id: line for line in after.lines}
    for place, change in enumerate(changes):
        # Less of a thing is always welcome, whatever became of it.
        if change.quantity and change.quantity > before[change.line_id]:
            _check_line(known, lines[change.line_id], ("lines", str(place), "quantity"))
    return after


def moved(
    known: Facts, temporary: Cart, mode: MergeMode, cart: Cart
) -> tuple[Cart, tuple[LineOutcome, ...]]:
    """Move the lines and the coupons of a temporary cart into another. Raises LimitExceeded."""
    _check_answered(known)
    most = {
        id_: min(offer.available, known.max_quantity)
        for id_, offer in known.offers.items()
        if offer.is_on_sale
    }
    after, outcomes = cart_merges.merge(cart, temporary.lines, mode, most)
    codes = dict.fromkeys((*cart.coupon_codes, *temporary.coupon_codes))
    return carts.with_codes(after, tuple(codes)[: carts.MAX_CODES]), outcomes


def _check_answered(known: Facts) -> None:
    if known.error:
        raise known.error


def _check_line(
    known: Facts, line: CartLine, field: tuple[str, ...], held: int | None = None
) -> None:
    most = known.max_quantity
    if held and line.quantity > most:
        raise LimitExceeded(
            f"A line holds at most {most} units; {held} are in the cart already, so at most "
            f"{max(most - held, 0)} more.",
            field,
        )
    if error := refusal(line, known.offers.get(line.variant_id), most, field):
        raise error
