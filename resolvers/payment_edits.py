"""capturePayment and voidPayment: money that is kept ready is taken, or let go."""

from dataclasses import dataclass

from resolvers import payment_calls, payment_money
from resolvers.commands import check
from resolvers.context import STAFF, Context
from resolvers.mutations import Mutation, Targets
from resolvers.products import is_staff_of
from stores import orders, payments
from stores.errors import NotAllowed, NotFound, TransitionForbidden, VersionConflict
from stores.orders import OrderLine, PaymentStatus
from stores.payment_errors import AmountExceeded, PaymentPending
from stores.payment_events import PaymentEventKind
from stores.payments import Awaited, Payment
from stores.sql import WriteSession
from stores.users import Role


@dataclass(frozen=True, slots=True)
class CapturePayment:
    """Take money that was authorized, as it was read at this version; all of it for None."""

    payment_id: int
    version: int
    amount_minor: int | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for nothing."""
        check(self.amount_minor != 0, "An amount is more than 0.", "amount")


@dataclass(frozen=True, slots=True)
class VoidPayment:
    """Give up money that was authorized, as it was read at this version."""

    payment_id: int
    version: int


async def decided(
    session: WriteSession, ctx: Context, payment_id: int, version: int
) -> tuple[Payment, list[OrderLine]]:
    """Return a payment that staff may decide on, as it was read, and the lines of its order.

    Raises NotFound, NotAllowed for an order of several merchants, and VersionConflict.
    """
    payment = (await payments.by_ids(session, [payment_id])).get(payment_id)
    lines = await _lines(session, payment)
    if payment is None or not _may_see(ctx, payment, lines):
        raise NotFound("payment", ("paymentId",))
    if not _may_decide(ctx, lines):
        raise NotAllowed("Only the owner, or the merchant of all lines, may do this.")
    if payment.version != version:
        raise VersionConflict("Payment", payment.version, payment)
    if payment.awaits is not None:
        raise PaymentPending
    return payment, lines


async def _lines(session: WriteSession, payment: Payment | None) -> list[OrderLine]:
    if payment is None or payment.number is None:
        return []
    return (await orders.lines_by_number(session, [payment.number])).get(payment.number, [])


def _may_see(ctx: Context, payment: Payment, lines: list[OrderLine]) -> bool:
    viewer = ctx.require(STAFF)
    return viewer.id == payment.user_id or _may_decide(ctx, lines)


def _may_decide(ctx: Context, lines: list[OrderLine]) -> bool:
    if Role.OWNER in ctx.require(STAFF).roles:
        return True
    return bool(lines) and all(is_staff_of(ctx, line.merchant_id) for line in lines)


async def _capture(
    session: WriteSession, ctx: Context, wanted: CapturePayment, _targets: Targets
) -> None:
    payment, _ = await decided(session, ctx, wanted.payment_id, wanted.version)
    if payment.status != PaymentStatus.AUTHORIZED.value:
        raise TransitionForbidden("payment", payment.status, "a capture")
    if payment.give_back_at is not None:
        # It would be taken only to go back.
        raise TransitionForbidden("payment", "given up", "a capture")
    amount = wanted.amount_minor or payment.authorized_minor
    if amount > payment.authorized_minor:
        raise AmountExceeded(payment.authorized_minor)
    await payment_money.request(session, ctx, payment, PaymentEventKind.CHARGE_REQUEST, amount)
    await payment_calls.intend(session, ctx, payment, Awaited.CAPTURE, amount)


async def _void(
    session: WriteSession, ctx: Context, wanted: VoidPayment, _targets: Targets
) -> None:
    payment, _ = await decided(session, ctx, wanted.payment_id, wanted.version)
    if payment.status not in (PaymentStatus.AUTHORIZED.value, PaymentStatus.UNPAID.value):
        raise TransitionForbidden("payment", payment.status, "giving it up")
    await payment_calls.intend(session, ctx, payment, Awaited.VOID)


CAPTURE_PAYMENT = Mutation(
    name="capturePayment",
    roles=STAFF,
    kind="Payment",
    targets=lambda _ctx, wanted: {"payment": wanted.payment_id},
    rule=_capture,
)

VOID_PAYMENT = Mutation(
    name="voidPayment",
    roles=STAFF,
    kind="Payment",
    targets=lambda _ctx, wanted: {"payment": wanted.payment_id},
    rule=_void,
)
