"""How a payload about a part of an order ends: with the order beside the part."""

from graph.fulfillments import Fulfillment
from graph.order_returns import OrderReturn
from graph.orders import ORDER, Order
from graph.payloads import Ending, ending, late
from resolvers.context import Context
from resolvers.mutations import Outcome


class OrderEnding(Ending):
    """The values of the fields that such a payload ends with."""

    order: Order | None


async def order_ending(
    ctx: Context, outcome: Outcome, part: Fulfillment | OrderReturn | None
) -> OrderEnding:
    """Return how a payload about `part` ends: with its order, read again as it is now.

    `part` was shown before it: `ShipOrderPayload(fulfillment=one, **await order_ending(…))`.
    """
    order = await late(outcome, ORDER.one(ctx, int(part.row.number))) if part else None
    return OrderEnding(order=order, **ending(ctx, outcome))
