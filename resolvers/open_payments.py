"""The one payment by which an order may be paid now, and how it is given up for something else."""

from resolvers.context import Context
from resolvers.payment_methods import BALANCE, PaymentMethod, patience
from stores import payments
from stores.errors import TransitionForbidden
from stores.orders import Order, PaymentStatus
from stores.payment_errors import PaymentPending
from stores.payments import Awaited, Payment
from stores.sql import WriteSession


async def give_up(
    session: WriteSession,
    ctx: Context,
    order: Order,
    wanted: str,
    *,
    by: PaymentMethod | None = None,
) -> None:
    """Give up a payment that the shopper began and did not go on with; its money would go back.

    `by` is the way that the shopper wants to pay instead, if that is why. The caller holds the row
    of the order, so that none is begun meanwhile. Raises PaymentPending while an answer is
    awaited, and TransitionForbidden if the provider keeps the money ready.
    """
    earlier = await payments.open_of(session, order.number)
    if earlier is None:
        return
    if earlier.awaits is not None and not _is_stuck(ctx, earlier, by):
        raise PaymentPending
    if earlier.status != PaymentStatus.UNPAID.value:
        raise TransitionForbidden("order", earlier.status, wanted)
    at = ctx.clock()
    await payments.change(session, earlier, updated_at=at, open_for=None, give_back_at=at)


def _is_stuck(ctx: Context, earlier: Payment, by: PaymentMethod | None) -> bool:
    """Return whether whoever was asked to begin a payment is away, and is not needed by the next.

    What is taken yet, or was taken without an answer, counts for no order any more: it is let go
    or goes back. By the same way nothing is begun: it would wait for the same, and of a balance
    that the first one has taken it would find too little.
    """
    waited = ctx.clock() - earlier.created_at
    is_start = earlier.awaits == Awaited.START.value
    is_same = by is not None and (by is BALANCE) is (earlier.method == BALANCE.code)
    return is_start and not is_same and waited >= patience(ctx, earlier.method)
