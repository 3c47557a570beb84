"""The money of goods that came back: given with them, or later, until the provider gives it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resolvers import payment_calls, payment_refunds
from resolvers.context import Context
from resolvers.line_quantities import LineUnits
from resolvers.mutations import Outcome
from resolvers.payment_refunds import RefundPayment
from resolvers.products import is_staff_of
from resolvers.return_decisions import change
from stores import payments, refunds
from stores.errors import NotAllowed, ShopError, StoreUnavailable, TransitionForbidden
from stores.order_returns import OrderReturn
from stores.orders import Order, OrderLine
from stores.payment_errors import AmountExceeded
from stores.payments import Payment
from stores.refunds import RefundStatus
from stores.sql import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """So much is to go back, in minor units, for these units of lines; under this id."""

    refund_id: int
    amount_minor: int
    lines: LineUnits
    reason: str


def check_may(ctx: Context, lines: Sequence[OrderLine]) -> None:
    """Raise NotAllowed unless the viewer may give money of an order back: all of it is theirs."""
    if not all(is_staff_of(ctx, line.merchant_id) for line in lines):
        reason = "Other merchants have lines in this order; the owner may give money back."
        raise NotAllowed(reason, ("refundAmount",))


async def give_back(
    session: WriteSession,
    ctx: Context,
    of: tuple[OrderReturn, Sequence[OrderLine]],
    back: MoneyBack,
) -> None:
    """Begin to give the money of a return back. Raises a Refusal."""
    row, lines = of
    payment = await _payment(session, row.number, back.amount_minor)
    told = RefundPayment(payment.id, payment.version, back.amount_minor, back.reason, back.lines)
    try:
        await payment_refunds.start(session, ctx, (payment, lines), told, back.refund_id)
    except AmountExceeded as error:
        raise replace(error, field=("refundAmount",)) from error


async def try_again(
    session: WriteSession,
    ctx: Context,
    of: tuple[OrderReturn, Order, Sequence[OrderLine]],
    back: MoneyBack,
    *,
    note: str | None,
) -> None:
    """Give the money of goods that are in, which was refused before, or not asked for.

    Raises a Refusal.
    """
    row, order, lines = of
    check_may(ctx, lines)
    await _check_none_stands(session, row)
    told = {"refund_id": back.refund_id, "note": note or row.note}
    await change(session, ctx, (row, order), **told)
    await give_back(session, ctx, (row, lines), back)


async def _check_none_stands(session: ReadSession, row: OrderReturn) -> None:
    """Raise TransitionForbidden if money of a return is back, or may be yet."""
    before = (await refunds.by_ids(session, [row.refund_id or 0])).get(row.refund_id or 0)
    if before is not None and before.status != RefundStatus.FAILED.value:
        raise TransitionForbidden("refund of this return", before.status, "another one")


async def _payment(session: WriteSession, number: str, amount: int) -> Payment:
    """Return the payment of an order that money goes back to: the one with most of it left."""
    of_order = (await payments.by_numbers(session, [number])).get(number, [])
    counted = [one for one in of_order if not one.is_late and one.awaits is None]
    most = max(counted, key=lambda one: one.refundable_minor, default=None)
    if most is None or most.refundable_minor < amount:
        raise AmountExceeded(most.refundable_minor if most else 0, ("refundAmount",))
    return most


async def follow(ctx: Context, outcome: Outcome) -> Outcome:
    """Ask the provider for the money of a return that was taken in, and return what came of it.

    A replay does so, too, if nobody has: the provider does the same work once.
    """
    if outcome.targets is None:
        return outcome
    refusals: tuple[ShopError, ...] = ()
    try:
        async with ctx.database.read_primary() as session:
            refund_id = outcome.targets["moneyBack"]
            refund = (await refunds.by_ids(session, [refund_id])).get(refund_id)
            ids = [refund.payment_id] if refund else []
            payment = (await payments.by_ids(session, ids)).get(refund.payment_id if refund else 0)
        if payment is not None:
            await payment_calls.pursue_refund(ctx, payment, refund_id)
    except StoreUnavailable as error:
        refusals = (payment_calls.pending(error),)
    finally:
        ctx.loaders.forget()
    return replace(outcome, refusals=refusals)
