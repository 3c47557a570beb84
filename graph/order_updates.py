"""Following orders."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

import resolvers.order_updates
from graph.batch import Batch, Info
from graph.declare import argument
from graph.optional import given
from graph.order_events import ORDER_EVENT, OrderEvent
from graph.orders import ORDER
from graph.scalars import BigInt
from graph.subscriptions import shown, subscription
from resolvers.context import EVERYONE
from resolvers.feed import Wish


async def _opening(
    info: Info, order_id: str | None = strawberry.UNSET, since: int | None = strawberry.UNSET
) -> Wish:
    id_ = given(order_id)
    key = None if id_ is None else ORDER.key(id_, "orderId")
    return await resolvers.order_updates.wish(info.context, key, given(since))


@subscription(_opening, roles=EVERYONE)
async def order_updated(
    ids: Sequence[int],
    info: Info,
    order_id: strawberry.ID | None = strawberry.UNSET,
    since: Annotated[
        BigInt | None,
        argument("Starts after the event with this publishSequence; now if left out."),
    ] = strawberry.UNSET,
) -> Batch[OrderEvent]:
    """What happens to an order, or to all orders the caller may see."""
    return shown(await ORDER_EVENT.many(info.context, ids))
