"""Giving money back."""

from functools import partial
from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.money import MoneyInput
from graph.operation_status import finds_payment
from graph.order_line_quantities import OrderLineQuantityInput, line_units
from graph.payloads import ending, shown
from graph.payments import PAYMENT, Payment
from graph.refunds import REFUND, Refund
from graph.user_errors import UserError
from resolvers import payment_calls
from resolvers.context import STAFF
from resolvers.mutations import run
from resolvers.payment_refunds import REFUND_PAYMENT, RefundPayment


@gql_input()
class RefundPaymentInput:
    """What refundPayment needs."""

    payment_id: strawberry.ID
    amount: MoneyInput
    lines: Annotated[
        list[OrderLineQuantityInput] | None,
        attribute("What it is for; splits tax as it was bought. At most 100."),
    ] = strawberry.UNSET
    reason: str

    def command(self, currency: str, version: int) -> RefundPayment:
        """Return the command. Raises a Refusal."""
        return RefundPayment(
            payment_id=PAYMENT.key(self.payment_id, "paymentId"),
            version=version,
            amount_minor=self.amount.minor(currency, "amount"),
            reason=self.reason,
            lines=line_units(self.lines, "lines") or (),
        )


@gql_type(public=True)
class RefundPaymentPayload:
    """What refundPayment gives back."""

    refund: Annotated[Refund | None, attribute("As it is now.", public=True)]
    payment: Annotated[Payment | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


finds_payment(REFUND_PAYMENT, REFUND, "refund")


@mutation(roles=STAFF)
async def refund_payment(
    info: Info, idempotency_key: strawberry.ID, version: int, input: RefundPaymentInput
) -> RefundPaymentPayload | None:
    """Gives money back, at most what was captured. A merchant only if all lines are its own."""
    ctx = info.context
    command = partial(input.command, ctx.currency, version)
    outcome, _ = await payment_calls.follow(
        ctx, await run(ctx, REFUND_PAYMENT, idempotency_key, command)
    )
    return RefundPaymentPayload(
        refund=await shown(ctx, REFUND, outcome, "refund"),
        payment=await shown(ctx, PAYMENT, outcome, "payment"),
        **ending(ctx, outcome),
    )
