"""Payments by a balance that lies in another database: the money is taken first, then decided upon.

    take          the accounts' database holds or posts it, or refuses
    settle        one transaction of the shop decides, with all that the payment changes there

Behind the decision the accounts' database follows: see `stores.accounts_home`. All of it may be
repeated by whoever comes next, for as long as the payment awaits its start.
"""

from dataclasses import replace
from functools import partial

from resolvers import payment_money, payment_postings
from resolvers.context import Context
from stores import ledger_accounts, payments
from stores.accounts_home import STORE, Answer, Name, Taking, Wanted
from stores.errors import StoreUnavailable
from stores.ledger_errors import InsufficientBalance
from stores.orders import PaymentStatus
from stores.payments import Payment
from stores.sql import WriteSession


async def pursue(ctx: Context, payment: Payment) -> None:
    """Take the money of a payment that awaits its start, and settle it. Raises StoreUnavailable."""
    taking, wanted = _taking(ctx), _wanted(ctx, payment)
    # An order that ended has closed its payments: nothing is taken that would only go back.
    ask = taking.take if _is_wanted(payment) else taking.refuse
    answer = await ask(wanted, ctx.clock())
    await ctx.database.transact(partial(_settle, ctx, payment.id, wanted, answer))


async def refusal(ctx: Context, payment: Payment) -> InsufficientBalance:
    """Return why a payment failed: what the balance holds now. Raises StoreUnavailable."""
    async with ctx.ledger.read() as session:
        account = (await ledger_accounts.by_ids(session, [payment.user_id])).get(payment.user_id)
    return InsufficientBalance(maximum_minor=account.available_minor if account else 0)


async def _settle(
    ctx: Context, id_: int, wanted: Wanted, answer: Answer, session: WriteSession
) -> None:
    """Decide a payment, unless somebody has."""
    payment = (await payments.by_ids(session, [id_]))[id_]
    if payment.awaits is None:
        return
    if answer is Answer.TAKEN or (answer is Answer.HELD and _is_wanted(payment)):
        payment = await _capture(session, ctx, payment, wanted, answer)
    else:
        payment = await _let_go(session, ctx, payment, wanted)
    await payments.change(
        session,
        payment,
        updated_at=ctx.clock(),
        awaits=None,
        ask_at=None,
        provider_reference=payment.provider_reference,
    )


async def _capture(
    session: WriteSession, ctx: Context, payment: Payment, wanted: Wanted, answer: Answer
) -> Payment:
    taken = wanted.reference if answer is Answer.TAKEN else None
    known = replace(payment, provider_reference=taken)
    return await payment_money.capture(session, ctx, known, payment.amount_minor, taken)


async def _let_go(session: WriteSession, ctx: Context, payment: Payment, wanted: Wanted) -> Payment:
    at = ctx.clock()
    end = PaymentStatus.FAILED if _is_wanted(payment) else PaymentStatus.VOIDED
    now = await payment_money.end(session, ctx, payment, end, None)
    await ctx.stores.accounts.cancel(session, Name(ctx.ids.next(), wanted.reference), at)
    return now


def _is_wanted(payment: Payment) -> bool:
    """Return whether an order waits for it: that has not ended, nor is it paid otherwise."""
    return payment.open_for is not None


def _wanted(ctx: Context, payment: Payment) -> Wanted:
    posting = payment_postings.take(ctx, payment, ctx.clock())
    return Wanted(payment_postings.reference(payment), posting)


def _taking(ctx: Context) -> Taking:
    taking = ctx.stores.accounts.taking
    if taking is None:
        # It was begun while the accounts lay elsewhere.
        raise StoreUnavailable(STORE, why="The setting MALLGRAPH_ACCOUNTS_URL has changed.")
    return taking
