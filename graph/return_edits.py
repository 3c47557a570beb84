"""Asking to send goods back, deciding on that, and taking them in."""

from functools import partial
from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.money import MoneyInput
from graph.operation_status import found_by_key
from graph.optional import given
from graph.order_line_quantities import OrderLineQuantityInput, line_units
from graph.order_payloads import OrderEnding, order_ending
from graph.order_returns import ORDER_RETURN, OrderReturn
from graph.orders import ORDER, Order
from graph.payloads import ending, late, shown
from graph.user_errors import UserError
from resolvers import return_money
from resolvers.context import SHOPPER, STAFF, Context
from resolvers.mutations import Outcome, run
from resolvers.orders import number_of
from resolvers.return_decisions import APPROVE_RETURN, REJECT_RETURN, ApproveReturn, RejectReturn
from resolvers.return_receiving import RECEIVE_RETURN, ReceiveReturn
from resolvers.return_requests import REQUEST_RETURN, RequestReturn


@gql_input()
class RequestReturnInput:
    """What requestReturn needs."""

    order_id: strawberry.ID
    lines: Annotated[list[OrderLineQuantityInput], attribute("At most 500.")]
    reason: str

    def command(self, version: int) -> RequestReturn:
        """Return the command. Raises a Refusal."""
        return RequestReturn(
            number=number_of(ORDER.key(self.order_id, "orderId")),
            version=version,
            lines=line_units(self.lines, "lines") or (),
            reason=self.reason,
        )


@gql_input()
class ApproveReturnInput:
    """What approveReturn needs."""

    return_id: strawberry.ID
    note: Annotated[
        str | None, attribute("Told to the shopper, for example where to send the goods.")
    ] = strawberry.UNSET

    def command(self, version: int) -> ApproveReturn:
        """Return the command. Raises Invalid."""
        key = ORDER_RETURN.key(self.return_id, "returnId")
        return ApproveReturn(key, version, given(self.note))


@gql_input()
class RejectReturnInput:
    """What rejectReturn needs."""

    return_id: strawberry.ID
    note: Annotated[str, attribute("Told to the shopper.")]

    def command(self, version: int) -> RejectReturn:
        """Return the command. Raises Invalid."""
        return RejectReturn(ORDER_RETURN.key(self.return_id, "returnId"), version, self.note)


@gql_input()
class ReceiveReturnInput:
    """What receiveReturn needs."""

    return_id: strawberry.ID
    lines: Annotated[list[OrderLineQuantityInput], attribute("What came back.")]
    restocked_lines: Annotated[
        list[OrderLineQuantityInput] | None,
        attribute("What of it goes on sale again; none if left out."),
    ] = strawberry.UNSET
    refund_amount: Annotated[
        MoneyInput | None,
        attribute(
            "Money to give back at once; none if left out. Tax is split as it was bought. A "
            "merchant only if all lines of the order are its own."
        ),
    ] = strawberry.UNSET
    note: str | None = strawberry.UNSET

    def command(self, currency: str, version: int) -> ReceiveReturn:
        """Return the command. Raises a Refusal."""
        amount = given(self.refund_amount)
        return ReceiveReturn(
            return_id=ORDER_RETURN.key(self.return_id, "returnId"),
            version=version,
            lines=line_units(self.lines, "lines") or (),
            restocked=line_units(self.restocked_lines, "restockedLines"),
            refund_minor=amount.minor(currency, "refundAmount") if amount else None,
            note=given(self.note),
        )


@gql_type(public=True)
class RequestReturnPayload:
    """What requestReturn gives back."""

    order_returns: Annotated[
        list[OrderReturn] | None, attribute("One for each merchant, as it is now.", public=True)
    ]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class ApproveReturnPayload:
    """What approveReturn gives back."""

    order_return: Annotated[OrderReturn | None, attribute("As it is now.", public=True)]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class RejectReturnPayload:
    """What rejectReturn gives back."""

    order_return: Annotated[OrderReturn | None, attribute("As it is now.", public=True)]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class ReceiveReturnPayload:
    """What receiveReturn gives back."""

    order_return: Annotated[OrderReturn | None, attribute("As it is now.", public=True)]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(REQUEST_RETURN, ORDER, "order")
for _mutation in (APPROVE_RETURN, REJECT_RETURN, RECEIVE_RETURN):
    found_by_key(_mutation, ORDER_RETURN, "orderReturn")


class _Shown(OrderEnding):
    """The values of all fields of a payload about one return."""

    order_return: OrderReturn | None


async def _shown(ctx: Context, outcome: Outcome) -> _Shown:
    one = await shown(ctx, ORDER_RETURN, outcome, "orderReturn")
    end = await order_ending(ctx, outcome, one.row.number if one else None)
    return _Shown(order_return=one, **end)


@mutation(roles=SHOPPER)
async def request_return(
    info: Info, idempotency_key: strawberry.ID, version: int, input: RequestReturnInput
) -> RequestReturnPayload | None:
    """Asks to send goods back; version of the order."""
    ctx = info.context
    command = partial(input.command, version)
    outcome = await run(ctx, REQUEST_RETURN, idempotency_key, command)
    made: list[OrderReturn | None] | None = None
    if outcome.targets is not None:
        made = await late(outcome, ORDER_RETURN.many(ctx, outcome.targets["returns"]))
    return RequestReturnPayload(
        # There are as many ids as lines, of which some may go back to the same merchant.
        order_returns=None if made is None else [one for one in made if one],
        order=await shown(ctx, ORDER, outcome, "order"),
        **ending(ctx, outcome),
    )


@mutation(roles=STAFF)
async def approve_return(
    info: Info, idempotency_key: strawberry.ID, version: int, input: ApproveReturnInput
) -> ApproveReturnPayload | None:
    """Lets the shopper send the goods; version of the return."""
    command = partial(input.command, version)
    outcome = await run(info.context, APPROVE_RETURN, idempotency_key, command)
    return ApproveReturnPayload(**await _shown(info.context, outcome))


@mutation(roles=STAFF)
async def reject_return(
    info: Info, idempotency_key: strawberry.ID, version: int, input: RejectReturnInput
) -> RejectReturnPayload | None:
    """Refuses a return, or gives up one whose goods never came; version of the return."""
    command = partial(input.command, version)
    outcome = await run(info.context, REJECT_RETURN, idempotency_key, command)
    return RejectReturnPayload(**await _shown(info.context, outcome))


@mutation(roles=STAFF)
async def receive_return(
    info: Info, idempotency_key: strawberry.ID, version: int, input: ReceiveReturnInput
) -> ReceiveReturnPayload | None:
    """Takes the goods in, and gives money back if asked to; version of the return.

    Sent for goods that are in already, with the same lines, it gives their money: what the
    provider has refused, or nobody has asked for.
    """
    ctx = info.context
    command = partial(input.command, ctx.currency, version)
    outcome = await run(ctx, RECEIVE_RETURN, idempotency_key, command)
    done = await return_money.follow(ctx, outcome)
    return ReceiveReturnPayload(**await _shown(ctx, done))
