"""startPayment, topUpBalance: money is asked for, from the balance at once or from a provider."""

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from resolvers import (
    open_payments,
    payment_calls,
    payment_methods,
    payment_money,
    versions_after,
)
from resolvers import orders as reading
from resolvers.commands import check
from resolvers.context import SHOPPER, Context
from resolvers.mutations import Mutation, Targets
from resolvers.payment_methods import BALANCE, PaymentMethod
from stores import order_moves, orders, payments
from stores.drivers import Retryable, UniqueViolation
from stores.errors import NotFound, TransitionForbidden, VersionConflict
from stores.orders import Order, OrderStatus, PaymentStatus
from stores.payment_errors import AmountExceeded
from stores.payment_events import PaymentEventKind
from stores.payments import METHOD_LENGTH, URL_LENGTH, Awaited, Payment
from stores.sql import WriteSession

#: Whoever wants to pay in and does not for so long is not waited for any more.
UNPAID_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StartPayment:
    """Pay the order of a number, as it was read at this version; all that is due for None."""

    number: str
    version: int
    method_code: str
    amount_minor: int | None = None
    return_url: str | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for what no order is paid by."""
        check(len(self.method_code) <= METHOD_LENGTH, "This is no code.", "methodCode")
        check(self.amount_minor != 0, "An amount is more than 0.", "amount")
        _check_url(self.return_url)


@dataclass(frozen=True, slots=True)
class TopUpBalance:
    """Pay money into the balance of whoever asks; the amount is in minor units."""

    method_code: str
    amount_minor: int
    return_url: str | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for what nobody pays in."""
        check(len(self.method_code) <= METHOD_LENGTH, "This is no code.", "methodCode")
        check(self.amount_minor > 0, "An amount is more than 0.", "amount")
        _check_url(self.return_url)


def _check_url(url: str | None) -> None:
    parts = urlsplit(url) if url is not None and len(url) <= URL_LENGTH else None
    is_good = parts is not None and parts.scheme in ("http", "https") and bool(parts.netloc)
    message = "A URL begins with http:// or https://, and has at most 2000 characters."
    check(url is None or (is_good and url.isprintable()), message, "returnUrl")


async def _start(
    session: WriteSession, ctx: Context, wanted: StartPayment, targets: Targets
) -> None:
    order = await _payable(session, ctx, wanted)
    method = payment_methods.chosen(ctx, wanted.method_code)
    amount = order.due_minor if wanted.amount_minor is None else wanted.amount_minor
    if amount > order.due_minor:
        raise AmountExceeded(order.due_minor)
    # Before the payment: an order that ends in this moment gives up all payments that it has.
    if not await order_moves.hold(session, order):
        raise Retryable
    await open_payments.give_up(session, ctx, order, "another payment", by=method)
    payment = _payment(ctx, targets["payment"], method, amount, wanted.return_url)
    await _begin(session, ctx, replace(payment, number=order.number, open_for=order.number))


async def _top_up(
    session: WriteSession, ctx: Context, wanted: TopUpBalance, targets: Targets
) -> None:
    method = payment_methods.chosen(ctx, wanted.method_code, for_balance=True)
    amount, id_ = wanted.amount_minor, targets["payment"]
    payment = _payment(ctx, id_, method, amount, wanted.return_url)
    # No order ends, and gives it up.
    await _begin(session, ctx, replace(payment, give_back_at=payment.created_at + UNPAID_FOR))


async def _payable(session: WriteSession, ctx: Context, wanted: StartPayment) -> Order:
    viewer = ctx.require(SHOPPER)
    order = (await orders.by_numbers(session, [wanted.number])).get(wanted.number)
    if order is None or order.user_id != viewer.id:
        raise NotFound("order", ("orderId",))
    if order.version != wanted.version:
        lines = (await orders.lines_by_number(session, [order.number])).get(order.number, [])
        raise VersionConflict("Order", order.version, reading.SeenOrder.by(ctx, order, lines))
    is_over = order.expires_at is None or order.expires_at <= ctx.clock()
    if order.status != OrderStatus.PENDING_PAYMENT.value or is_over:
        raise TransitionForbidden("order", "over" if is_over else order.status, "a payment")
    return order


def _payment(
    ctx: Context, id_: int, method: PaymentMethod, amount: int, return_url: str | None
) -> Payment:
    at = ctx.clock()
    return Payment(
        id=id_,
        version=1,
        created_at=at,
        updated_at=at,
        user_id=ctx.require(SHOPPER).id,
        number=None,
        method=method.code,
        status=PaymentStatus.UNPAID.value,
        amount_minor=amount,
        # Bound to the idempotency key, as the id is: a retry finds both with it.
        request_id=f"payment-{id_}",
        return_url=return_url,
    )


async def _begin(session: WriteSession, ctx: Context, payment: Payment) -> None:
    try:
        await payments.add(session, payment)
    except UniqueViolation as error:
        # Another one was begun in this moment: look at it, and decide again.
        raise Retryable from error
    method = payment_methods.ALL[payment.method]
    if method is BALANCE and ctx.stores.accounts.taking is None:
        await payment_money.capture(session, ctx, payment, payment.amount_minor, None)
        return
    asked = (
        PaymentEventKind.AUTHORIZE_REQUEST if method.is_held else PaymentEventKind.CHARGE_REQUEST
    )
    await payment_money.request(session, ctx, payment, asked, payment.amount_minor)
    await payment_calls.intend(session, ctx, payment, Awaited.START)


START_PAYMENT = Mutation(
    name="startPayment",
    roles=SHOPPER,
    kind="Payment",
    targets=lambda ctx, wanted: {"payment": ctx.ids.next(), "order": int(wanted.number)},
    rule=_start,
    version_after=versions_after.of_order,
    is_personal=True,
)

TOP_UP_BALANCE = Mutation(
    name="topUpBalance",
    roles=SHOPPER,
    kind="Payment",
    targets=lambda ctx, _wanted: {"payment": ctx.ids.next()},
    rule=_top_up,
    is_personal=True,
)
