"""Placing and cancelling orders."""

from typing import Annotated

import strawberry

from graph import nodes
from graph.batch import Info
from graph.checkouts import OPTION, ShippingAddressInput
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.money import MoneyInput
from graph.operation_status import found_by_key
from graph.optional import given
from graph.orders import ORDER, Order
from graph.payloads import ending, shown
from graph.user_errors import UserError
from resolvers.context import EVERYONE, SHOPPER
from resolvers.coupon_codes import tidied
from resolvers.mutations import run
from resolvers.order_cancelling import CANCEL_ORDER, CancelOrder
from resolvers.order_placing import PLACE_ORDER, PlaceOrder
from resolvers.orders import number_of


@gql_input()
class PlaceOrderInput:
    """What placeOrder needs."""

    order_number: str
    delivery_option_id: strawberry.ID
    shipping_address: ShippingAddressInput
    coupon_codes: Annotated[
        list[str] | None, attribute("Those of the cart if left out; one that is named must fit.")
    ] = strawberry.UNSET
    expected_total: Annotated[
        MoneyInput,
        attribute(
            "What the shopper saw; with another total the order is refused and the new prices are "
            "told."
        ),
    ]
    note: Annotated[str | None, attribute("Message to the merchants; each of them sees it.")] = (
        strawberry.UNSET
    )

    def command(self, currency: str) -> PlaceOrder:
        """Return the command. Raises Invalid."""
        codes = given(self.coupon_codes)
        return PlaceOrder(
            order_number=self.order_number,
            delivery_rate_id=nodes.key_of(OPTION, self.delivery_option_id, "deliveryOptionId"),
            address=self.shipping_address.new("shippingAddress"),
            expected_total_minor=self.expected_total.minor(currency, "expectedTotal"),
            note=given(self.note),
            coupon_codes=None if codes is None else tidied(codes),
            address_id=self.shipping_address.kept("shippingAddress"),
        )


@gql_input()
class CancelOrderInput:
    """What cancelOrder needs."""

    order_id: strawberry.ID
    reason: str

    def command(self, version: int) -> CancelOrder:
        """Return the command. Raises Invalid."""
        key = ORDER.key(self.order_id, "orderId")
        return CancelOrder(number=number_of(key), version=version, reason=self.reason)


@gql_type(public=True)
class PlaceOrderPayload:
    """What placeOrder gives back."""

    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class CancelOrderPayload:
    """What cancelOrder gives back."""

    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(PLACE_ORDER, ORDER, "order")
found_by_key(CANCEL_ORDER, ORDER, "order")


@mutation(roles=SHOPPER)
async def place_order(
    info: Info, idempotency_key: strawberry.ID, input: PlaceOrderInput
) -> PlaceOrderPayload | None:
    """Turns a checkout into an order, once: keeps stock; a total of 0 is paid at once."""
    ctx = info.context
    outcome = await run(ctx, PLACE_ORDER, idempotency_key, lambda: input.command(ctx.currency))
    order = await shown(ctx, ORDER, outcome, "order")
    return PlaceOrderPayload(order=order, **ending(ctx, outcome))


@mutation(roles=EVERYONE)
async def cancel_order(
    info: Info, idempotency_key: strawberry.ID, version: int, input: CancelOrderInput
) -> CancelOrderPayload | None:
    """Cancels an order not shipped yet; stock goes back.

    A merchant may only if all lines are its own.
    """
    ctx = info.context
    outcome = await run(ctx, CANCEL_ORDER, idempotency_key, lambda: input.command(version))
    order = await shown(ctx, ORDER, outcome, "order")
    return CancelOrderPayload(order=order, **ending(ctx, outcome))
