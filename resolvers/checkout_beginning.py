"""beginCheckout: cart lines, their prices and their pages are held under an order's number."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import resolvers.shop
from resolvers import promotion_offers, snapshots
from resolvers.commands import check
from resolvers.context import SHOPPER, Context
from resolvers.mutations import Mutation, Rule, Targets
from resolvers.promotion_offers import Goods
from resolvers.snapshots import Pages
from stores import checkouts, products, purchases
from stores.cart_errors import CartEmpty
from stores.cart_records import KEPT_ORDERS
from stores.carts import Cart, CartLine
from stores.checkouts import Checkout, CheckoutLine
from stores.drivers import UniqueViolation
from stores.errors import NotFound, VersionConflict
from stores.product_errors import VariantUnavailable
from stores.products import Variant
from stores.snapshots import Snapshot, keep
from stores.sql import WriteSession

MAX_LINES = 2_000
#: How late the event of an order may come, and those of how many orders of one shopper: fewer
#: than a cart remembers, or it would give up their units twice.
_LATE, _MOST_LATE = timedelta(hours=1), KEPT_ORDERS // 2


@dataclass(frozen=True, slots=True)
class BeginCheckout:
    """Hold the selected lines of the viewer's cart, or these, as shown at this version."""

    line_ids: tuple[int, ...] | None = None
    cart_version: int | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for lines that no cart can have."""
        count = len(self.line_ids or ())
        check(count <= MAX_LINES, f"A checkout holds at most {MAX_LINES} lines.", "lineIds")
        is_once = count == len(set(self.line_ids or ()))
        check(is_once, "A line stands twice; name each once.", "lineIds")


async def _prepare(ctx: Context, begin: BeginCheckout, targets: Targets) -> Rule[BeginCheckout]:
    viewer = ctx.require(BEGIN_CHECKOUT.roles)
    cart = await ctx.stores.carts.by_owner(viewer.id)
    if begin.cart_version not in (None, cart.version):
        raise VersionConflict("Cart", cart.version, cart, ("cartVersion",))
    lines = _chosen(cart, begin)
    targets["checkout"] = cart_key = _key(cart, lines)
    async with ctx.database.read_primary() as session:
        known = await checkouts.by_cart_key(session, cart_key)
    if known and (known.ordered_at or known.expires_at > ctx.clock()):
        return _nothing
    if await _took_what_was_ordered(ctx, cart):
        return await _prepare(ctx, begin, targets)
    held, pictures, offers = await _held(ctx, lines)
    number = known.number if known else await ctx.numbers.next(viewer.id)
    shop = await resolvers.shop.get(ctx)
    until = ctx.clock() + timedelta(minutes=shop.checkout_expiry_minutes)
    begun = Checkout(number, viewer.id, cart_key, tuple(held), until)
    codes = list(cart.coupon_codes) or None
    return _Holding(replace(begun, offers=offers, coupon_codes=codes), pictures)


async def _took_what_was_ordered(ctx: Context, cart: Cart) -> bool:
    """Take out what was ordered and lies in the cart still; return whether anything was.

    The event that takes it comes after the answer of placeOrder. Whoever buys again before would
    order the same units once more.
    """
    since = ctx.clock() - _LATE
    async with ctx.database.read_primary() as session:
        numbers = await purchases.newest(session, cart.owner_id, since, _MOST_LATE)
        ordered = await checkouts.by_numbers(session, numbers) if numbers else {}
    late = {one.number: one.units() for one in ordered.values() if one.cart_id == cart.id}
    if not late:
        return False
    after = await ctx.stores.carts.take(cart.owner_id, late, cart_id=cart.id)
    return after.version != cart.version


async def _nothing(*_told: object) -> None:
    """Write nothing: the checkout is there, and its prices hold."""


@dataclass(frozen=True, slots=True)
class _Holding:
    """Writes a checkout whose pages have no ids yet; `snapshot_id` is that of the product."""

    checkout: Checkout
    pictures: Sequence[Snapshot]

    async def __call__(
        self, session: WriteSession, ctx: Context, _begin: BeginCheckout, _targets: Targets
    ) -> None:
        ids = await keep(session, self.pictures)
        lines = [replace(one, snapshot_id=ids[one.product_id]) for one in self.checkout.lines]
        whole = replace(self.checkout, lines=tuple(lines))
        try:
            await checkouts.add(session, whole)
        except UniqueViolation:
            # Begun by another key in this moment, or before and expired since.
            await checkouts.renew(session, whole, ctx.clock())


def _chosen(cart: Cart, begin: BeginCheckout) -> list[CartLine]:
    known = {line.id: line for line in cart.lines}
    for place, id_ in enumerate(begin.line_ids or ()):
        if id_ not in known:
            raise NotFound("line of this cart", ("lineIds", str(place)))
    wanted = set(begin.line_ids or ())
    chosen = [
        line
        for line in cart.lines
        if (line.is_selected if begin.line_ids is None else line.id in wanted)
    ]
    if not chosen:
        raise CartEmpty
    return chosen


def _key(cart: Cart, lines: Sequence[CartLine]) -> str:
    told = ",".join(f"{line.variant_id}:{line.quantity}" for line in lines)
    return f"{cart.id}:{cart.version}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"


async def _held(
    ctx: Context, lines: Sequence[CartLine]
) -> tuple[list[CheckoutLine], list[Snapshot], list[dict[str, Any]] | None]:
    async with ctx.database.read_primary() as session:
        known = await products.variants_by_ids(session, [line.variant_id for line in lines])
    owners = {row.product_id for row in known.values()}
    found = await snapshots.pages(ctx, owners)
    current = {row.id: row for rows in found.variants.values() for row in rows}
    held = [_line(line, current, found, place) for place, line in enumerate(lines)]
    return held, await snapshots.taken(ctx, found), await _offers(ctx, held, found)


async def _offers(
    ctx: Context, held: Sequence[CheckoutLine], found: Pages
) -> list[dict[str, Any]] | None:
    """Return the promotions that concern some of the lines, as they are now; None for none."""
    active = await promotion_offers.active(ctx)
    if not active:
        return None
    owners = {line.product_id: found.products[line.product_id] for line in held}
    paths = await promotion_offers.paths(ctx, active, list(owners.values()))
    goods = [
        Goods.of(
            owner := owners[line.product_id],
            paths[owner.category_id],
            (line.variant_id, line.unit_price_minor, line.quantity),
        )
        for line in held
    ]
    return [one.plain() for one in promotion_offers.concerning(active, goods)] or None


def _line(line: CartLine, current: Mapping[int, Variant], found: Pages, place: int) -> CheckoutLine:
    row = current.get(line.variant_id)
    if row is None or not found.is_on_sale(row.product_id):
        field = ("lines", str(place), "variant")
        name = f"“{row.title}”" if row else "This variant"
        raise VariantUnavailable(line.variant_id, name, field)
    return CheckoutLine(
        variant_id=row.id,
        product_id=row.product_id,
        merchant_id=row.merchant_id,
        snapshot_id=0,
        quantity=line.quantity,
        unit_price_minor=row.price_minor,
        sku=row.sku,
        title=row.title,
        options=row.options,
        media=_first_picture(row, found.products[row.product_id].media),
        weight_grams=row.weight_grams or 0,
    )


def _first_picture(row: Variant, media: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    shown = media[row.media_position :] if row.media_position is not None else media
    return next(iter(shown or media), None)


BEGIN_CHECKOUT = Mutation(
    name="beginCheckout",
    roles=SHOPPER,
    kind="Checkout",
    targets=lambda _ctx, _begin: {},
    prepare=_prepare,
)
