"""refundPayment: money goes back, at most what was captured, split as it was bought."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from resolvers import payment_money, payment_outcomes, payment_postings
from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from resolvers.payment_edits import decided
from resolvers.payment_methods import BALANCE
from resolvers.payment_postings import Parts
from stores import orders, payments, refunds
from stores.drivers import Retryable
from stores.errors import (
    AmountExceeded,
    Invalid,
    LimitExceeded,
    NotAllowed,
    NotFound,
    TransitionForbidden,
)
from stores.orders import Order, OrderLine
from stores.payment_events import PaymentEventKind
from stores.payments import Payment
from stores.refunds import Refund, RefundStatus
from stores.sql import WriteSession

REASON_LENGTH = 1_000
MAX_LINES = 100
#: Why money of an order that ended goes back.
ENDED = "The order has ended."


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Give money of a payment back, as it was read at this version; for these units of lines."""

    payment_id: int
    version: int
    amount_minor: int
    reason: str
    lines: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Raise a Refusal for what cannot go back."""
        check(self.amount_minor > 0, "An amount is more than 0.", "amount")
        is_told = self.reason.strip() != "" and len(self.reason) <= REASON_LENGTH
        check(is_told, f"A reason has 1 to {REASON_LENGTH} characters.", "reason")
        if len(self.lines) > MAX_LINES:
            reason = f"{len(self.lines)} lines; at most {MAX_LINES} at a time."
            raise LimitExceeded(reason, ("lines",))
        ids = [line_id for line_id, _ in self.lines]
        check(len(set(ids)) == len(ids), "Name each line once.", "lines")
        for place, (_, units) in enumerate(self.lines):
            check(units > 0, "A quantity is more than 0.", "lines", str(place), "quantity")


async def _refund(
    session: WriteSession, ctx: Context, wanted: RefundPayment, targets: Targets
) -> None:
    payment, lines = await decided(session, ctx, wanted.payment_id, wanted.version)
    await start(session, ctx, (payment, lines), wanted, targets["refund"])


async def start(
    session: WriteSession,
    ctx: Context,
    of: tuple[Payment, Sequence[OrderLine]],
    wanted: RefundPayment,
    refund_id: int,
) -> None:
    """Begin to give money of a payment back, for lines of its order. Raises a Refusal.

    Whoever calls this has seen that the viewer may do so.
    """
    payment, lines = of
    if payment.number is None:
        raise NotAllowed("Money in a balance is spent; reverse it in the ledger.", ("paymentId",))
    if not payment.captured_minor:
        raise TransitionForbidden("payment", payment.status, "a refund")
    if wanted.amount_minor > payment.refundable_minor:
        raise AmountExceeded(payment.refundable_minor)
    order = (await orders.by_numbers(session, [payment.number]))[payment.number]
    earlier = (await refunds.by_numbers(session, [payment.number])).get(payment.number, [])
    parts = _parts(order, lines, _standing(earlier), wanted)
    actor = ctx.require(STAFF).id
    units = [list(line) for line in wanted.lines]
    row = await _row(session, ctx, payment, wanted.amount_minor, parts)
    mine = replace(row, id=refund_id, actor_id=actor, reason=wanted.reason, lines=units)
    await begin(session, ctx, payment, mine)


async def give_back_all(session: WriteSession, ctx: Context, payment: Payment) -> Refund:
    """Begin to give back what is left of a payment whose order wants it no longer."""
    amount, parts = payment.refundable_minor, Parts(0, 0)
    if payment.number is not None and not payment.is_late:
        order = (await orders.by_numbers(session, [payment.number]))[payment.number]
        earlier = (await refunds.by_numbers(session, [payment.number])).get(payment.number, [])
        parts = _by_share(order, _standing(earlier), amount)
    row = await _row(session, ctx, payment, amount, parts)
    await begin(session, ctx, payment, row)
    return row


async def begin(session: WriteSession, ctx: Context, payment: Payment, refund: Refund) -> None:
    """Set the money of a refund aside, and write what the provider will be asked; once."""
    at = ctx.clock()
    if not await payments.hold_refund(session, payment, refund.amount_minor, at):
        raise Retryable
    await refunds.add(session, refund)
    now = (await payments.by_ids(session, [payment.id]))[payment.id]
    if payment.method == BALANCE.code:
        await payment_money.give_back(session, ctx, now, refund, None)
        return
    kind = PaymentEventKind.REFUND_REQUEST
    await payment_money.request(session, ctx, now, kind, refund.amount_minor)
    await payments.change(session, now, updated_at=at, ask_at=payment_outcomes.ask_at(ctx))


async def _row(
    session: WriteSession, ctx: Context, payment: Payment, amount: int, parts: Parts
) -> Refund:
    known = (await refunds.by_payments(session, [payment.id])).get(payment.id, [])
    sequence = len(known) + 1
    return Refund(
        id=ctx.ids.next(),
        payment_id=payment.id,
        sequence=sequence,
        # Late money is no part of what the order has, and takes nothing of it away.
        number=None if payment.is_late else payment.number,
        status=RefundStatus.PENDING.value,
        amount_minor=amount,
        tax_minor=parts.tax,
        shipping_minor=parts.shipping,
        reason=ENDED,
        lines=[],
        created_at=ctx.clock(),
        actor_id=None,
        request_id=f"{payment.request_id}-refund-{sequence}",
    )


def _standing(earlier: Sequence[Refund]) -> list[Refund]:
    return [one for one in earlier if one.status != RefundStatus.FAILED.value]


def _parts(
    order: Order, lines: Sequence[OrderLine], earlier: Sequence[Refund], wanted: RefundPayment
) -> Parts:
    if not wanted.lines:
        return _by_share(order, earlier, wanted.amount_minor)
    value, tax = _bought(order, lines, earlier, wanted.lines)
    goods = min(wanted.amount_minor, value)
    # Less than what the units cost gives back less of their tax; more is for the delivery.
    of_goods = (2 * tax * goods + value) // (2 * value) if value else 0
    return _within(order, earlier, Parts(of_goods, wanted.amount_minor - goods))


def _by_share(order: Order, earlier: Sequence[Refund], amount: int) -> Parts:
    before = sum(one.amount_minor for one in earlier)
    if before + amount == order.paid_minor == order.total_minor:
        # The last coins: whatever of the tax is left.
        return _within(order, earlier, Parts(order.tax_minor, order.shipping_minor))
    return _within(order, earlier, payment_postings.parts(order, before, amount))


def _within(order: Order, earlier: Sequence[Refund], parts: Parts) -> Parts:
    """Return no more tax and delivery than the order has left of them."""
    tax = order.tax_minor - sum(one.tax_minor for one in earlier)
    shipping = order.shipping_minor - sum(one.shipping_minor for one in earlier)
    return Parts(min(parts.tax, max(tax, 0)), min(parts.shipping, max(shipping, 0)))


def _bought(
    order: Order,
    lines: Sequence[OrderLine],
    earlier: Sequence[Refund],
    wanted: Sequence[tuple[int, int]],
) -> tuple[int, int]:
    """Return what the units cost, and the tax of that; each unit goes back once."""
    gone: Counter[int] = Counter()
    for refund in earlier:
        for line_id, units in refund.lines:
            gone[line_id] += units
    by_id, value, tax = {line.id: line for line in lines}, 0, 0
    for place, (line_id, units) in enumerate(wanted):
        line = by_id.get(line_id)
        if line is None:
            raise NotFound("line of this order", ("lines", str(place), "orderLineId"))
        before, after = gone[line_id], gone[line_id] + units
        if after > line.quantity:
            reason = f"{line.quantity - before} units of this line can go back."
            raise Invalid(reason, ("lines", str(place), "quantity"))
        of_units = _share(line.tax_minor, before, after, line.quantity)
        value += _share(line.total_minor, before, after, line.quantity)
        value += of_units if _is_tax_added(order) else 0
        tax += of_units
    return value, tax


def _share(whole: int, before: int, after: int, units: int) -> int:
    return whole * after // units - whole * before // units


def _is_tax_added(order: Order) -> bool:
    goods = order.subtotal_minor - order.discount_minor + order.shipping_minor
    return order.total_minor != goods


REFUND_PAYMENT = Mutation(
    name="refundPayment",
    roles=STAFF,
    kind="Refund",
    targets=lambda ctx, wanted: {"refund": ctx.ids.next(), "payment": wanted.payment_id},
    rule=_refund,
)
