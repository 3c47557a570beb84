"""receiveReturn: goods come back once, are sold again if they can be, and money goes back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from resolvers import order_parcels, payment_calls, payment_refunds, versions_after
from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.line_quantities import LineUnits, Units, check_lines, named
from resolvers.mutations import Mutation, Outcome, Targets
from resolvers.order_returns import decided
from resolvers.payment_refunds import RefundPayment
from resolvers.products import is_staff_of
from resolvers.return_decisions import asked, change, check_note, check_step
from stores import payments, refunds
from stores.errors import NotAllowed, ShopError, StoreUnavailable
from stores.order_line_counts import Count
from stores.order_returns import OrderReturn, ReturnStatus
from stores.orders import OrderLine
from stores.payment_errors import AmountExceeded
from stores.payments import Payment
from stores.reservations import Cause
from stores.sql import WriteSession


@dataclass(frozen=True, slots=True)
class ReceiveReturn:
    """Take units of a return in, as it was read at this version; the amount in minor units."""

    return_id: int
    version: int
    lines: LineUnits
    restocked: LineUnits | None = None
    refund_minor: int | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Raise a Refusal for what cannot have come."""
        check_lines(self.lines)
        if self.restocked:
            check_lines(self.restocked, "restockedLines")
        is_some = self.refund_minor is None or self.refund_minor > 0
        check(is_some, "An amount is more than 0; leave it out to give nothing.", "refundAmount")
        check_note(self.note)


async def _receive(
    session: WriteSession, ctx: Context, wanted: ReceiveReturn, targets: Targets
) -> None:
    row, order, lines = await decided(session, ctx, wanted.return_id, wanted.version)
    check_step(row, ReturnStatus.RECEIVED)
    came = named(wanted.lines, lines, row.units())
    left = {line.id: some for line, some in came}
    restocked = named(wanted.restocked or (), lines, left, "restockedLines")
    if wanted.refund_minor is not None:
        _check_may_refund(ctx, lines)
    told = {
        "refund_id": targets["moneyBack"] if wanted.refund_minor else None,
        "note": wanted.note or row.note,
    }
    await change(session, ctx, (row, order), **_received(came, restocked), **told)
    await _count(session, row, lines, came)
    if wanted.refund_minor is not None:
        await _give_back(session, ctx, wanted, (row, lines), targets["moneyBack"])
    cause = Cause(order.number, ctx.require(STAFF).id, ctx.clock())
    await order_parcels.come_back(session, ctx, restocked, cause, row.id)


def _check_may_refund(ctx: Context, lines: Sequence[OrderLine]) -> None:
    if not all(is_staff_of(ctx, line.merchant_id) for line in lines):
        reason = "Other merchants have lines in this order; the owner may give money back."
        raise NotAllowed(reason, ("refundAmount",))


def _received(came: Units, restocked: Units) -> dict[str, object]:
    """Return how a return is kept of which units came, and some of them are sold again."""
    return {
        "status": ReturnStatus.RECEIVED.value,
        "received": [[line.id, some] for line, some in came],
        "restocked": [[line.id, some] for line, some in restocked],
    }


async def _count(
    session: WriteSession, row: OrderReturn, lines: list[OrderLine], came: Units
) -> None:
    """Count what came; what was asked for and did not come may be asked for again."""
    taken = {line.id: some for line, some in came}
    stayed = [(line, some - taken.get(line.id, 0)) for line, some in asked(row, lines)]
    await order_parcels.count(session, Count.TAKE_BACK, came)
    await order_parcels.count(session, Count.LET_STAY, stayed)


async def _give_back(
    session: WriteSession,
    ctx: Context,
    wanted: ReceiveReturn,
    of: tuple[OrderReturn, Sequence[OrderLine]],
    refund_id: int,
) -> None:
    row, lines = of
    amount = wanted.refund_minor or 0
    payment = await _payment(session, row.number, amount)
    asked_for = RefundPayment(payment.id, payment.version, amount, row.reason, wanted.lines)
    try:
        await payment_refunds.start(session, ctx, (payment, lines), asked_for, refund_id)
    except AmountExceeded as error:
        raise replace(error, field=("refundAmount",)) from error


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


RECEIVE_RETURN = Mutation(
    name="receiveReturn",
    roles=STAFF,
    kind="OrderReturn",
    # The refund is kept as a number of its own: not each return has one.
    targets=lambda ctx, wanted: {"orderReturn": wanted.return_id, "moneyBack": ctx.ids.next()},
    rule=_receive,
    version_after=versions_after.of_return,
)
