"""Money that comes, is kept ready, or goes back: what each changes, within one transaction.

Rows are locked in one order by everybody: the order, the payment, then the accounts.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from resolvers import order_states, payment_postings, return_closing
from resolvers.context import Context
from resolvers.order_states import Step
from stores import order_moves, orders, payment_events, payments, refunds
from stores.drivers import Retryable
from stores.ledger import Posting
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
    now = await _captured(session, payment, amount, at, is_late=is_late)
    told = _event(ctx, payment, PaymentEventKind.CHARGE_SUCCESS, amount, reference)
    await _append_posted(session, told, payment.id, posting)
    if order is not None:
        await _tell_paid(session, ctx, order, at)
    await ctx.stores.accounts.post(session, posting)
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
    if payment.number is not None and not payment.is_late:
        await _give_back_of_order(session, ctx, payment, refund, at)
    now = await _given_back(session, payment, refund, at)
    if not await refunds.end(session, refund, RefundStatus.SUCCEEDED, reference):
        raise Retryable
    posting = payment_postings.refund(ctx, payment, refund, at)
    kind = PaymentEventKind.REFUND_SUCCESS
    told = _event(ctx, payment, kind, refund.amount_minor, reference)
    await _append_posted(session, told, refund.id, posting)
    await return_closing.close(session, ctx, refund.id, at)
    await ctx.stores.accounts.post(session, posting)
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


async def _captured(
    session: WriteSession, payment: Payment, amount: int, at: datetime, *, is_late: bool
) -> Payment:
    """Return a payment as it is with money that came; what came too late is to go back."""
    return await payments.change(
        session,
        payment,
        updated_at=at,
        status=PaymentStatus.PAID.value,
        captured_minor=payment.captured_minor + amount,
        open_for=None,
        is_late=is_late,
        give_back_at=at if is_late else None,
    )


async def _given_back(
    session: WriteSession, payment: Payment, refund: Refund, at: datetime
) -> Payment:
    """Return a payment as it is without money that went back."""
    refunded = payment.refunded_minor + refund.amount_minor
    return await payments.change(
        session,
        payment,
        updated_at=at,
        status=_refunded(refunded, payment.captured_minor).value,
        refunded_minor=refunded,
        refunding_minor=payment.refunding_minor - refund.amount_minor,
    )


async def _append_posted(
    session: WriteSession, told: PaymentEvent, of: int, posting: Posting
) -> None:
    """Write that money moved, as it was posted; once for the payment or refund of this id."""
    told = replace(told, transaction_id=posting.transaction.id, once=f"{of}:{told.kind}")
    await payment_events.append(session, told)


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
        kind = OrderEventKind.PAYMENT_FAILED
        await _note(session, order, _order_event(ctx, order, kind, payment, ctx.clock()))


async def _give_back_of_order(
    session: WriteSession, ctx: Context, payment: Payment, refund: Refund, at: datetime
) -> None:
    number = payment.number or ""
    order = (await orders.by_numbers(session, [number]))[number]
    refunded = order.refunded_minor + refund.amount_minor
    status = _refunded(refunded, order.paid_minor).value
    told = {"refunded_minor": refunded, "payment_status": status}
    event = _order_event(ctx, order, OrderEventKind.REFUNDED, payment, at)
    await _note(session, order, event, **told)


async def _note(session: WriteSession, order: Order, event: OrderEvent, **values: object) -> None:
    """Change an order as it was read, but for its status, and tell what happened to it."""
    if not await order_moves.touch(session, order, event.occurred_at, **values):
        raise Retryable
    await order_states.record(session, event, order_states.news(order, event))


def _order_event(
    ctx: Context, order: Order, kind: OrderEventKind, payment: Payment, at: datetime
) -> OrderEvent:
    """Return the next event of an order, which a payment is to blame for."""
    return OrderEvent(
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


def _refunded(refunded: int, captured: int) -> PaymentStatus:
    is_all = refunded == captured
    return PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED


def _event(
    ctx: Context, payment: Payment, kind: PaymentEventKind, amount: int, reference: str | None
) -> PaymentEvent:
    return PaymentEvent(
        id=ctx.ids.next(),
        payment_id=payment.id,
        kind=kind.value,
        amount_minor=amount,
        occurred_at=ctx.clock(),
        provider_reference=reference,
    )
