"""Calls to the provider, each behind the transaction that says what will be asked.

    intend            transaction 1: what is asked stands in the payment
    pursue            the call, by a number that the provider does the same work for once
    settle            transaction 2: what it told

Whoever dies in between leaves a payment that says so, and `jobs.payments` goes on by asking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from resolvers import payment_money
from resolvers.context import Context
from resolvers.mutations import Outcome
from resolvers.payment_methods import ALL
from stores import payments, refunds
from stores.card_provider import STORE, CardProvider, Charge, ProviderState, Told
from stores.errors import (
    PaymentDeclined,
    PaymentPending,
    Refusal,
    ShopError,
    StoreUnavailable,
)
from stores.orders import PaymentStatus
from stores.payments import Awaited, Payment
from stores.refunds import RefundStatus
from stores.sql import WriteSession

#: What a shopper may take to pay on the provider's page.
ACTION_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Action:
    """What the shopper's client has to do: go to a URL, until an instant."""

    url: str
    expires_at: datetime


def ask_at(ctx: Context) -> datetime:
    """Return when the provider is asked, if it has told nothing by then."""
    return ctx.clock() + timedelta(seconds=ctx.resume_seconds)


async def intend(
    session: WriteSession, ctx: Context, payment: Payment, what: Awaited, amount: int = 0
) -> Payment:
    """Write what the provider will be asked."""
    return await payments.change(
        session,
        payment,
        updated_at=ctx.clock(),
        awaits=what.value,
        awaited_minor=amount,
        ask_at=ask_at(ctx),
    )


async def follow(ctx: Context, outcome: Outcome) -> tuple[Outcome, Action | None]:
    """Carry out what a mutation has written, and return what came of it.

    A replay does so, too, if nobody has: the provider does the same work once.
    """
    if outcome.targets is None:
        return outcome, None
    payment = await _read(ctx, outcome.targets["payment"])
    action: Action | None = None
    refusals: tuple[ShopError, ...] = ()
    try:
        if payment.awaits is not None:
            action = await pursue(ctx, payment)
        if "refund" in outcome.targets:
            await pursue_refund(ctx, payment, outcome.targets["refund"])
    except StoreUnavailable as error:
        refusals = (_pending(error),)
    finally:
        ctx.loaders.forget()
    if not refusals:
        refusals = tuple(_refused(await _read(ctx, payment.id)))
    return Outcome(outcome.targets, outcome.is_replay, refusals, outcome.late), action


async def pursue(ctx: Context, payment: Payment) -> Action | None:
    """Ask the provider for what a payment awaits, and settle it. Raises StoreUnavailable."""
    told = await _asked(_provider(ctx), ctx, payment)
    await settle(ctx, payment.id, told, is_answer=True)
    if told.state is not ProviderState.PENDING or told.url is None:
        return None
    return Action(told.url, ctx.clock() + timedelta(minutes=ACTION_MINUTES))


async def pursue_refund(ctx: Context, payment: Payment, refund_id: int) -> None:
    """Ask the provider to give money back, and settle that. Raises StoreUnavailable."""
    async with ctx.database.read_primary() as session:
        refund = (await refunds.by_ids(session, [refund_id]))[refund_id]
    if refund.status != RefundStatus.PENDING.value or payment.provider_reference is None:
        return
    told = await _provider(ctx).refund(
        payment.provider_reference, refund.amount_minor, refund.request_id
    )
    await settle(ctx, payment.id, told)


async def resume(ctx: Context, payment: Payment) -> None:
    """Ask the provider how a payment stands, and go on from there. Raises StoreUnavailable.

    What it has never heard of did not arrive, and is sent again under the same number.
    """
    told = await _provider(ctx).find(payment.request_id)
    if told is not None:
        payment = await settle(ctx, payment.id, told)
    elif payment.awaits is None:
        raise StoreUnavailable(STORE, why=f"It has forgotten {payment.request_id}.")
    elif _is_given_up(ctx, payment):
        await ctx.database.transact(partial(_end_unheard, ctx, payment.id))
        return
    if payment.awaits is not None:
        await pursue(ctx, payment)
    async with ctx.database.read_primary() as session:
        waiting = (await refunds.by_payments(session, [payment.id])).get(payment.id, [])
    for one in waiting:
        await pursue_refund(ctx, payment, one.id)


async def settle(ctx: Context, payment_id: int, told: Told, *, is_answer: bool = False) -> Payment:
    """Take in how a payment stands at the provider, and return it as it is now.

    Whoever tells, in whichever order and how often: what is known already changes nothing.
    """

    async def work(session: WriteSession) -> Payment:
        payment = (await payments.by_ids(session, [payment_id]))[payment_id]
        payment = await _moved(session, ctx, payment, told)
        payment = await _refunded(session, ctx, payment, told)
        is_done = is_answer or _is_done(payment, told)
        values = _heard(ctx, payment, told, None if is_done else payment.awaits)
        if all(getattr(payment, name) == value for name, value in values.items()):
            return payment
        return await payments.change(session, payment, updated_at=ctx.clock(), **values)

    return await ctx.database.transact(work)


def _is_given_up(ctx: Context, payment: Payment) -> bool:
    is_over = payment.give_back_at is not None and payment.give_back_at <= ctx.clock()
    return is_over and payment.awaits == Awaited.START.value


async def _end_unheard(ctx: Context, id_: int, session: WriteSession) -> None:
    """End a payment that nobody wants any more, and that the provider has never heard of.

    If it hears of it yet, it tells so, and what it takes goes back.
    """
    payment = (await payments.by_ids(session, [id_]))[id_]
    if payment.awaits != Awaited.START.value:
        return
    now = await payment_money.end(session, ctx, payment, PaymentStatus.VOIDED, None)
    await payments.change(session, now, updated_at=ctx.clock(), awaits=None, ask_at=None)


def _heard(ctx: Context, payment: Payment, told: Told, awaits: str | None) -> dict[str, Any]:
    is_waiting = awaits is not None or _is_open(payment)
    is_overdue = payment.ask_at is None or payment.ask_at <= ctx.clock()
    again = ask_at(ctx) if is_overdue else payment.ask_at
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
        end = payment_money.give_back if one.is_done else payment_money.keep_after_all
        payment = await end(session, ctx, payment, refund, one.reference)
    return payment


_BEFORE_MONEY = frozenset({PaymentStatus.UNPAID.value, PaymentStatus.AUTHORIZED.value})
_ENDS = {
    ProviderState.DECLINED: PaymentStatus.FAILED,
    ProviderState.VOIDED: PaymentStatus.VOIDED,
}


def _is_done(payment: Payment, told: Told) -> bool:
    """Return whether what a payment awaits has happened at the provider."""
    if payment.awaits in (None, Awaited.START.value):
        return True
    return told.state not in (ProviderState.PENDING, ProviderState.AUTHORIZED)


def _is_open(payment: Payment) -> bool:
    """Return whether the provider may have news of a payment."""
    return payment.status in _BEFORE_MONEY or payment.refunding_minor > 0


async def _asked(provider: CardProvider, ctx: Context, payment: Payment) -> Told:
    request, reference = payment.request_id, payment.provider_reference
    if payment.awaits == Awaited.CAPTURE.value and reference is not None:
        return await provider.capture(reference, payment.awaited_minor, f"{request}-capture")
    if payment.awaits == Awaited.VOID.value and reference is not None:
        return await provider.void(reference, f"{request}-void")
    charge = Charge(
        request_id=request,
        amount_minor=payment.amount_minor,
        currency=ctx.currency,
        is_held=ALL[payment.method].is_held,
        return_url=payment.return_url,
    )
    return await provider.start(charge)


async def _read(ctx: Context, payment_id: int) -> Payment:
    async with ctx.database.read_primary() as session:
        return (await payments.by_ids(session, [payment_id]))[payment_id]


def _provider(ctx: Context) -> CardProvider:
    if ctx.stores.cards is None:
        raise StoreUnavailable(STORE, why="MALLGRAPH_CARDS_URL is not set.")
    return ctx.stores.cards


def _refused(payment: Payment) -> Sequence[Refusal]:
    return [PaymentDeclined()] if payment.status == PaymentStatus.FAILED.value else []


def _pending(error: StoreUnavailable) -> ShopError:
    # The provider is nobody's store: what was asked is kept, and is asked again.
    return error if error.store == "relational" else PaymentPending()
