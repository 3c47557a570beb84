"""Beginning checkouts."""

from typing import Annotated

import strawberry

import resolvers.checkouts
from graph import nodes
from graph.batch import Info
from graph.carts import LINE, OFFER
from graph.checkouts import CHECKOUT, Checkout
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.nodes import Node
from graph.operation_status import finds
from graph.optional import given
from graph.payloads import ending, late
from graph.user_errors import UserError
from resolvers.checkout_beginning import BEGIN_CHECKOUT, BeginCheckout
from resolvers.context import SHOPPER, Context
from resolvers.mutations import Targets, run


@gql_input()
class BeginCheckoutInput:
    """What beginCheckout needs."""

    line_ids: Annotated[
        list[strawberry.ID] | None, attribute("The selected lines of the cart if left out.")
    ] = strawberry.UNSET
    cart_version: Annotated[
        int | None, attribute("Refused if the cart changed since it was shown.")
    ] = strawberry.UNSET

    def command(self) -> BeginCheckout:
        """Return the command. Raises Invalid."""
        sent = given(self.line_ids)
        ids = (
            None
            if sent is None
            else tuple(nodes.key_of(LINE, id_, "lineIds", str(n)) for n, id_ in enumerate(sent))
        )
        return BeginCheckout(line_ids=ids, cart_version=given(self.cart_version))


@gql_type(public=True)
class BeginCheckoutPayload:
    """What beginCheckout gives back."""

    checkout: Annotated[Checkout | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@mutation(roles=SHOPPER, parts=OFFER)
async def begin_checkout(
    info: Info, idempotency_key: strawberry.ID, input: BeginCheckoutInput
) -> BeginCheckoutPayload | None:
    """Holds cart lines and their prices and reserves an order number.

    The same cart gives the same number.
    """
    ctx = info.context
    outcome = await run(ctx, BEGIN_CHECKOUT, idempotency_key, input.command)
    done = outcome.targets
    shown = None if done is None else await late(outcome, _found(ctx, done))
    return BeginCheckoutPayload(checkout=shown, **ending(ctx, outcome))


@finds(BEGIN_CHECKOUT.name)
async def _object(ctx: Context, targets: Targets) -> Node | None:
    return await _found(ctx, targets)


async def _found(ctx: Context, targets: Targets) -> Checkout | None:
    row = await resolvers.checkouts.by_cart_key(ctx, targets["checkout"])
    return None if row is None else CHECKOUT.show(ctx, row)
