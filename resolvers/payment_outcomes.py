"""What a provider tells of a payment, taken in: transaction 2 of every call, and of all news."""

from datetime import datetime
from typing import Any

import structlog

from resolvers import payment_money
from resolvers.context import Context
from resolvers.payment_methods import patience
from stores import payments, refunds
from stores.card_provider import ProviderState, Told
from stores.orders import PaymentStatus
from stores.payments import Awaited, Payment
from stores.refunds import RefundStatus
from stores.sql import WriteSession

_log = structlog.get_logger()

_BEFORE_MONEY = frozenset({PaymentStatus.UNPAID.value, PaymentStatus.AUTHORIZED.value})
_ENDS = {
    ProviderState.DECLINED: PaymentStatus.FAILED,
    ProviderState.VOIDED: PaymentStatus.VOIDED,
}


def ask_at(ctx: Context, payment: Payment) -> datetime:
    """Return when the provider is asked, if it has told nothing by then."""
    return ctx.clock() + patience(ctx, payment.method)


async def settle(
    ctx: Context, payment_id: int, told: Told, *, answered: str | None = None
) -> Payment:
    """Take in how a payment stands at the provider, and return it as it is now.

    Whoever tells, in whichever order and how often: what is known already changes nothing. It is
    the end of what was `answered`, and not of what is awaited since.
    """

    async def work(session: WriteSession) -> Payment:
        payment = (await payments.by_ids(session, [payment_id]))[payment_id]
        payment = await _moved(session, ctx, payment, told)
        payment = await _refunded(session, ctx, payment, told)
        is_done = payment.awaits == answered or _is_done(payment, told)
        values = _heard(ctx, payment, told, None if is_done else payment.awaits)
        if all(getattr(payment, name) == value for name, value in values.items()):
            return payment
        return await payments.change(session, payment, updated_at=ctx.clock(), **values)

    return await ctx.database.transact(work)


def _heard(ctx: Context, payment: Payment, told: Told, awaits: str | None) -> dict[str, Any]:
    is_waiting = awaits is not None or _is_open(payment)
    is_overdue = payment.ask_at is None or payment.ask_at <= ctx.clock()
    again = ask_at(ctx, payment) if is_overdue else payment.ask_at
    return {
        "provider_reference": told.reference,
        "awaits": awaits,
        "ask_at": again if is_waiting else None,
    }


async def _moved(session: WriteSession, ctx: Context, payment: Payment, told: Told) -> Payment:
    new = told.captured_minor - payment.captured_minor
    is_before_money = payment.status in _BEFORE_MONEY
    if new > 0:
        return await payment_money.capture(session, ctx, payment, new, told.reference)
    if told.state is ProviderState.AUTHORIZED and payment.status == PaymentStatus.UNPAID.value:
        amount = told.authorized_minor
        return await payment_money.authorize(session, ctx, payment, amount, told.reference)
    if told.state in _ENDS and is_before_money:
        return await payment_money.end(session, ctx, payment, _ENDS[told.state], told.reference)
    return payment


async def _refunded(session: WriteSession, ctx: Context, payment: Payment, told: Told) -> Payment:
    rows = (await refunds.by_payments(session, [payment.id])).get(payment.id, [])
    waiting = {one.request_id: one for one in rows if one.status == RefundStatus.PENDING.value}
    for one in told.refunds:
        refund = waiting.get(one.request_id)
        if refund is None or one.is_done is None:
            continue
        if one.amount_minor != refund.amount_minor:
            # Neither sum is to be believed; it stays awaited until somebody has looked.
            _log.error("refund_of_another_amount", refund=refund.id, told=one.amount_minor)
            continue
        end = payment_money.give_back if one.is_done else payment_money.keep_after_all
        payment = await end(session, ctx, payment, refund, one.reference)
    return payment


def _is_done(payment: Payment, told: Told) -> bool:
    """Return whether what a payment awaits has happened at the provider."""
    if payment.awaits in (None, Awaited.START.value):
        return True
    return told.state not in (ProviderState.PENDING, ProviderState.AUTHORIZED)


def _is_open(payment: Payment) -> bool:
    """Return whether the provider may have news of a payment."""
    return payment.status in _BEFORE_MONEY or payment.refunding_minor > 0
