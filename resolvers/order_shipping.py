"""shipOrder: lines of one merchant leave its warehouse, all or some, each unit once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resolvers import order_parcels, refund_parts, versions_after
from resolvers import orders as reading
from resolvers.commands import check_text
from resolvers.context import STAFF, Context
from resolvers.line_quantities import LineUnits, Units, check_lines, named
from resolvers.mutations import Mutation, Targets
from resolvers.order_steps import Advance, Happening, advance, status_by
from resolvers.products import is_staff_of
from stores import fulfillments, orders, refunds
from stores.errors import (
    Invalid,
    NotAllowed,
    NotFound,
    Required,
    TransitionForbidden,
    VersionConflict,
)
from stores.fulfillments import CARRIER_LENGTH, TRACKING_LENGTH, Fulfillment, FulfillmentStatus
from stores.order_events import OrderEventKind
from stores.order_line_counts import Count
from stores.orders import Order, OrderLine, OrderStatus
from stores.reservations import Cause
from stores.sql import WriteSession

_OPEN = (OrderStatus.PAID.value, OrderStatus.PARTIALLY_SHIPPED.value)


@dataclass(frozen=True, slots=True)
class ShipOrder:
    """Ship units of lines, or all that a merchant has to ship yet, of an order at this version."""

    number: str
    version: int
    carrier: str
    tracking_number: str
    lines: LineUnits | None = None
    is_customer_notified: bool = True

    def __post_init__(self) -> None:
        """Raise a Refusal for what cannot be shipped."""
        check_text(self.carrier, "carrier", CARRIER_LENGTH)
        check_text(self.tracking_number, "trackingNumber", TRACKING_LENGTH)
        if self.lines is not None:
            check_lines(self.lines)


async def ship(
    session: WriteSession, ctx: Context, wanted: ShipOrder, fulfillment_id: int
) -> Fulfillment:
    """Ship an order, or a part of it. Raises a Refusal."""
    order, lines = await _shippable(session, ctx, wanted)
    units = _wanted(ctx, wanted, lines)
    warehouse_id = await order_parcels.warehouse_of(session, order, units)
    row = _parcel(ctx, wanted, units, warehouse_id, fulfillment_id)
    step = Advance(
        status_by(after(lines, units)), ctx.require(STAFF).id, row.shipped_at, _body(wanted, row)
    )
    await advance(session, ctx, order, step, _happening(row))
    await _check_paid(session, order)
    await fulfillments.add(session, row)
    await order_parcels.count(session, Count.SHIP, units)
    cause = Cause(order.number, step.actor_id, step.at)
    await order_parcels.leave(session, ctx, units, cause, row.id)
    return row


async def _shippable(
    session: WriteSession, ctx: Context, wanted: ShipOrder
) -> tuple[Order, list[OrderLine]]:
    order = (await orders.by_numbers(session, [wanted.number])).get(wanted.number)
    lines = (await orders.lines_by_number(session, [wanted.number])).get(wanted.number, [])
    if order is None or not reading.may_see(ctx, order, lines):
        raise NotFound("order", ("orderId",))
    if not any(is_staff_of(ctx, line.merchant_id) for line in lines):
        raise NotAllowed("No line of this order is yours to ship.")
    if order.version != wanted.version:
        seen = reading.SeenOrder.by(ctx, order, lines)
        raise VersionConflict("Order", order.version, seen)
    if order.status not in _OPEN:
        raise TransitionForbidden("order", order.status, "shipping")
    return order, lines


async def _check_paid(session: WriteSession, order: Order) -> None:
    """Raise NotAllowed if all money is back or on its way; the order is held, so none is begun."""
    of_order = (await refunds.by_numbers(session, [order.number])).get(order.number, [])
    back = sum(one.amount_minor for one in refund_parts.standing(of_order))
    if back and back == order.paid_minor:
        raise NotAllowed("All money of this order goes back; nothing of it is to be shipped.")


def _wanted(ctx: Context, wanted: ShipOrder, lines: Sequence[OrderLine]) -> Units:
    mine = [line for line in lines if is_staff_of(ctx, line.merchant_id)]
    left = {line.id: line.unshipped for line in mine}
    if wanted.lines is None:
        units: Units = [(line, line.unshipped) for line in mine if line.unshipped]
    else:
        units = named(wanted.lines, mine, left)
    if not units:
        raise Invalid("Everything that is yours to ship of this order is shipped.", ("lines",))
    if len({line.merchant_id for line, _ in units}) > 1:
        kind = Required if wanted.lines is None else Invalid
        raise kind("Name lines of one merchant; each ships its own.", ("lines",))
    return units


def _parcel(
    ctx: Context, wanted: ShipOrder, units: Units, warehouse_id: int, id_: int
) -> Fulfillment:
    now = ctx.clock()
    return Fulfillment(
        id=id_,
        version=1,
        updated_at=now,
        number=wanted.number,
        merchant_id=units[0][0].merchant_id,
        warehouse_id=warehouse_id,
        status=FulfillmentStatus.SHIPPED.value,
        carrier=wanted.carrier.strip(),
        tracking_number=wanted.tracking_number.strip(),
        lines=[[line.id, some] for line, some in units],
        shipped_at=now,
    )


def after(lines: Sequence[OrderLine], units: Units, sign: int = 1) -> list[OrderLine]:
    """Return lines as they are when so many more units are shipped, or fewer."""
    counted = {line.id: sign * some for line, some in units}
    return [
        replace(line, shipped_quantity=line.shipped_quantity + counted.get(line.id, 0))
        for line in lines
    ]


def _body(wanted: ShipOrder, row: Fulfillment) -> tuple[tuple[str, object], ...]:
    # Whoever writes to customers reads it.
    return ("fulfillment", row.id), ("isCustomerNotified", wanted.is_customer_notified)


def _happening(row: Fulfillment) -> Happening:
    kind = OrderEventKind.FULFILLMENT_CHANGED
    return Happening(kind, merchant_id=row.merchant_id, fulfillment_id=row.id)


async def _ship(session: WriteSession, ctx: Context, wanted: ShipOrder, targets: Targets) -> None:
    await ship(session, ctx, wanted, targets["fulfillment"])


SHIP_ORDER = Mutation(
    name="shipOrder",
    roles=STAFF,
    kind="Fulfillment",
    targets=lambda ctx, wanted: {
        "fulfillment": ctx.ids.next(),
        "order": int(wanted.number),
    },
    rule=_ship,
    version_after=versions_after.of_order,
)
