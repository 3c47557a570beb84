"""News of a payment provider: a reason to ask how a payment stands, and nothing to be believed.

So it does not matter in which order news come, or how late.
"""

from functools import partial

from resolvers import payment_calls
from resolvers.context import Context
from stores import payment_events, payments
from stores.payments import REFERENCE_LENGTH
from stores.sql import WriteSession

#: Whose news they are.
CARDS = "CARDS"


async def take_in(ctx: Context, event_id: str, request_id: str) -> None:
    """Ask about the payment that the news are of; once for each. Raises StoreUnavailable.

    They are remembered behind that: a shop that dies in between is told again.
    """
    async with ctx.database.read_primary() as session:
        payment = await payments.by_request(session, request_id[:REFERENCE_LENGTH])
        is_known = await payment_events.is_known(session, CARDS, event_id[:REFERENCE_LENGTH])
    if is_known or payment is None:
        return
    await payment_calls.resume(ctx, payment)
    await ctx.database.transact(partial(_remember, ctx, event_id[:REFERENCE_LENGTH]))


async def _remember(ctx: Context, event_id: str, session: WriteSession) -> None:
    await payment_events.is_news(session, CARDS, event_id, ctx.clock())
