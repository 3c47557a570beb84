"""How a payload about a part of an order ends: with the order beside the part."""

from graph.orders import ORDER, Order
from graph.payloads import Ending, ending, late
from resolvers.context import Context
from resolvers.mutations import Outcome


class OrderEnding(Ending):
    """The values of the fields that such a payload ends with."""

    order: Order | None


async def order_ending(ctx: Context, outcome: Outcome, number: str | None) -> OrderEnding:
    """Return how it ends, with the order of this number as it is now; None if nothing is shown."""
    order = await late(outcome, ORDER.one(ctx, int(number))) if number else None
    return OrderEnding(order=order, **ending(ctx, outcome))
