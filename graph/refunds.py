"""Money given back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.payments
import stores.refunds
from graph import nodes
from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_enum, gql_type
from graph.directives import ListSize
from graph.money import Money
from graph.nodes import Kind, Node
from graph.order_line_quantities import OrderLineQuantity, shown_units
from graph.payments import PAYMENT, Payment
from resolvers.context import EVERYONE, Context
from stores.refunds import RefundStatus

gql_enum(
    RefundStatus,
    PENDING="The provider's answer is awaited.",
    SUCCEEDED="The money is back.",
    FAILED="The provider refused.",
)


@gql_type(roles=EVERYONE)
class Refund(Node):
    """Money given back."""

    row: strawberry.Private[stores.refunds.Refund]
    status: RefundStatus
    amount: Money
    tax: Annotated[Money, attribute("Contained in amount.")]
    reason: str
    created_at: datetime

    @classmethod
    def of(cls, ctx: Context, row: stores.refunds.Refund) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Refund", row.id),
            row=row,
            status=RefundStatus(row.status),
            amount=Money.of(row.amount_minor, ctx.currency),
            tax=Money.of(row.tax_minor, ctx.currency),
            reason=row.reason,
            created_at=row.created_at,
        )

    def is_awaited(self) -> bool:
        """Return whether the provider has not said what became of it."""
        return self.status is RefundStatus.PENDING


REFUND = Kind("Refund", Refund.of, resolvers.payments.refunds_by_ids)


@extend(Payment, public=True, list_size=ListSize(assumed_size=5))
async def refunds(payments: Sequence[Payment], info: Info) -> Batch[list[Refund]]:
    """Oldest first."""
    ctx = info.context
    found = await resolvers.payments.refunds(ctx, [one.row.id for one in payments])
    return [[Refund.of(ctx, row) for row in rows] for rows in found]


@extend(Refund, public=True, name="payment")
async def payment_of_refund(refunds: Sequence[Refund], info: Info) -> Batch[Payment | None]:
    """Of the whole order."""
    return await PAYMENT.many(info.context, [one.row.payment_id for one in refunds])


@extend(Refund, public=True, list_size=ListSize(assumed_size=10))
async def lines(refunds: Sequence[Refund], info: Info) -> Batch[list[OrderLineQuantity]]:
    """What it is for."""
    return await shown_units(info, [one.row.lines for one in refunds])
