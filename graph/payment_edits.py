"""Paying, and what staff does with payments."""

from functools import partial
from typing import Annotated

import strawberry

from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.money import MoneyInput
from graph.operation_status import finds_payment
from graph.optional import given
from graph.orders import ORDER, Order
from graph.payloads import ending, shown
from graph.payments import PAYMENT, Payment, PaymentAction
from graph.scalars import URL
from graph.user_errors import UserError
from resolvers import payment_calls
from resolvers.context import SHOPPER, STAFF, Context
from resolvers.mutations import Outcome, run
from resolvers.orders import number_of
from resolvers.payment_calls import Action
from resolvers.payment_edits import CAPTURE_PAYMENT, VOID_PAYMENT, CapturePayment, VoidPayment
from resolvers.payment_starting import START_PAYMENT, TOP_UP_BALANCE, StartPayment, TopUpBalance
from stores.errors import Invalid

_BACK = "Where the provider sends the shopper back to."


@gql_input()
class StartPaymentInput:
    """What startPayment needs."""

    order_id: strawberry.ID
    method_code: Annotated[str, attribute("Of a PaymentMethod.")]
    amount: Annotated[MoneyInput | None, attribute("All that is due if left out.")] = (
        strawberry.UNSET
    )
    return_url: Annotated[URL | None, attribute(_BACK)] = strawberry.UNSET

    def command(self, currency: str, version: int) -> StartPayment:
        """Return the command. Raises Invalid."""
        return StartPayment(
            number=number_of(ORDER.key(self.order_id, "orderId")),
            version=version,
            method_code=self.method_code,
            amount_minor=_minor(self.amount, currency),
            return_url=given(self.return_url),
        )


@gql_input()
class TopUpBalanceInput:
    """What topUpBalance needs."""

    method_code: Annotated[str, attribute("Of a PaymentMethod other than BALANCE.")]
    amount: MoneyInput
    return_url: Annotated[URL | None, attribute(_BACK)] = strawberry.UNSET

    def command(self, currency: str) -> TopUpBalance:
        """Return the command. Raises Invalid."""
        amount = self.amount.minor(currency, "amount")
        return TopUpBalance(self.method_code, amount, given(self.return_url))


@gql_input()
class CapturePaymentInput:
    """What capturePayment needs."""

    payment_id: strawberry.ID
    amount: Annotated[MoneyInput | None, attribute("All that was authorized if left out.")] = (
        strawberry.UNSET
    )

    def command(self, currency: str, version: int) -> CapturePayment:
        """Return the command. Raises Invalid."""
        key = PAYMENT.key(self.payment_id, "paymentId")
        return CapturePayment(key, version, _minor(self.amount, currency))


@gql_input()
class VoidPaymentInput:
    """What voidPayment needs."""

    payment_id: strawberry.ID

    def command(self, version: int) -> VoidPayment:
        """Return the command. Raises Invalid."""
        return VoidPayment(PAYMENT.key(self.payment_id, "paymentId"), version)


def _minor(sent: MoneyInput | None, currency: str) -> int | None:
    amount = given(sent)
    if amount is None:
        return None
    minor = amount.minor(currency, "amount")
    if minor == 0:
        raise Invalid("An amount is more than 0.", ("amount",))
    return minor


@gql_type(public=True)
class StartPaymentPayload:
    """What startPayment gives back."""

    payment: Annotated[Payment | None, attribute("As it is now.", public=True)]
    order: Annotated[Order | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class TopUpBalancePayload:
    """What topUpBalance gives back."""

    payment: Annotated[Payment | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class CapturePaymentPayload:
    """What capturePayment gives back."""

    payment: Annotated[Payment | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class VoidPaymentPayload:
    """What voidPayment gives back."""

    payment: Annotated[Payment | None, attribute("As it is now.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


for _mutation in (START_PAYMENT, TOP_UP_BALANCE, CAPTURE_PAYMENT, VOID_PAYMENT):
    finds_payment(_mutation, PAYMENT, "payment")


@mutation(roles=SHOPPER)
async def start_payment(
    info: Info, idempotency_key: strawberry.ID, version: int, input: StartPaymentInput
) -> StartPaymentPayload | None:
    """Pays from the balance or through a provider; version of the order."""
    ctx = info.context
    command = partial(input.command, ctx.currency, version)
    outcome, action = await payment_calls.follow(
        ctx, await run(ctx, START_PAYMENT, idempotency_key, command)
    )
    return StartPaymentPayload(
        payment=await _shown(ctx, outcome, action),
        order=await shown(ctx, ORDER, outcome, "order"),
        **ending(ctx, outcome),
    )


@mutation(roles=SHOPPER)
async def top_up_balance(
    info: Info, idempotency_key: strawberry.ID, input: TopUpBalanceInput
) -> TopUpBalancePayload | None:
    """Pays money into the shopper's balance through a provider."""
    ctx = info.context
    command = partial(input.command, ctx.currency)
    outcome, action = await payment_calls.follow(
        ctx, await run(ctx, TOP_UP_BALANCE, idempotency_key, command)
    )
    payment = await _shown(ctx, outcome, action)
    return TopUpBalancePayload(payment=payment, **ending(ctx, outcome))


@mutation(roles=STAFF)
async def capture_payment(
    info: Info, idempotency_key: strawberry.ID, version: int, input: CapturePaymentInput
) -> CapturePaymentPayload | None:
    """Takes money that was authorized. A merchant only if all lines are its own."""
    ctx = info.context
    command = partial(input.command, ctx.currency, version)
    outcome, action = await payment_calls.follow(
        ctx, await run(ctx, CAPTURE_PAYMENT, idempotency_key, command)
    )
    payment = await _shown(ctx, outcome, action)
    return CapturePaymentPayload(payment=payment, **ending(ctx, outcome))


@mutation(roles=STAFF)
async def void_payment(
    info: Info, idempotency_key: strawberry.ID, version: int, input: VoidPaymentInput
) -> VoidPaymentPayload | None:
    """Gives up money that was authorized. A merchant only if all lines are its own."""
    ctx = info.context
    outcome, action = await payment_calls.follow(
        ctx, await run(ctx, VOID_PAYMENT, idempotency_key, partial(input.command, version))
    )
    return VoidPaymentPayload(payment=await _shown(ctx, outcome, action), **ending(ctx, outcome))


async def _shown(ctx: Context, outcome: Outcome, action: Action | None) -> Payment | None:
    payment = await shown(ctx, PAYMENT, outcome, "payment")
    if payment is not None and action is not None:
        payment.next_action = PaymentAction.of(action)
    return payment
