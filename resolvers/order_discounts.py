"""The uses of promotions by orders: taken when one is placed, let go once when it ends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from resolvers import price_changes
from resolvers.checkouts import Preview
from resolvers.context import Context
from resolvers.discounts import Discount
from resolvers.promotion_offers import Held
from resolvers.promotion_uses import Facts, slot
from resolvers.promotions import may_edit
from stores import coupons, order_discounts, promotions
from stores.drivers import Retryable, UniqueViolation
from stores.order_discounts import OrderDiscount
from stores.orders import Order, OrderLine
from stores.promotion_terms import CustomerSegment, SegmentCondition
from stores.sql import WriteSession
from stores.users import Role


async def take(session: WriteSession, order: Order, preview: Preview) -> None:
    """Count the uses that a new order makes, each compared and set in one step.

    Whoever finds that another order was quicker starts again, and sees what is left then.
    """
    rows = _rows(order, preview)
    if not rows:
        return
    try:
        await order_discounts.add(session, rows)
    except UniqueViolation as error:
        raise Retryable from error
    # In one order for everybody, or two orders would wait for each other.
    for coupon_id in _coupons(rows):
        if not await coupons.take(session, coupon_id):
            raise Retryable
    limits = {one.promotion_id: one.unit_limit for one in preview.held}
    for one in _by_promotion(rows):
        limit = limits[one.promotion_id]
        if not await promotions.take(session, one.promotion_id, one.units, limit):
            raise Retryable


async def let_go(session: WriteSession, order: Order, now: datetime) -> None:
    """Give back the uses of an order that ends: of promotions, their units, and coupons; once."""
    if not _has_some(order):
        return
    if not await order_discounts.let_go(session, order.number, now):
        return
    rows = (await order_discounts.by_numbers(session, [order.number]))[order.number]
    for coupon_id in _coupons(rows):
        await coupons.give_back(session, coupon_id)
    for one in _by_promotion(rows):
        await promotions.give_back(session, one.promotion_id, one.units)


async def of_orders(ctx: Context, rows: Sequence[Order]) -> list[list[OrderDiscount]]:
    """Return what was taken off each order; one without discounts asks no store."""
    return await _of(ctx, [row.number if _has_some(row) else None for row in rows])


async def of_lines(ctx: Context, rows: Sequence[OrderLine]) -> list[list[OrderDiscount]]:
    """Return what was taken off each line; the caller has seen it."""
    found = await _of(ctx, [row.number if row.discount_minor else None for row in rows])
    return [
        [one for one in its if one.shares[row.position]]
        for row, its in zip(rows, found, strict=True)
    ]


def seen_minor(discount: OrderDiscount, places: Sequence[int]) -> int:
    """Return what was taken off the lines at these places, and off shipping if these are all."""
    of_lines_ = sum(discount.shares[place] for place in places)
    return of_lines_ + (discount.shipping_minor if len(places) == len(discount.shares) else 0)


async def _of(ctx: Context, numbers: Sequence[str | None]) -> list[list[OrderDiscount]]:
    wanted = list(dict.fromkeys(number for number in numbers if number))
    rows = await ctx.loaders.promotions.by_order.many(wanted) if wanted else []
    hidden = await _secrets(ctx, [one for its in rows for one in its])
    found = {
        number: [_as_seen(ctx, one, hidden) for one in its]
        for number, its in zip(wanted, rows, strict=True)
    }
    return [found.get(number, []) if number else [] for number in numbers]


async def _secrets(ctx: Context, rows: Sequence[OrderDiscount]) -> set[int]:
    """Return the promotions whose codes are not for the viewer: who knows one could use it."""
    ids = {one.promotion_id for one in rows if one.coupon_code and not _knows_code(ctx, one)}
    if not ids:
        return ids
    known = await ctx.loaders.promotions.by_id.many(sorted(ids))
    return ids - {row.id for row in known if row and may_edit(ctx, row)}


def _as_seen(ctx: Context, row: OrderDiscount, hidden: Collection[int]) -> OrderDiscount:
    is_hidden = row.promotion_id in hidden and not _knows_code(ctx, row)
    return replace(row, coupon_code=None) if is_hidden else row


def _knows_code(ctx: Context, row: OrderDiscount) -> bool:
    """Return whether the viewer sent the code, or sees all codes."""
    viewer = ctx.viewer
    return viewer is not None and (viewer.id == row.user_id or Role.OWNER in viewer.roles)


def _has_some(order: Order) -> bool:
    kept = order.delivery
    # What was taken off and what was added may be equal.
    return bool(order.discount_minor or kept.get("discount") or kept.get(price_changes.COUNT))


def _rows(order: Order, preview: Preview) -> list[OrderDiscount]:
    held, known = {one.promotion_id: one for one in preview.held}, preview.known
    rows = [
        _row(order, place, one, held, known) for place, one in enumerate(preview.given.discounts)
    ]
    firsts = [place for place, one in enumerate(rows) if _is_for_first(held[one.promotion_id])]
    for place in firsts[:1]:
        # An order is the first one once, however many promotions ask for that.
        rows[place] = replace(rows[place], first_of=order.user_id)
    return rows


def _row(
    order: Order, place: int, discount: Discount, held: Mapping[int, Held], known: Facts
) -> OrderDiscount:
    coupon = known.coupons.get(discount.coupon or "")
    return OrderDiscount(
        number=order.number,
        promotion_id=discount.promotion_id,
        position=place,
        user_id=order.user_id,
        title=discount.title,
        coupon_id=coupon.id if coupon else None,
        coupon_code=discount.coupon,
        shares=list(discount.shares),
        shipping_minor=discount.shipping_minor,
        units=discount.units,
        slot=slot(discount, held, known),
        first_of=None,
        released_at=None,
    )


def _is_for_first(held: Held) -> bool:
    return SegmentCondition(CustomerSegment.FIRST_ORDER) in held.conditions


def _coupons(rows: Sequence[OrderDiscount]) -> list[int]:
    return sorted(one.coupon_id for one in rows if one.coupon_id is not None)


def _by_promotion(rows: Sequence[OrderDiscount]) -> list[OrderDiscount]:
    return sorted(rows, key=lambda one: one.promotion_id)
