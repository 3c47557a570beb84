"""Money that comes, is kept ready, or goes back: what each changes, within one transaction.

Rows are locked in one order by everybody: the order, the payment, then the accounts.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from resolvers import order_states, payment_postings, return_closing
from resolvers.context import Context
from resolvers.order_states import Step
from stores import ledger, order_moves, orders, payment_events, payments, refunds
from stores.drivers import Retryable
from stores.order_events import OrderEvent, OrderEventKind
from stores.orders import Order, OrderStatus, PaymentStatus
from stores.payment_events import PaymentEvent, PaymentEventKind
from stores.payments import Payment
from stores.refunds import Refund, RefundStatus
from stores.sql import WriteSession

#: A provider that refuses to give money back is asked again after this long.
PATIENCE = timedelta(hours=1)


async def capture(
    session: WriteSession, ctx: Context, payment: Payment, amount: int, reference: str | None
) -> Payment:
    """Take in money: it counts for the order if that still wants it, else it goes back."""
    at = ctx.clock()
    order = await _counting(session, payment, amount)
    posting = payment_postings.capture(ctx, payment, order, amount, at)
    is_late = payment.number is not None and order is None
    now = await payments.change(
        session,
        payment,
        updated_at=at,
        status=PaymentStatus.PAID.value,
        captured_minor=payment.captured_minor + amount,
        open_for=None,
        is_late=is_late,
        give_back_at=at if is_late else None,
    )
    kind, id_ = PaymentEventKind.CHARGE_SUCCESS, posting.transaction.id
    told = _event(ctx, payment, kind, amount, reference, transaction_id=id_)
    await payment_events.append(session, replace(told, once=f"{payment.id}:{kind.value}"))
    if order is not None:
        await _tell_paid(session, ctx, order, at)
    await ledger.post(session, posting)
    return now


async def authorize(
    session: WriteSession, ctx: Context, payment: Payment, amount: int, reference: str
) -> Payment:
    """Note that money is kept ready."""
    if payment.open_for is not None:
        await order_moves.mark(session, payment.open_for, PaymentStatus.AUTHORIZED)
    now = await payments.change(
        session,
        payment,
        updated_at=ctx.clock(),
        status=PaymentStatus.AUTHORIZED.value,
        authorized_minor=amount,
    )
    kind = PaymentEventKind.AUTHORIZE_SUCCESS
    await payment_events.append(session, _event(ctx, payment, kind, amount, reference))
    return now


async def end(
    session: WriteSession, ctx: Context, payment: Payment, to: PaymentStatus, reference: str | None
) -> Payment:
    """Note that a payment failed, or was given up, before money came."""
    if payment.open_for is not None:
        await _tell_order(session, ctx, payment, to)
    now = await payments.change(
        session, payment, updated_at=ctx.clock(), status=to.value, open_for=None, give_back_at=None
    )
    kind = PaymentEventKind.VOID
    if to is PaymentStatus.FAILED:
        is_charge = payment.authorized_minor == 0
        failures = PaymentEventKind.AUTHORIZE_FAILURE, PaymentEventKind.CHARGE_FAILURE
        kind = failures[is_charge]
    told = _event(ctx, payment, kind, payment.amount_minor, reference)
    await payment_events.append(session, told)
    return now


async def give_back(
    session: WriteSession, ctx: Context, payment: Payment, refund: Refund, reference: str | None
) -> Payment:
    """Note that money went back."""
    at = ctx.clock()
    refunded = payment.refunded_minor + refund.amount_minor
    status = _refunded(refunded, payment.captured_minor)
    if payment.number is not None and not payment.is_late:
        await _give_back_of_order(session, ctx, payment, refund, at)
    now = await payments.change(
        session,
        payment,
        updated_at=at,
        status=status.value,
        refunded_minor=refunded,
        refunding_minor=payment.refunding_minor - refund.amount_minor,
    )
    if not await refunds.end(session, refund, RefundStatus.SUCCEEDED, reference):
        raise Retryable
    posting = payment_postings.refund(ctx, payment, refund, at)
    kind, id_ = PaymentEventKind.REFUND_SUCCESS, posting.transaction.id
    told = _event(ctx, payment, kind, refund.amount_minor, reference, transaction_id=id_)
    await payment_events.append(session, replace(told, once=f"{refund.id}:{kind.value}"))
    await return_closing.close(session, ctx, refund.id, at)
    await ledger.post(session, posting)
    return now


async def keep_after_all(
    session: WriteSession, ctx: Context, payment: Payment, refund: Refund, reference: str
) -> Payment:
    """Note that the provider refused to give money back."""
    at = ctx.clock()
    again = payment.give_back_at and at + PATIENCE
    now = await payments.change(
        session,
        payment,
        updated_at=at,
        refunding_minor=payment.refunding_minor - refund.amount_minor,
        give_back_at=again,
    )
    if not await refunds.end(session, refund, RefundStatus.FAILED, reference):
        raise Retryable
    kind = PaymentEventKind.REFUND_FAILURE
    told = _event(ctx, payment, kind, refund.amount_minor, reference)
    await payment_events.append(session, told)
    return now


async def request(
    session: WriteSession, ctx: Context, payment: Payment, kind: PaymentEventKind, amount: int
) -> None:
    """Note that the provider is asked for something."""
    await payment_events.append(session, _event(ctx, payment, kind, amount, None))


async def _counting(session: WriteSession, payment: Payment, amount: int) -> Order | None:
    """Return the order that the money counts for, as it is with it; None if none wants it."""
    number = payment.open_for
    if number is None or not await order_moves.take_money(session, number, amount):
        return None
    return (await orders.by_numbers(session, [number]))[number]


async def _tell_paid(session: WriteSession, ctx: Context, order: Order, at: datetime) -> None:
    """Move an order on that has all its money; of a part, what was kept ready is let go."""
    is_whole = order.due_minor == 0
    status = PaymentStatus.PAID if is_whole else PaymentStatus.UNPAID
    await order_moves.mark(session, order.number, status)
    if is_whole:
        await order_states.pay(session, order, Step(OrderStatus.PAID, None, at), ctx.ids.next)


async def _tell_order(
    session: WriteSession, ctx: Context, payment: Payment, to: PaymentStatus
) -> None:
    order = (await orders.by_numbers(session, [payment.open_for or ""]))[payment.open_for or ""]
    await order_moves.mark(session, order.number, PaymentStatus.UNPAID)
    if to is PaymentStatus.FAILED:
        await _note(session, ctx, order, OrderEventKind.PAYMENT_FAILED, payment)


async def _give_back_of_order(
    session: WriteSession, ctx: Context, payment: Payment, refund: Refund, at: datetime
) -> None:
    number = payment.number or ""
    order = (await orders.by_numbers(session, [number]))[number]
    refunded = order.refunded_minor + refund.amount_minor
    status = _refunded(refunded, order.paid_minor).value
    told = {"refunded_minor": refunded, "payment_status": status}
    await _note(session, ctx, order, OrderEventKind.REFUNDED, payment, at=at, **told)


async def _note(  # noqa: PLR0913  What happened to which order, by what.
    session: WriteSession,
    ctx: Context,
    order: Order,
    kind: OrderEventKind,
    payment: Payment,
    *,
    at: datetime | None = None,
    **values: object,
) -> None:
    at = at or ctx.clock()
    if not await order_moves.touch(session, order, at, **values):
        raise Retryable
    event = OrderEvent(
        id=ctx.ids.next(),
        number=order.number,
        sequence=order.version + 1,
        kind=kind.value,
        occurred_at=at,
        actor_id=None,
        from_status=None,
        to_status=None,
        payment_id=payment.id,
    )
    await order_states.record(session, event, order_states.news(order, event))


def _refunded(refunded: int, captured: int) -> PaymentStatus:
    is_all = refunded == captured
    return PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED


def _event(  # noqa: PLR0913  What happened to which payment.
    ctx: Context,
    payment: Payment,
    kind: PaymentEventKind,
    amount: int,
    reference: str | None,
    *,
    transaction_id: int | None = None,
) -> PaymentEvent:
    return PaymentEvent(
        id=ctx.ids.next(),
        payment_id=payment.id,
        kind=kind.value,
        amount_minor=amount,
        occurred_at=ctx.clock(),
        provider_reference=reference,
        transaction_id=transaction_id,
    )
