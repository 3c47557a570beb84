"""What was ordered leaves the cart, after the order is there for certain.

The cart of a user who was erased goes as well, behind the orders placed before.
"""

from collections.abc import Sequence
from typing import Any

from resolvers.context import Mall
from resolvers.order_states import PLACED
from stores.outbox import Event
from stores.users import ERASED

#: By which name the carts keep their place among the events.
CONSUMER = "carts"
_AGGREGATE, _USER = "Order:", "User:"


async def take_in(mall: Mall, events: Sequence[Event]) -> None:
    """Take the units of each new order out of its cart, once; forget the carts of the erased.

    Raises StoreUnavailable.
    """
    for event in events:
        if event.topic == PLACED:
            await _take(mall, number_of(event), event.body)
        elif event.topic == ERASED:
            await mall.stores.carts.forget(int(event.aggregate.removeprefix(_USER)))


def number_of(event: Event) -> str:
    """Return the number of the order that an event tells of."""
    return event.aggregate.removeprefix(_AGGREGATE)


async def _take(mall: Mall, number: str, body: dict[str, Any]) -> None:
    units = {int(variant_id): count for variant_id, count in body["units"].items()}
    # By the cart's id: one that its store lost came back under another, and was filled anew.
    await mall.stores.carts.take(body["user"], {number: units}, cart_id=body["cart"])
