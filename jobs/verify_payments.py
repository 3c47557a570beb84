"""Payments: what came and went back is what their events, the ledger and the orders say."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jobs.verify_check import SECONDS, Check, Differences, compared, of_the_ledger, walking
from resolvers.context import Mall
from resolvers.payment_postings import home, source
from stores import ledger_reads, orders, payment_events, payments, refunds, walks
from stores.ledger import Entry
from stores.orders import Order, OrderStatus, PaymentStatus
from stores.payment_events import PaymentEvent, PaymentEventKind
from stores.payments import Payment
from stores.refunds import Refund, RefundStatus
from stores.sql import ReadSession

NAME, ORDERS = "payments", "orders-paid"

_Facts = Iterator[tuple[str, object, object]]

_MONEY = {
    PaymentEventKind.CHARGE_SUCCESS.value: 1,
    PaymentEventKind.REFUND_SUCCESS.value: -1,
}
#: Before any of it money is taken in.
_UNPAID = (
    OrderStatus.PENDING_PAYMENT.value,
    OrderStatus.EXPIRED.value,
    OrderStatus.CANCELLED.value,
)


@dataclass(frozen=True, slots=True)
class _Whole:
    """A payment and everything that belongs to it, all of one moment."""

    payment: Payment
    has_order: bool
    events: Sequence[PaymentEvent] = field(default=())
    refunds: Sequence[Refund] = field(default=())


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        wholes = await _wholes(session, ids)
    moved = {event.transaction_id or 0 for one in wholes for event in one.events}
    # A moment later: what was posted stays.
    async with of_the_ledger(mall).moment(seconds=SECONDS) as session:
        entries = await ledger_reads.entries_of(session, moved)
    found = {one.payment.id: compared(NAME, one.payment.id, _facts(one, entries)) for one in wholes}
    return {id_: differences for id_, differences in found.items() if differences}


async def _wholes(session: ReadSession, ids: Sequence[int]) -> list[_Whole]:
    rows = await payments.by_ids(session, ids)
    numbers = {row.number for row in rows.values() if row.number}
    lost = numbers - (await orders.by_numbers(session, numbers)).keys()
    events = await payment_events.by_payments(session, ids)
    back = await refunds.by_payments(session, ids)
    return [
        _Whole(row, row.number not in lost, events.get(id_, ()), back.get(id_, ()))
        for id_, row in rows.items()
    ]


def _facts(one: _Whole, entries: Mapping[int, Sequence[Entry]]) -> _Facts:
    payment = one.payment
    yield "has an order", True, one.has_order
    for kind, told in zip(_MONEY, (payment.captured_minor, payment.refunded_minor), strict=True):
        yield f"{kind}, by events", _sum(event for event in one.events if event.kind == kind), told
    yield "refunded, by refunds", _refunds(one, RefundStatus.SUCCEEDED), payment.refunded_minor
    yield "refunding, by refunds", _refunds(one, RefundStatus.PENDING), payment.refunding_minor
    yield "status", _status(payment), payment.status
    most = max(payment.amount_minor, payment.authorized_minor)
    yield "captured at most what was asked for", True, payment.captured_minor <= most
    for event in one.events:
        if event.kind in _MONEY:
            yield from _posted(payment, event, entries.get(event.transaction_id or 0, ()))


def _posted(payment: Payment, event: PaymentEvent, entries: Sequence[Entry]) -> _Facts:
    """Tell whether an event was posted to the account that the money comes from."""
    at, side = {1: (source, "DEBIT"), -1: (home, "CREDIT")}[_MONEY[event.kind]]
    place = at(payment).id
    mine = [one.amount_minor for one in entries if (one.account_id, one.side) == (place, side)]
    yield f"{event.kind}, by the ledger", event.amount_minor, sum(mine)


def _status(payment: Payment) -> str:
    """Return the status that the sums of a payment allow."""
    if payment.refunded_minor:
        is_all = payment.refunded_minor == payment.captured_minor
        status = PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED
        return status.value
    if payment.captured_minor:
        return PaymentStatus.PAID.value
    is_before = payment.status not in (PaymentStatus.PAID.value, PaymentStatus.REFUNDED.value)
    return payment.status if is_before else PaymentStatus.UNPAID.value


def _sum(events: Iterator[PaymentEvent]) -> int:
    return sum(event.amount_minor for event in events)


def _refunds(one: _Whole, status: RefundStatus) -> int:
    return sum(row.amount_minor for row in one.refunds if row.status == status.value)


async def _compare_orders(mall: Mall, numbers: Sequence[str]) -> Differences[str]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        rows = await orders.by_numbers(session, numbers)
        paid = await payments.by_numbers(session, numbers)
    counted: dict[str, list[Payment]] = defaultdict(list)
    for number, some in paid.items():
        counted[number] = [one for one in some if not one.is_late]
    found = {
        number: compared(ORDERS, number, _of_order(row, counted[number]))
        for number, row in rows.items()
    }
    return {number: differences for number, differences in found.items() if differences}


def _of_order(order: Order, its: Sequence[Payment]) -> _Facts:
    yield "paid, by payments", sum(one.captured_minor for one in its), order.paid_minor
    refunded = sum(one.refunded_minor for one in its)
    yield "refunded, by payments", refunded, order.refunded_minor
    yield "refunded at most what was paid", True, order.refunded_minor <= order.paid_minor
    if order.status != OrderStatus.PENDING_PAYMENT.value:
        yield "payments that are open", 0, sum(one.open_for is not None for one in its)
    if order.status not in _UNPAID:
        yield "is paid", order.total_minor, order.paid_minor
    if order.status == OrderStatus.PENDING_PAYMENT.value:
        yield "is not paid", True, order.due_minor > 0
    is_back = PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED
    if refunded:
        status = is_back[refunded < order.paid_minor].value
        yield "payment status", status, order.payment_status


PAYMENTS = Check(
    name=NAME,
    about="Each payment is the sum of its events and refunds, and each of them that moved money "
    "was posted to the ledger.",
    page=walking(walks.PAYMENTS),
    compare=_compare,
)
ORDERS_PAID = Check(
    name=ORDERS,
    about="Each order is paid and refunded what its payments are, and in a status that fits.",
    page=walking(walks.ORDERS),
    compare=_compare_orders,
)
