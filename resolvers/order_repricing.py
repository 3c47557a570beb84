"""Another price for an order that nobody has paid: its rows, events and payments go along."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import resolvers.shop
from resolvers import open_payments, order_stock, price_changes
from resolvers.context import Context
from resolvers.order_steps import Advance, Happening, advance
from resolvers.price_changes import COUNT, PriceChange
from stores import money, order_discounts, order_prices, orders
from stores.drivers import Retryable
from stores.errors import LimitExceeded, TransitionForbidden
from stores.order_discounts import STAFF_PLACES, OrderDiscount
from stores.order_events import OrderEventKind
from stores.orders import Order, OrderLine, OrderStatus, PaymentStatus
from stores.promotions import NAME_LENGTH
from stores.sql import WriteSession

#: A reason is shown as the name of a discount.
REASON_LENGTH = NAME_LENGTH
#: Each of them is a discount of its own.
MAX_CHANGES = 20
_WANTED = "another price"


@dataclass(frozen=True, slots=True)
class Repricing:
    """By how much the price of an order, as it was read, is to change, and why."""

    order: Order
    lines: Sequence[OrderLine]
    delta_minor: int
    reason: str


async def reprice(
    session: WriteSession,
    ctx: Context,
    wanted: Repricing,
    step: Advance,
    *happenings: Happening,
    **values: Any,
) -> None:
    """Change the price of an order, and whatever else is told. Raises a Refusal.

    An order that costs nothing any more is paid at once, as one that is placed so.
    """
    order = wanted.order
    _check_unpaid(order)
    settings = await resolvers.shop.within(session)
    change = price_changes.changed(settings, order, wanted.lines, wanted.delta_minor)
    paid = {"expires_at": None, "payment_status": PaymentStatus.PAID.value}
    is_free = change.total_minor == 0
    to = replace(step, to=OrderStatus.PAID) if is_free else step
    told = {**values, **change.values, **(paid if is_free else {})}
    # The order first: so no payment of the old price is begun in this moment.
    await advance(session, ctx, order, to, *happenings, _happening(ctx, wanted), **told)
    await _check_none_came(session, order)
    await open_payments.give_up(session, ctx, order, _WANTED)
    await order_prices.change(session, change.lines)
    await order_discounts.add(session, [_discount(ctx, wanted, change)])
    if is_free:
        await order_stock.commit(session, order)


def _check_unpaid(order: Order) -> None:
    """Raise a Refusal unless an order may have another price."""
    if order.status != OrderStatus.PENDING_PAYMENT.value or order.paid_minor:
        is_begun = order.status == OrderStatus.PENDING_PAYMENT.value
        raise TransitionForbidden("order", "paid in part" if is_begun else order.status, _WANTED)
    if order.delivery.get(COUNT, 0) >= MAX_CHANGES:
        raise LimitExceeded(f"A price is changed {MAX_CHANGES} times at most.", ("priceDelta",))


async def _check_none_came(session: WriteSession, order: Order) -> None:
    """Start again if a part was paid since the order was read, which leaves its version alone."""
    now = (await orders.by_numbers(session, [order.number]))[order.number]
    if now.paid_minor:
        raise Retryable


def _happening(ctx: Context, wanted: Repricing) -> Happening:
    amount = money.from_minor(wanted.delta_minor, ctx.currency)
    note = f"{amount:+f} {ctx.currency}: {wanted.reason.strip()}"
    return Happening(OrderEventKind.EDITED, note)


def _discount(ctx: Context, wanted: Repricing, change: PriceChange) -> OrderDiscount:
    order = wanted.order
    return OrderDiscount(
        number=order.number,
        # Of no promotion: an id of its own lets an order have several.
        promotion_id=ctx.ids.next(),
        position=STAFF_PLACES + order.delivery.get(COUNT, 0),
        user_id=order.user_id,
        title=wanted.reason.strip(),
        coupon_id=None,
        coupon_code=None,
        shares=list(change.shares),
        shipping_minor=change.shipping_off,
        units=0,
        slot=None,
        first_of=None,
        released_at=None,
    )
