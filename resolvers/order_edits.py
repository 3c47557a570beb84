"""updateOrder: another price before it is paid, another address before it is shipped, and notes."""

from dataclasses import dataclass

from resolvers import order_repricing, versions_after
from resolvers import orders as reading
from resolvers.addresses import Address
from resolvers.commands import check, check_text
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from resolvers.order_repricing import REASON_LENGTH, Repricing
from resolvers.order_steps import Advance, Happening, advance
from resolvers.products import is_staff_of
from stores import delivery_rates, orders
from stores.errors import (
    Invalid,
    NotAllowed,
    NotFound,
    Required,
    TransitionForbidden,
    VersionConflict,
)
from stores.order_events import OrderEventKind
from stores.orders import Order, OrderLine, OrderStatus
from stores.sql import WriteSession

NOTE_LENGTH = 1_000
#: Statuses in which nothing has left for an address.
_UNSENT = (OrderStatus.PENDING_PAYMENT.value, OrderStatus.PAID.value)


@dataclass(frozen=True, slots=True)
class UpdateOrder:
    """Change the address or the price of an order, as it was read at this version, or add a note.

    The price changes by so many minor units, for a reason.
    """

    number: str
    version: int
    address: Address | None = None
    staff_note: str | None = None
    price_delta_minor: int | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        """Raise a Refusal unless something is to be done."""
        if self.address is None and self.staff_note is None and self.price_delta_minor is None:
            raise Required("Send an address, a price, a note, or several of them.")
        note = self.staff_note
        is_note = note is None or (note.strip() != "" and len(note) <= NOTE_LENGTH)
        check(is_note, f"A note has 1 to {NOTE_LENGTH} characters.", "staffNote")
        self._check_price()

    def _check_price(self) -> None:
        is_priced = self.price_delta_minor is not None
        check(self.price_delta_minor != 0, "Another price is more, or less.", "priceDelta")
        if is_priced and self.reason is None:
            raise Required("Say why the price is another one.", ("reason",))
        check(is_priced or self.reason is None, "A reason is for another price.", "reason")
        if self.reason is not None:
            check_text(self.reason, "reason", REASON_LENGTH)


async def _update(
    session: WriteSession, ctx: Context, wanted: UpdateOrder, _targets: Targets
) -> None:
    order, lines = await _decided(session, ctx, wanted)
    happenings, values = [], {}
    if wanted.address is not None:
        await _check_address(session, order, wanted.address)
        values["shipping_address"] = wanted.address.plain()
        happenings.append(Happening(OrderEventKind.EDITED))
    if wanted.staff_note is not None:
        happenings.append(Happening(OrderEventKind.NOTE_ADDED, wanted.staff_note.strip()))
    step = Advance(OrderStatus(order.status), ctx.require(STAFF).id, ctx.clock())
    if wanted.price_delta_minor is None:
        await advance(session, ctx, order, step, *happenings, **values)
        return
    price = Repricing(order, lines, wanted.price_delta_minor, wanted.reason or "")
    await order_repricing.reprice(session, ctx, price, step, *happenings, **values)


async def _decided(
    session: WriteSession, ctx: Context, wanted: UpdateOrder
) -> tuple[Order, list[OrderLine]]:
    order = (await orders.by_numbers(session, [wanted.number])).get(wanted.number)
    lines = (await orders.lines_by_number(session, [wanted.number])).get(wanted.number, [])
    if order is None or not reading.may_see(ctx, order, lines):
        raise NotFound("order", ("orderId",))
    if not all(is_staff_of(ctx, line.merchant_id) for line in lines):
        raise NotAllowed("Only the owner, or the merchant of all lines, may do this.")
    if order.version != wanted.version:
        seen = reading.SeenOrder.by(ctx, order, lines)
        raise VersionConflict("Order", order.version, seen)
    return order, lines


async def _check_address(session: WriteSession, order: Order, address: Address) -> None:
    if order.status not in _UNSENT:
        raise TransitionForbidden("order", order.status, "another address")
    rate_id = order.delivery["rate"]
    rate = (await delivery_rates.by_ids(session, [rate_id])).get(rate_id)
    if rate is not None and rate.regions and not rate.reaches(address.country_code, address.region):
        reason = "The delivery that was paid for does not go there; cancel the order instead."
        raise Invalid(reason, ("shippingAddress", "countryCode"))


UPDATE_ORDER = Mutation(
    name="updateOrder",
    roles=STAFF,
    kind="Order",
    targets=lambda _ctx, wanted: {"order": int(wanted.number)},
    rule=_update,
    version_after=versions_after.of_order,
    reason=lambda wanted: wanted.reason,
)
