"""placeOrder: a checkout becomes one order, and the stock is taken last."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import resolvers.shop
from resolvers import checkouts as reading
from resolvers import order_discounts, order_stock
from resolvers.addresses import Address
from resolvers.checkouts import Choice, Preview
from resolvers.commands import check
from resolvers.context import SHOPPER, Context
from resolvers.coupon_codes import check_codes
from resolvers.mutations import Mutation, Targets
from resolvers.order_states import PLACED, Step, record, status_event
from resolvers.pricing import PricedLine
from resolvers.saved_addresses import own
from stores import (
    checkouts,
    delivery_rates,
    money,
    order_numbers,
    orders,
)
from stores.checkout_errors import CheckoutExpired, OrderNumberUsed, PriceChanged
from stores.checkouts import Checkout, CheckoutLine
from stores.delivery_rates import DeliveryRate
from stores.errors import NotFound
from stores.orders import Order, OrderLine, OrderStatus, PaymentStatus
from stores.outbox import Event
from stores.shop import Shop
from stores.sql import WriteSession

NOTE_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Order what a checkout holds; the expected total is in minor units.

    The address is one that the viewer keeps if `address_id` is told.
    """

    order_number: str
    delivery_rate_id: int
    address: Address | None
    expected_total_minor: int
    note: str | None = None
    coupon_codes: tuple[str, ...] | None = None
    address_id: int | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for what no checkout can be ordered by."""
        reason = "An order number has 18 digits; take it from the checkout."
        check(order_numbers.is_number(self.order_number), reason, "orderNumber")
        is_short = len(self.note or "") <= NOTE_LENGTH
        check(is_short, f"A note has at most {NOTE_LENGTH} characters.", "note")
        check_codes(self.coupon_codes or ())


async def _place(
    session: WriteSession, ctx: Context, wanted: PlaceOrder, _targets: Targets
) -> None:
    now = ctx.clock()
    checkout = await _closed(session, ctx, wanted, now)
    address = await _address(session, ctx, wanted)
    settings, rate = await resolvers.shop.within(session), await _rate(session, wanted, address)
    choice = Choice(rate, wanted.coupon_codes, now)
    preview = await reading.preview(session, settings, checkout, choice)
    _compare(ctx, wanted, preview)
    order = _order(_Deal(settings, checkout, rate, preview, address), wanted, now)
    await orders.add(session, order, _lines(ctx, order.number, preview))
    placed = Step(OrderStatus(order.status), order.user_id, now)
    happened = status_event(order.number, 1, placed, ctx.ids.next())
    await record(session, happened, _event(happened.id, order, checkout))
    # The rows that everybody wants come last.
    await order_discounts.take(session, order, preview)
    await order_stock.keep(session, order, checkout, ctx.ids.next)


async def _closed(
    session: WriteSession, ctx: Context, wanted: PlaceOrder, now: datetime
) -> Checkout:
    # Marked before it is read: whoever comes second waits here, and then knows the end.
    is_first = await checkouts.close(session, wanted.order_number, now)
    found = await checkouts.by_numbers(session, [wanted.order_number])
    checkout = found.get(wanted.order_number)
    if checkout is None or ctx.viewer is None or checkout.user_id != ctx.viewer.id:
        raise NotFound("checkout", ("orderNumber",))
    if not is_first:
        raise OrderNumberUsed(checkout.number)
    if checkout.expires_at <= now:
        raise CheckoutExpired(checkout.number)
    return checkout


async def _address(session: WriteSession, ctx: Context, wanted: PlaceOrder) -> Address:
    if wanted.address is not None:
        return wanted.address
    kept = await own(session, ctx, wanted.address_id or 0, "shippingAddress", "addressId")
    return Address.of(kept.address)


async def _rate(session: WriteSession, wanted: PlaceOrder, address: Address) -> DeliveryRate:
    id_ = wanted.delivery_rate_id
    rate = (await delivery_rates.by_ids(session, [id_])).get(id_)
    if rate is None or not reading.reaches(rate, address):
        raise NotFound("delivery option for this address", ("deliveryOptionId",))
    return rate


def _compare(ctx: Context, wanted: PlaceOrder, preview: Preview) -> None:
    total = preview.totals.total_minor
    if total != wanted.expected_total_minor:
        amount = money.from_minor(total, ctx.currency)
        raise PriceChanged(f"{amount} {ctx.currency}", preview)


@dataclass(frozen=True, slots=True)
class _Deal:
    """What was agreed on: by whose rules, what, how it comes, for how much, and where to."""

    settings: Shop
    checkout: Checkout
    rate: DeliveryRate
    preview: Preview
    address: Address

    def is_free(self) -> bool:
        """Return whether there is nothing to pay: nobody has to pay nothing."""
        return self.preview.totals.total_minor == 0

    def status(self) -> OrderStatus:
        """Return what the order is at once."""
        return OrderStatus.PAID if self.is_free() else OrderStatus.PENDING_PAYMENT

    def payment_status(self) -> PaymentStatus:
        """Return how much of it is paid at once."""
        return PaymentStatus.PAID if self.is_free() else PaymentStatus.UNPAID

    def expires_at(self, now: datetime) -> datetime | None:
        """Return until when it can be paid."""
        patience = timedelta(minutes=self.settings.order_expiry_minutes)
        return None if self.is_free() else now + patience

    def delivery(self) -> dict[str, Any]:
        """Return what the order keeps of the rate, which may change later."""
        rate = self.rate
        told = {"title": rate.title, "carrier": rate.carrier, "days": rate.estimated_days}
        off = self.preview.given.of_shipping
        return {"rate": rate.id, **told, **({"discount": off} if off else {})}


def _order(deal: _Deal, wanted: PlaceOrder, now: datetime) -> Order:
    sums = deal.preview.totals
    return Order(
        number=deal.checkout.number,
        version=1,
        updated_at=now,
        user_id=deal.checkout.user_id,
        status=deal.status().value,
        payment_status=deal.payment_status().value,
        placed_at=now,
        expires_at=deal.expires_at(now),
        shipping_address=deal.address.plain(),
        delivery=deal.delivery(),
        subtotal_minor=sums.subtotal_minor,
        discount_minor=sums.discount_minor,
        shipping_minor=sums.shipping_minor or 0,
        tax_minor=sums.tax_minor,
        total_minor=sums.total_minor,
        note=wanted.note or None,
    )


def _lines(ctx: Context, number: str, preview: Preview) -> list[OrderLine]:
    return [_line(ctx.ids.next(), number, place, *one) for place, one in enumerate(preview.lines)]


def _line(id_: int, number: str, place: int, line: CheckoutLine, priced: PricedLine) -> OrderLine:
    return OrderLine(
        id=id_,
        number=number,
        position=place,
        variant_id=line.variant_id,
        product_id=line.product_id,
        merchant_id=line.merchant_id,
        snapshot_id=line.snapshot_id,
        sku=line.sku,
        title=line.title,
        options=line.options,
        media=line.media,
        unit_price_minor=line.unit_price_minor,
        quantity=line.quantity,
        discount_minor=priced.discount_minor,
        tax_minor=priced.tax_minor,
        total_minor=priced.total_minor,
    )


def _event(id_: int, order: Order, checkout: Checkout) -> Event:
    """Return what the other stores are told of; its id is that of the order's own event."""
    body: dict[str, object] = {
        "user": order.user_id,
        "status": order.status,
        "cart": checkout.cart_id,
        "units": {str(id_): units for id_, units in checkout.units().items()},
    }
    aggregate = f"Order:{order.number}"
    return Event(id_, PLACED, aggregate, order.version, body, order.placed_at)


PLACE_ORDER = Mutation(
    name="placeOrder",
    roles=SHOPPER,
    kind="Order",
    targets=lambda _ctx, wanted: {"order": int(wanted.order_number)},
    rule=_place,
    is_personal=True,
)
