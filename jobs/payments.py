"""Payments go on by themselves: the provider is asked what it has not told, money goes back."""

from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from jobs.patience import for_ever, pausing
from resolvers import payment_calls, payment_outcomes, payment_refunds
from resolvers.context import Context, Mall
from stores import payments
from stores.errors import StoreUnavailable
from stores.orders import PaymentStatus
from stores.payments import Awaited, Payment
from stores.refunds import Refund
from stores.sql import WriteSession

EVERY_SECONDS = 3
BATCH = 100

_log = structlog.get_logger()


async def run(mall: Mall) -> None:
    """Go on with payments until cancelled; a store that is away is asked again later."""
    await for_ever("payments", partial(_once, mall), pausing(EVERY_SECONDS))


async def go_on(mall: Mall) -> int:
    """Ask about what is overdue, give back what is to go back; return how many were looked at.

    Raises StoreUnavailable of the relational store.
    """
    ctx = await mall.operation(None)
    async with mall.stores.database.read(fresh=True) as session:
        overdue = await payments.to_ask(session, mall.clock(), BATCH)
        back = await payments.to_give_back(session, mall.clock(), BATCH)
    for payment in overdue:
        await _patiently(ctx, payment, payment_calls.resume)
    for payment in back:
        await _patiently(ctx, payment, _give_back)
    return len(overdue) + len(back)


async def _once(mall: Mall) -> bool:
    # Each that was looked at waits again, so that the next ones are others.
    return await go_on(mall) >= BATCH


async def _patiently(
    ctx: Context, payment: Payment, work: Callable[[Context, Payment], Awaitable[None]]
) -> None:
    try:
        await work(ctx, payment)
    except StoreUnavailable as error:
        if error.store == ctx.database.name:
            raise
        # The provider is away: it is asked again when the pause is over.
        _log.warning("provider_does_not_answer", payment=payment.id, error=error.for_operators())
        await ctx.database.transact(partial(_later, ctx, payment))
    except Exception:  # noqa: BLE001  One that cannot go on must not keep the others' money.
        _log.exception("payment_does_not_go_on", payment=payment.id, cure="mallgraph verify")
        await ctx.database.transact(partial(_later, ctx, payment))


async def _later(ctx: Context, payment: Payment, session: WriteSession) -> None:
    now = (await payments.by_ids(session, [payment.id]))[payment.id]
    pause = payment_outcomes.ask_at(ctx, payment)
    values = {name: pause for name in ("ask_at", "give_back_at") if getattr(now, name) is not None}
    if values:
        await payments.change(session, now, updated_at=ctx.clock(), **values)


async def _give_back(ctx: Context, payment: Payment) -> None:
    if payment.status in (PaymentStatus.UNPAID.value, PaymentStatus.AUTHORIZED.value):
        intend = partial(_void, ctx, payment.id)
        await payment_calls.pursue(ctx, await ctx.database.transact(intend))
    else:
        refund = await ctx.database.transact(partial(_refund, ctx, payment.id))
        if refund is not None:
            await payment_calls.pursue_refund(ctx, payment, refund.id)


async def _void(ctx: Context, id_: int, session: WriteSession) -> Payment:
    now = (await payments.by_ids(session, [id_]))[id_]
    if now.awaits is not None:
        return now
    return await payment_calls.intend(session, ctx, now, Awaited.VOID)


async def _refund(ctx: Context, id_: int, session: WriteSession) -> Refund | None:
    now = (await payments.by_ids(session, [id_]))[id_]
    if now.refundable_minor:
        return await payment_refunds.give_back_all(session, ctx, now)
    # What is on its way may be refused yet; until then others are looked at.
    again = payment_outcomes.ask_at(ctx, now) if now.refunding_minor else None
    await payments.change(session, now, updated_at=ctx.clock(), give_back_at=again)
    return None
