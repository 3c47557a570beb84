"""Following orders: whoever may see one is told what happens to it."""

from collections.abc import Sequence

from resolvers import orders
from resolvers.context import EVERYONE, Context
from resolvers.feed import Wish
from stores.errors import NotFound
from stores.outbox import Event

_TOPICS = "order."


async def wish(ctx: Context, order_key: int | None, since: int | None) -> Wish:
    """Return what tells of the events of one order, or of all that the viewer may see.

    Their ids are those of rows that the caller reads: who may see an order is looked at then.
    Raises AccessError, NotFound, Invalid, StoreUnavailable.
    """
    viewer = ctx.require(EVERYONE)
    number = None if order_key is None else await _number(ctx, order_key)
    # To spare reading what is nobody's business; a merchant's lines are not told by an event.
    buyer = None if ctx.is_staff() else viewer.id

    def concerns(event: Event) -> bool:
        return (
            event.topic.startswith(_TOPICS)
            and (number is None or event.aggregate == f"Order:{number}")
            and (buyer is None or event.body.get("user", buyer) == buyer)
        )

    return Wish(await ctx.feed.place(since), concerns, _ids)


async def _number(ctx: Context, order_key: int) -> str:
    (seen,) = await orders.by_keys(ctx, [order_key])
    if seen is None:
        raise NotFound("order", ("orderId",))
    return seen.order.number


async def _ids(event: Event) -> Sequence[int]:
    # Both are written together, under one id.
    return [event.id]
