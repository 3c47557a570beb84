"""Shipping many orders at once."""

from typing import Annotated

import strawberry

import resolvers.order_shipments
from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.directives import ListSize
from graph.fulfillment_edits import ShipOrderInput
from graph.fulfillments import FULFILLMENT, Fulfillment
from graph.operation_status import finds
from graph.orders import ORDER, Order
from graph.payloads import ending, late
from graph.user_errors import UserError, user_errors
from resolvers.context import STAFF, Context
from resolvers.mutations import Targets, run
from resolvers.order_shipments import SHIP_ORDERS, ShipOrders
from resolvers.order_shipping import ShipOrder
from resolvers.refused import Refused
from stores.errors import Refusal


@gql_input()
class OrderShipmentInput(ShipOrderInput):
    """Goods of one order to ship."""

    version: Annotated[int, attribute("Of the order.")]

    def item(self) -> ShipOrder | Refused:
        """Return the command, or why there is none."""
        try:
            return self.command(self.version)
        except Refusal as refusal:
            return Refused.of(refusal)


@gql_input()
class ShipOrdersInput:
    """What shipOrders needs."""

    items: Annotated[list[OrderShipmentInput], attribute("At most 100.")]

    def command(self, key: str) -> ShipOrders:
        """Return the command. Raises Required or LimitExceeded."""
        return ShipOrders(key, tuple(one.item() for one in self.items))


@gql_type(roles=STAFF)
class OrderShipmentOutcome:
    """What became of one order in shipOrders."""

    order: Annotated[Order | None, attribute("As it is now, also if it was refused.")]
    fulfillment: Annotated[Fulfillment | None, attribute("As it is now.")]
    user_errors: Annotated[list[UserError], attribute("Why it was refused; empty if it was done.")]


@gql_type(public=True)
class ShipOrdersPayload:
    """What shipOrders gives back."""

    outcomes: Annotated[
        list[OrderShipmentOutcome] | None,
        attribute(
            "One for each item, in their order.", public=True, list_size=ListSize(assumed_size=100)
        ),
    ]
    is_replay: bool
    user_errors: list[UserError]


@finds(SHIP_ORDERS.name)
async def _first_order(ctx: Context, targets: Targets) -> Order | None:
    keys = [one["order"] for one in targets["items"] if "order" in one]
    return await ORDER.one(ctx, keys[0]) if keys else None


@mutation(roles=STAFF)
async def ship_orders(
    info: Info, idempotency_key: strawberry.ID, input: ShipOrdersInput
) -> ShipOrdersPayload | None:
    """Ships many orders, one after the other; each stands alone.

    A replay gives the same outcomes: what was refused is sent again under a new key.
    """
    ctx = info.context
    outcome = await run(ctx, SHIP_ORDERS, idempotency_key, lambda: input.command(idempotency_key))
    told = None
    if outcome.targets is not None:
        told = await late(outcome, _outcomes(ctx, outcome.targets))
    return ShipOrdersPayload(outcomes=told, **ending(ctx, outcome))


async def _outcomes(ctx: Context, targets: Targets) -> list[OrderShipmentOutcome]:
    shipments = await resolvers.order_shipments.told(ctx, targets)
    made = await FULFILLMENT.many(ctx, [one.fulfillment_id or 0 for one in shipments])
    refused = [
        [one.refusal.within("items", str(place))] if one.refusal else []
        for place, one in enumerate(shipments)
    ]
    return [
        OrderShipmentOutcome(
            order=Order.of(ctx, one.order) if one.order else None,
            fulfillment=fulfillment,
            user_errors=user_errors(ctx, why),
        )
        for one, fulfillment, why in zip(shipments, made, refused, strict=True)
    ]
