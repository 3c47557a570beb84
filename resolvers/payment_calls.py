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

from resolvers import balance_payments, payment_money, payment_outcomes
from resolvers.context import Context
from resolvers.mutations import Outcome
from resolvers.payment_methods import ALL, BALANCE
from stores import payments, refunds
from stores.card_provider import STORE, CardProvider, Charge, ProviderState, Told
from stores.errors import ShopError, StoreUnavailable
from stores.orders import PaymentStatus
from stores.payment_errors import PaymentDeclined, PaymentPending
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
        ask_at=payment_outcomes.ask_at(ctx, payment),
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
        refusals = (pending(error),)
    finally:
        ctx.loaders.forget()
    if not refusals:
        refusals = tuple(await _refused(ctx, payment.id))
    return Outcome(outcome.targets, outcome.is_replay, refusals, outcome.late), action


async def pursue(ctx: Context, payment: Payment) -> Action | None:
    """Ask the provider for what a payment awaits, and settle it. Raises StoreUnavailable."""
    if payment.method == BALANCE.code:
        await balance_payments.pursue(ctx, payment)
        return None
    told = await _asked(_provider(ctx), ctx, payment)
    await payment_outcomes.settle(ctx, payment.id, told, answered=payment.awaits)
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
    await payment_outcomes.settle(ctx, payment.id, told)


async def resume(ctx: Context, payment: Payment) -> None:
    """Ask the provider how a payment stands, and go on from there. Raises StoreUnavailable.

    What it has never heard of did not arrive, and is sent again under the same number.
    """
    if payment.method == BALANCE.code:
        await balance_payments.pursue(ctx, payment)
        return
    told = await _provider(ctx).find(payment.request_id)
    if told is not None:
        payment = await payment_outcomes.settle(ctx, payment.id, told)
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


async def _refused(ctx: Context, payment_id: int) -> Sequence[ShopError]:
    """Return why a payment failed, if it did; or which store is away that would tell."""
    try:
        payment = await _read(ctx, payment_id)
        if payment.status != PaymentStatus.FAILED.value:
            return []
        is_balance = payment.method == BALANCE.code
        return [await balance_payments.refusal(ctx, payment) if is_balance else PaymentDeclined()]
    except StoreUnavailable as error:
        return [error]


def pending(error: StoreUnavailable) -> ShopError:
    """Return how it is told that a call to the provider did not come back."""
    # The provider is nobody's store: what was asked is kept, and is asked again.
    return error if error.store == "relational" else PaymentPending()
