"""The one payment by which an order may be paid now, and how it is given up for something else."""

from resolvers.context import Context
from stores import payments
from stores.errors import TransitionForbidden
from stores.orders import Order, PaymentStatus
from stores.payment_errors import PaymentPending
from stores.sql import WriteSession


async def give_up(session: WriteSession, ctx: Context, order: Order, wanted: str) -> None:
    """Give up a payment that the shopper began and did not go on with; its money would go back.

    The caller holds the row of the order, so that none is begun meanwhile. Raises PaymentPending
    while the provider is asked, and TransitionForbidden if it keeps the money ready.
    """
    earlier = await payments.open_of(session, order.number)
    if earlier is None:
        return
    if earlier.awaits is not None:
        raise PaymentPending
    if earlier.status != PaymentStatus.UNPAID.value:
        raise TransitionForbidden("order", earlier.status, wanted)
    at = ctx.clock()
    await payments.change(session, earlier, updated_at=at, open_for=None, give_back_at=at)
