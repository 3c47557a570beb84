"""Shipping orders, and what becomes of the goods on their way."""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.fulfillments import FULFILLMENT, Fulfillment
from graph.operation_status import found_by_key
from graph.optional import changed, given
from graph.order_line_quantities import OrderLineQuantityInput, line_units
from graph.order_payloads import OrderEnding, order_ending
from graph.orders import ORDER, Order
from graph.payloads import shown
from graph.user_errors import UserError
from resolvers.context import STAFF, Context
from resolvers.fulfillment_edits import (
    CANCEL_FULFILLMENT,
    CONFIRM_DELIVERY,
    UPDATE_FULFILLMENT,
    CancelFulfillment,
    ConfirmDelivery,
    UpdateFulfillment,
)
from resolvers.mutations import Outcome, run
from resolvers.order_shipping import SHIP_ORDER, ShipOrder
from resolvers.orders import number_of


@gql_input()
class ShipOrderInput:
    """What shipOrder needs."""

    order_id: strawberry.ID
    lines: Annotated[
        list[OrderLineQuantityInput] | None,
        attribute(
            "Left out: all lines of the merchant not shipped yet; OWNER names lines of one "
            "merchant. At most 500."
        ),
    ] = strawberry.UNSET
    carrier: str
    tracking_number: str
    is_customer_notified: bool = True

    def command(self, version: int) -> ShipOrder:
        """Return the command. Raises a Refusal."""
        return ShipOrder(
            number=number_of(ORDER.key(self.order_id, "orderId")),
            version=version,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            lines=line_units(self.lines, "lines"),
            is_customer_notified=self.is_customer_notified,
        )


@gql_input()
class UpdateFulfillmentInput:
    """What updateFulfillment needs; a field left out stays, null clears it."""

    fulfillment_id: strawberry.ID
    carrier: str | None = strawberry.UNSET
    tracking_number: str | None = strawberry.UNSET

    def command(self, version: int) -> UpdateFulfillment:
        """Return the command. Raises a Refusal."""
        return UpdateFulfillment(
            fulfillment_id=FULFILLMENT.key(self.fulfillment_id, "fulfillmentId"),
            version=version,
            carrier=changed(self.carrier),
            tracking_number=changed(self.tracking_number),
        )


@gql_input()
class ConfirmDeliveryInput:
    """What confirmDelivery needs."""

    fulfillment_id: strawberry.ID
    delivered_at: Annotated[datetime | None, attribute("Now if left out.")] = strawberry.UNSET

    def command(self, version: int) -> ConfirmDelivery:
        """Return the command. Raises Invalid."""
        key = FULFILLMENT.key(self.fulfillment_id, "fulfillmentId")
        return ConfirmDelivery(key, version, given(self.delivered_at))


@gql_input()
class CancelFulfillmentInput:
    """What cancelFulfillment needs."""

    fulfillment_id: strawberry.ID
    reason: str
    is_restocked: Annotated[bool, attribute("Whether the goods are back in the warehouse.")]

    def command(self, version: int) -> CancelFulfillment:
        """Return the command. Raises Invalid."""
        key = FULFILLMENT.key(self.fulfillment_id, "fulfillmentId")
        return CancelFulfillment(key, version, self.reason, self.is_restocked)


@gql_type(public=True)
class ShipOrderPayload:
    """What shipOrder gives back."""

    fulfillment: Annotated[Fulfillment | None, attribute("As it is now.", public=True)]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateFulfillmentPayload:
    """What updateFulfillment gives back."""

    fulfillment: Annotated[Fulfillment | None, attribute("As it is now.", public=True)]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class ConfirmDeliveryPayload:
    """What confirmDelivery gives back."""

    fulfillment: Annotated[Fulfillment | None, attribute("As it is now.", public=True)]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class CancelFulfillmentPayload:
    """What cancelFulfillment gives back."""

    fulfillment: Annotated[Fulfillment | None, attribute("As it is now.", public=True)]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


for _mutation in (SHIP_ORDER, UPDATE_FULFILLMENT, CONFIRM_DELIVERY, CANCEL_FULFILLMENT):
    found_by_key(_mutation, FULFILLMENT, "fulfillment")


class _Shown(OrderEnding):
    """The values of all fields of such a payload."""

    fulfillment: Fulfillment | None


async def _shown(ctx: Context, outcome: Outcome) -> _Shown:
    one = await shown(ctx, FULFILLMENT, outcome, "fulfillment")
    end = await order_ending(ctx, outcome, one.row.number if one else None)
    return _Shown(fulfillment=one, **end)


@mutation(roles=STAFF)
async def ship_order(
    info: Info, idempotency_key: strawberry.ID, version: int, input: ShipOrderInput
) -> ShipOrderPayload | None:
    """Ships lines of one merchant, all or some; version of the order."""
    command = partial(input.command, version)
    outcome = await run(info.context, SHIP_ORDER, idempotency_key, command)
    return ShipOrderPayload(**await _shown(info.context, outcome))


@mutation(roles=STAFF)
async def update_fulfillment(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateFulfillmentInput
) -> UpdateFulfillmentPayload | None:
    """Corrects carrier and tracking number; version of the fulfillment."""
    command = partial(input.command, version)
    outcome = await run(info.context, UPDATE_FULFILLMENT, idempotency_key, command)
    return UpdateFulfillmentPayload(**await _shown(info.context, outcome))


@mutation(roles=STAFF)
async def confirm_delivery(
    info: Info, idempotency_key: strawberry.ID, version: int, input: ConfirmDeliveryInput
) -> ConfirmDeliveryPayload | None:
    """The goods arrived; version of the fulfillment."""
    command = partial(input.command, version)
    outcome = await run(info.context, CONFIRM_DELIVERY, idempotency_key, command)
    return ConfirmDeliveryPayload(**await _shown(info.context, outcome))


@mutation(roles=STAFF)
async def cancel_fulfillment(
    info: Info, idempotency_key: strawberry.ID, version: int, input: CancelFulfillmentInput
) -> CancelFulfillmentPayload | None:
    """The goods did not reach the shopper, and are to be shipped again; version of the fulfillment.

    Goods that are not back in the warehouse are lost: others are taken when it is shipped again.
    """
    command = partial(input.command, version)
    outcome = await run(info.context, CANCEL_FULFILLMENT, idempotency_key, command)
    return CancelFulfillmentPayload(**await _shown(info.context, outcome))
