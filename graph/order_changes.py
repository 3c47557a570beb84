"""What staff changes of orders, and what shoppers say of them."""

from functools import partial
from typing import Annotated

import strawberry

from graph.addresses import AddressInput
from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.money import MoneyInput
from graph.operation_status import found_by_key
from graph.optional import given
from graph.orders import ORDER, Order
from graph.payloads import ending, shown
from graph.user_errors import UserError
from resolvers.context import SHOPPER, STAFF
from resolvers.mutations import run
from resolvers.order_edits import UPDATE_ORDER, UpdateOrder
from resolvers.order_receipt import CONFIRM_RECEIPT, ConfirmReceipt
from resolvers.orders import number_of


@gql_input()
class ConfirmReceiptInput:
    """What confirmReceipt needs."""

    order_id: strawberry.ID

    def command(self, version: int) -> ConfirmReceipt:
        """Return the command. Raises Invalid."""
        return ConfirmReceipt(number_of(ORDER.key(self.order_id, "orderId")), version)


@gql_input()
class UpdateOrderInput:
    """What updateOrder needs; a field left out stays."""

    order_id: strawberry.ID
    shipping_address: Annotated[
        AddressInput | None, attribute("Before anything is shipped, where the delivery goes.")
    ] = strawberry.UNSET
    price_delta: Annotated[
        MoneyInput | None,
        attribute(
            "Added to the price, taken off if negative; only before it is paid. Lines share it by "
            "what they cost; it is meant as prices are, with tax in it or not."
        ),
    ] = strawberry.UNSET
    reason: Annotated[
        str | None,
        attribute("Needed with priceDelta, and told to the shopper; at most 100 characters."),
    ] = strawberry.UNSET
    staff_note: Annotated[str | None, attribute("Kept as an event, for staff.")] = strawberry.UNSET

    def command(self, currency: str, version: int) -> UpdateOrder:
        """Return the command. Raises a Refusal."""
        address, delta = given(self.shipping_address), given(self.price_delta)
        return UpdateOrder(
            number=number_of(ORDER.key(self.order_id, "orderId")),
            version=version,
            address=address.address("shippingAddress") if address else None,
            staff_note=given(self.staff_note),
            price_delta_minor=delta.signed_minor(currency, "priceDelta") if delta else None,
            reason=given(self.reason),
        )


@gql_type(public=True)
class ConfirmReceiptPayload:
    """What confirmReceipt gives back."""

    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateOrderPayload:
    """What updateOrder gives back."""

    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(CONFIRM_RECEIPT, ORDER, "order")
found_by_key(UPDATE_ORDER, ORDER, "order")


@mutation(roles=SHOPPER)
async def confirm_receipt(
    info: Info, idempotency_key: strawberry.ID, version: int, input: ConfirmReceiptInput
) -> ConfirmReceiptPayload | None:
    """The shopper has the goods: completes the order. Version of the order."""
    ctx = info.context
    outcome = await run(ctx, CONFIRM_RECEIPT, idempotency_key, lambda: input.command(version))
    order = await shown(ctx, ORDER, outcome, "order")
    return ConfirmReceiptPayload(order=order, **ending(ctx, outcome))


@mutation(roles=STAFF)
async def update_order(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateOrderInput
) -> UpdateOrderPayload | None:
    """Changes the address or the price of an open order, or adds a note.

    A merchant only if all lines are its own. Another price gives up a payment that was begun and
    not gone on with; while the provider is asked, PAYMENT_PENDING says so.
    """
    ctx = info.context
    command = partial(input.command, ctx.currency, version)
    outcome = await run(ctx, UPDATE_ORDER, idempotency_key, command)
    order = await shown(ctx, ORDER, outcome, "order")
    return UpdateOrderPayload(order=order, **ending(ctx, outcome))
