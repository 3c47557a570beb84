"""refundPayment: money goes back, at most what was captured, split as it was bought."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resolvers import payment_money, payment_outcomes, refund_parts, versions_after
from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from resolvers.payment_edits import decided
from resolvers.payment_methods import BALANCE
from resolvers.payment_postings import Parts
from stores import order_moves, orders, payments, refunds, users
from stores.drivers import Retryable
from stores.errors import LimitExceeded, NotAllowed, TransitionForbidden
from stores.orders import Order, OrderLine, OrderStatus
from stores.payment_errors import AmountExceeded
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
    _check_refundable(payment, wanted.amount_minor)
    await _check_owner(session, payment)
    parts = await _wanted_parts(session, payment, lines, wanted)
    actor = ctx.require(STAFF).id
    units = [list(line) for line in wanted.lines]
    row = await _row(session, ctx, payment, wanted.amount_minor, parts)
    mine = replace(row, id=refund_id, actor_id=actor, reason=wanted.reason, lines=units)
    await begin(session, ctx, payment, mine)


def _check_refundable(payment: Payment, amount: int) -> None:
    if payment.number is None:
        raise NotAllowed("Money in a balance is spent; reverse it in the ledger.", ("paymentId",))
    if not payment.captured_minor:
        raise TransitionForbidden("payment", payment.status, "a refund")
    if amount > payment.refundable_minor:
        raise AmountExceeded(payment.refundable_minor)


async def _check_owner(session: WriteSession, payment: Payment) -> None:
    """Raise NotAllowed if money would go to the balance of somebody who was erased.

    The user is held: so no erasure passes by, which asks whether the balance is empty.
    """
    if payment.method != BALANCE.code or await users.hold(session, payment.user_id):
        return
    raise NotAllowed(
        "The customer was erased, and nobody can spend that balance any more; pay the money out "
        "in another way, and post that to the ledger."
    )


async def _wanted_parts(
    session: WriteSession, payment: Payment, lines: Sequence[OrderLine], wanted: RefundPayment
) -> Parts:
    if payment.is_late:
        check(not wanted.lines, "This money came too late to pay for a line.", "lines")
        # Nothing of it was posted as tax.
        return Parts(0, 0)
    order, earlier = await _held(session, payment.number or "")
    if order.status == OrderStatus.PENDING_PAYMENT.value:
        # What went back would still count as paid; cancelling it gives all of it back.
        raise TransitionForbidden("order", order.status, "a refund")
    return _parts(order, lines, earlier, wanted)


async def _held(session: WriteSession, number: str) -> tuple[Order, list[Refund]]:
    """Return an order and its refunds that stand, as they are until the transaction ends.

    Money goes back by several payments at once: whoever comes second must see what the first
    one took of each line, and of the tax.
    """
    seen = (await orders.by_numbers(session, [number]))[number]
    if not await order_moves.hold(session, seen):
        raise Retryable
    earlier = (await refunds.by_numbers(session, [number])).get(number, [])
    return seen, refund_parts.standing(earlier)


async def give_back_all(session: WriteSession, ctx: Context, payment: Payment) -> Refund:
    """Begin to give back what is left of a payment whose order wants it no longer."""
    amount, parts = payment.refundable_minor, Parts(0, 0)
    if payment.number is not None and not payment.is_late:
        order, earlier = await _held(session, payment.number)
        parts = refund_parts.by_share(order, earlier, amount)
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
    await payments.change(session, now, updated_at=at, ask_at=payment_outcomes.ask_at(ctx, payment))


async def _row(
    session: WriteSession, ctx: Context, payment: Payment, amount: int, parts: Parts
) -> Refund:
    sequence = await _next_sequence(session, payment)
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


async def _next_sequence(session: WriteSession, payment: Payment) -> int:
    known = (await refunds.by_payments(session, [payment.id])).get(payment.id, [])
    return len(known) + 1


def _parts(
    order: Order, lines: Sequence[OrderLine], earlier: Sequence[Refund], wanted: RefundPayment
) -> Parts:
    amount = wanted.amount_minor
    if wanted.lines:
        return refund_parts.of_lines(order, lines, earlier, amount, wanted.lines)
    return refund_parts.by_share(order, earlier, amount)


REFUND_PAYMENT = Mutation(
    name="refundPayment",
    roles=STAFF,
    kind="Refund",
    targets=lambda ctx, wanted: {"refund": ctx.ids.next(), "payment": wanted.payment_id},
    rule=_refund,
    version_after=versions_after.of_payment,
)
