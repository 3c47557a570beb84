"""What some lines would cost as an order."""

from collections.abc import Sequence
from typing import Annotated, Protocol, Self

import strawberry

from graph import discounts
from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_type
from graph.discounts import Discount
from graph.money import Money
from graph.price_totals import PriceTotals
from graph.products import VARIANT, ProductVariant
from resolvers.context import Context
from resolvers.discounts import Given
from resolvers.pricing import PricedLine, Totals


class Previewed(Protocol):
    """Priced lines, each with what it is of, their sums, and what is taken off."""

    @property
    def priced(self) -> Sequence[tuple[int, PricedLine]]:
        """Return each line with the key of its variant."""

    @property
    def totals(self) -> Totals:
        """Return the sums."""

    @property
    def given(self) -> Given:
        """Return what promotions take off."""


@gql_type(public=True)
class OrderPreviewLine:
    """One line of an offer."""

    variant_key: strawberry.Private[int]
    quantity: int
    unit_price: Money
    discounts: list[Discount]
    tax: Money
    total: Annotated[Money, attribute("After discounts.")]


@extend(OrderPreviewLine, public=True)
async def variant(lines: Sequence[OrderPreviewLine], info: Info) -> Batch[ProductVariant | None]:
    """Null if it was deleted, or taken off sale, since the checkout began."""
    return await VARIANT.many(info.context, [one.variant_key for one in lines])


@gql_type(public=True)
class OrderPreview:
    """What some lines would cost as an order."""

    lines: list[OrderPreviewLine]
    discounts: Annotated[list[Discount], attribute("In the order of application.")]
    totals: PriceTotals

    @classmethod
    def of(cls, ctx: Context, row: Previewed) -> Self:
        """Show lines and sums."""
        return cls(
            lines=[_line(ctx, row, place) for place in range(len(row.priced))],
            discounts=discounts.of_all(ctx, row.given),
            totals=PriceTotals.of(row.totals, ctx.currency),
        )


def _line(ctx: Context, row: Previewed, place: int) -> OrderPreviewLine:
    key, priced = row.priced[place]
    return OrderPreviewLine(
        variant_key=key,
        quantity=priced.quantity,
        unit_price=Money.of(priced.unit_price_minor, ctx.currency),
        discounts=discounts.of_line(ctx, row.given, place),
        tax=Money.of(priced.tax_minor, ctx.currency),
        total=Money.of(priced.total_minor, ctx.currency),
    )
