"""Orders: their sums, their lines, their steps, and what was kept for them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import (
    checkouts,
    fulfillments,
    order_events,
    order_numbers,
    orders,
    outbox,
    reservations,
    walks,
)
from stores.checkouts import Checkout
from stores.fulfillments import Fulfillment, FulfillmentStatus
from stores.order_events import OrderEvent
from stores.orders import Order, OrderLine, OrderStatus
from stores.reservations import Reservation, ReservationState
from stores.sql import ReadSession

NAME = "orders"
#: An order that is not paid in time is ended within seconds, or something is broken.
OVERDUE = timedelta(minutes=5)
#: What happened to orders is told to whoever follows them; what tells it is trimmed later.
TOLD = timedelta(days=6)

#: What is kept for an order in each status; once it is paid, by what of it was shipped.
_STATES = {
    OrderStatus.PENDING_PAYMENT.value: ReservationState.ACTIVE.value,
    OrderStatus.CANCELLED.value: ReservationState.RELEASED.value,
    OrderStatus.EXPIRED.value: ReservationState.EXPIRED.value,
}


@dataclass(frozen=True, slots=True)
class _Whole:
    """An order and everything that belongs to it, all of one moment."""

    order: Order
    checkout: Checkout | None
    lines: Sequence[OrderLine] = field(default=())
    events: Sequence[OrderEvent] = field(default=())
    kept: Sequence[Reservation] = field(default=())
    sent: Sequence[Fulfillment] = field(default=())
    merchants: Sequence[int] = field(default=())
    #: Events that nobody who follows the order is told of.
    untold: Sequence[int] = field(default=())


async def _compare(mall: Mall, numbers: Sequence[str]) -> Differences[str]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        wholes = await _wholes(session, numbers, mall.clock() - TOLD)
    now = mall.clock()
    found = {one.order.number: compared(NAME, one.order.number, _facts(one, now)) for one in wholes}
    return {number: differences for number, differences in found.items() if differences}


async def _wholes(session: ReadSession, numbers: Sequence[str], since: datetime) -> list[_Whole]:
    found = await orders.by_numbers(session, numbers)
    begun = await checkouts.by_numbers(session, numbers)
    lines = await orders.lines_by_number(session, numbers)
    events = await order_events.by_numbers(session, numbers)
    kept = await reservations.by_numbers(session, numbers)
    sent = await fulfillments.by_numbers(session, numbers)
    merchants = await orders.merchants_by_number(session, numbers)
    untold = await _untold(session, events, since)
    return [
        _Whole(
            order,
            begun.get(number),
            lines.get(number, ()),
            events.get(number, ()),
            kept.get(number, ()),
            sent.get(number, ()),
            merchants.get(number, ()),
            untold[number],
        )
        for number, order in found.items()
    ]


async def _untold(
    session: ReadSession, events: Mapping[str, Sequence[OrderEvent]], since: datetime
) -> dict[str, list[int]]:
    recent = [one for each in events.values() for one in each if one.occurred_at > since]
    known = await outbox.known(session, [one.id for one in recent])
    found: dict[str, list[int]] = defaultdict(list)
    for one in recent:
        if one.id not in known:
            found[one.number].append(one.sequence)
    return found


def _facts(one: _Whole, now: datetime) -> Iterator[tuple[str, object, object]]:
    yield "number is valid", True, order_numbers.is_number(one.order.number)
    yield from _sums(one.order, one.lines)
    yield from _bought(one)
    yield from _kept(one)
    yield from _steps(one)
    yield from _deadline(one.order, now)
    merchants = sorted({line.merchant_id for line in one.lines})
    yield "merchants", merchants, sorted(one.merchants)


def _sums(order: Order, lines: Sequence[OrderLine]) -> Iterator[tuple[str, object, object]]:
    subtotal = sum(line.unit_price_minor * line.quantity for line in lines)
    discount = sum(line.discount_minor for line in lines)
    tax = sum(line.tax_minor for line in lines)
    yield "has lines", True, bool(lines)
    yield "subtotal", subtotal, order.subtotal_minor
    yield "discount", discount, order.discount_minor
    yield "tax", tax, order.tax_minor
    # Tax is contained in prices or added to them, as the shop did when the order was placed.
    total = subtotal - discount + order.shipping_minor
    is_added = order.total_minor == total + tax
    yield "total", total, order.total_minor - (tax if is_added else 0)
    for line in lines:
        after = line.unit_price_minor * line.quantity - line.discount_minor
        yield f"total of line {line.position}", after, line.total_minor


def _bought(one: _Whole) -> Iterator[tuple[str, object, object]]:
    checkout = one.checkout
    yield "has a checkout", True, checkout is not None
    if checkout is None:
        return
    yield "checkout is closed", True, checkout.ordered_at is not None
    yield "user of the checkout", checkout.user_id, one.order.user_id
    wanted = [(line.variant_id, line.quantity, line.unit_price_minor) for line in checkout.lines]
    bought = [(line.variant_id, line.quantity, line.unit_price_minor) for line in one.lines]
    yield "variant, quantity and price of lines", wanted, bought
    places = [line.position for line in one.lines]
    yield "positions of lines", list(range(len(places))), places


def _kept(one: _Whole) -> Iterator[tuple[str, object, object]]:
    ordered, kept = Counter[int](), Counter[int]()
    for line in one.lines:
        ordered[line.variant_id] += line.quantity
    for reservation in one.kept:
        kept[reservation.variant_id] += reservation.quantity
    # In place of what was lost on its way others may be kept.
    more = _lost(one) & (kept - ordered)
    expected = {key: count + more[key] for key, count in sorted(ordered.items())}
    yield "reserved units by variant", expected, dict(sorted(kept.items()))
    states = sorted({reservation.state for reservation in one.kept})
    otherwise = _STATES.get(one.order.status, ReservationState.COMMITTED.value)
    wanted = sorted({_state(each, otherwise) for each in one.kept})
    yield "states of reservations", wanted, states


def _state(one: Reservation, otherwise: str) -> str:
    """Return the state that fits; of an order that was called off, all of a line may be lost."""
    is_gone = one.shipped_quantity == one.quantity
    return ReservationState.SHIPPED.value if is_gone else otherwise


def _lost(one: _Whole) -> Counter[int]:
    """Return the units of each variant that were called back, and did not come."""
    variants, lost = {line.id: line.variant_id for line in one.lines}, Counter[int]()
    for parcel in one.sent:
        if parcel.status == FulfillmentStatus.CANCELLED.value and not parcel.is_restocked:
            for line_id, units in parcel.lines:
                lost[variants.get(line_id, 0)] += units
    return lost


def _steps(one: _Whole) -> Iterator[tuple[str, object, object]]:
    numbers = [event.sequence for event in one.events]
    yield "sequence of events", list(range(1, len(numbers) + 1)), numbers
    yield "version, by events", len(numbers), one.order.version
    moves = [event for event in one.events if event.to_status is not None]
    before: str | None = None
    for event in moves:
        yield f"status before event {event.sequence}", before, event.from_status
        before = event.to_status
    yield "status, by the last event", before, one.order.status
    yield "events that the outbox does not tell", [], list(one.untold)


def _deadline(order: Order, now: datetime) -> Iterator[tuple[str, object, object]]:
    if order.status == OrderStatus.PENDING_PAYMENT.value:
        yield "has an end", True, order.expires_at is not None
        is_overdue = order.expires_at is not None and order.expires_at < now - OVERDUE
        yield "is long overdue", False, is_overdue


ORDERS = Check(
    name=NAME,
    about="Each order is the sum of its lines, is what its checkout held, has its units reserved "
    "as its status says, is where its events lead, and these are told.",
    page=walking(walks.ORDERS),
    compare=_compare,
)
