"""Payments and their events."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Self

import strawberry

import resolvers.payment_methods
import resolvers.payments
import stores.payment_events
import stores.payments
from graph import nodes
from graph.accounts import ACCOUNT, Account
from graph.batch import Batch, Info
from graph.checkouts import Checkout
from graph.declare import attribute, extend, gql_enum, gql_type, query
from graph.directives import ListSize
from graph.ledger_entries import TRANSACTION, LedgerTransaction
from graph.money import Money
from graph.nodes import Kind, Node
from graph.order_events import OrderEvent
from graph.orders import ORDER, Order
from graph.shop import Shop
from graph.versions import Versioned
from resolvers.context import EVERYONE, OWNER, Context
from resolvers.payment_calls import Action
from stores.orders import OrderStatus, PaymentStatus
from stores.payment_events import PaymentEventKind

gql_enum(
    PaymentEventKind,
    AUTHORIZE_REQUEST="The provider was asked to keep money ready.",
    AUTHORIZE_SUCCESS="It does.",
    AUTHORIZE_FAILURE="It does not.",
    CHARGE_REQUEST="The provider was asked for the money.",
    CHARGE_SUCCESS="It came.",
    CHARGE_FAILURE="It did not come.",
    VOID="The money kept ready was let go.",
    REFUND_REQUEST="The provider was asked to give money back.",
    REFUND_SUCCESS="It went back.",
    REFUND_FAILURE="It did not go back.",
)


class PaymentActionKind(Enum):
    """How a client goes on paying."""

    REDIRECT = "REDIRECT"


gql_enum(PaymentActionKind, REDIRECT="Send the shopper to a URL.")


@gql_type(public=True)
class PaymentMethod:
    """A way to pay."""

    code: Annotated[str, attribute("BALANCE, or the code of a provider.")]
    title: str

    @classmethod
    def of(cls, method: resolvers.payment_methods.PaymentMethod) -> Self:
        """Show a way to pay."""
        return cls(code=method.code, title=method.title)


@gql_type(public=True)
class PaymentAction:
    """What a client has to do to go on paying."""

    kind: PaymentActionKind
    value: Annotated[str, attribute("The URL; never given again by a replay.")]
    expires_at: datetime | None

    @classmethod
    def of(cls, action: Action) -> Self:
        """Show what is to be done."""
        kind = PaymentActionKind.REDIRECT
        return cls(kind=kind, value=action.url, expires_at=action.expires_at)


@gql_type(roles=EVERYONE)
class Payment(Node, Versioned):
    """Money owed or paid, for an order or into a balance."""

    row: strawberry.Private[stores.payments.Payment]
    created_at: datetime
    method: PaymentMethod
    status: PaymentStatus
    amount: Money
    authorized_amount: Money
    captured_amount: Money
    refunded_amount: Money
    next_action: Annotated[
        PaymentAction | None,
        attribute("What the shopper's client has to do now.", public=True),
    ] = None

    @classmethod
    def of(cls, ctx: Context, row: stores.payments.Payment) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Payment", row.id),
            version=row.version,
            updated_at=row.updated_at,
            row=row,
            created_at=row.created_at,
            method=PaymentMethod.of(resolvers.payment_methods.ALL[row.method]),
            status=PaymentStatus(row.status),
            amount=Money.of(row.amount_minor, ctx.currency),
            authorized_amount=Money.of(row.authorized_minor, ctx.currency),
            captured_amount=Money.of(row.captured_minor, ctx.currency),
            refunded_amount=Money.of(row.refunded_minor, ctx.currency),
        )

    def is_awaited(self) -> bool:
        """Return whether the provider has been asked, and has not answered."""
        return self.row.awaits is not None


PAYMENT = Kind("Payment", Payment.of, resolvers.payments.by_ids)


@gql_type(roles=EVERYONE)
class PaymentEvent(Node):
    """A step of a payment; never changes."""

    row: strawberry.Private[stores.payment_events.PaymentEvent]
    kind: PaymentEventKind
    amount: Money
    provider_reference: Annotated[str | None, attribute("ID at the provider.")]
    occurred_at: datetime

    @classmethod
    def of(cls, ctx: Context, row: stores.payment_events.PaymentEvent) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("PaymentEvent", row.id),
            row=row,
            kind=PaymentEventKind(row.kind),
            amount=Money.of(row.amount_minor, ctx.currency),
            provider_reference=row.provider_reference,
            occurred_at=row.occurred_at,
        )


PAYMENT_EVENT = Kind("PaymentEvent", PaymentEvent.of, resolvers.payments.events_by_ids)


@extend(Payment, public=True)
async def order(payments: Sequence[Payment], info: Info) -> Batch[Order | None]:
    """Null if it is paid into a balance."""
    keys = [int(one.row.number) for one in payments if one.row.number]
    found = dict(zip(keys, await ORDER.many(info.context, keys), strict=True))
    return [found.get(int(one.row.number)) if one.row.number else None for one in payments]


@extend(Payment, public=True)
async def account(payments: Sequence[Payment], info: Info) -> Batch[Account | None]:
    """The balance it is paid into."""
    keys = [one.row.user_id for one in payments if one.row.number is None]
    found = dict(zip(keys, await ACCOUNT.many(info.context, keys), strict=True))
    return [None if one.row.number else found.get(one.row.user_id) for one in payments]


@extend(Payment, public=True, list_size=ListSize(assumed_size=10))
async def events(payments: Sequence[Payment], info: Info) -> Batch[list[PaymentEvent]]:
    """Oldest first."""
    ctx = info.context
    found = await resolvers.payments.events(ctx, [one.row.id for one in payments])
    return [[PaymentEvent.of(ctx, row) for row in rows] for rows in found]


@extend(PaymentEvent, roles=OWNER)
async def ledger_transaction(
    events: Sequence[PaymentEvent], info: Info
) -> Batch[LedgerTransaction | None]:
    """Each success has one."""
    keys = [one.row.transaction_id for one in events if one.row.transaction_id is not None]
    found = dict(zip(keys, await TRANSACTION.many(info.context, keys), strict=True))
    return [found.get(one.row.transaction_id or 0) for one in events]


@extend(Checkout, public=True, list_size=ListSize(assumed_size=5))
async def payment_methods(checkouts: Sequence[Checkout], info: Info) -> Batch[list[PaymentMethod]]:
    """Ways to pay the order."""
    offered = resolvers.payment_methods.offered(info.context)
    return [[PaymentMethod.of(one) for one in offered] for _ in checkouts]


@extend(Order, public=True, name="paymentMethods", list_size=ListSize(assumed_size=5))
async def payment_methods_of_order(
    orders: Sequence[Order], info: Info
) -> Batch[list[PaymentMethod]]:
    """Ways to pay what is still due."""
    offered = resolvers.payment_methods.offered(info.context)
    is_due = [one.status is OrderStatus.PENDING_PAYMENT for one in orders]
    return [[PaymentMethod.of(one) for one in offered] if due else [] for due in is_due]


@extend(Shop, public=True, name="paymentMethods", list_size=ListSize(assumed_size=5))
async def payment_methods_of_shop(shops: Sequence[Shop], info: Info) -> Batch[list[PaymentMethod]]:
    """Ways to pay."""
    offered = resolvers.payment_methods.offered(info.context)
    return [[PaymentMethod.of(one) for one in offered] for _ in shops]


@extend(Order, public=True, name="payments", list_size=ListSize(assumed_size=5))
async def payments_of_order(orders: Sequence[Order], info: Info) -> Batch[list[Payment] | None]:
    """Of the whole order."""
    ctx = info.context
    found = await resolvers.payments.of_orders(ctx, [one.number for one in orders])
    return [None if rows is None else [Payment.of(ctx, row) for row in rows] for rows in found]


@extend(OrderEvent, public=True, name="payment")
async def payment_of_event(events: Sequence[OrderEvent], info: Info) -> Batch[Payment | None]:
    """With PAYMENT_FAILED and REFUNDED; of the whole order."""
    keys = [one.row.payment_id for one in events if one.row.payment_id is not None]
    found = dict(zip(keys, await PAYMENT.many(info.context, keys), strict=True))
    return [found.get(one.row.payment_id or 0) for one in events]


@query(roles=EVERYONE)
async def payment(info: Info, id: strawberry.ID) -> Payment | None:
    """One payment."""
    return await PAYMENT.one(info.context, PAYMENT.key(id, "id"))
