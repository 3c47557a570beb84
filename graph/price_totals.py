"""What something costs, summed up."""

from typing import Annotated, Self

from graph.declare import attribute, gql_type
from graph.money import Money
from resolvers.pricing import Totals


@gql_type(public=True)
class PriceTotals:
    """What a cart, an offer or an order costs, summed up."""

    subtotal: Annotated[Money, attribute("Sum of the lines before discounts.")]
    discount: Money
    shipping: Annotated[Money | None, attribute("Null until a delivery option is known.")]
    tax: Annotated[
        Money, attribute("Contained in the prices, or added to them: see Shop.isTaxIncluded.")
    ]
    total: Money

    @classmethod
    def of(cls, row: Totals, currency: str) -> Self:
        """Show sums."""
        shipping = row.shipping_minor
        return cls(
            subtotal=Money.of(row.subtotal_minor, currency),
            discount=Money.of(row.discount_minor, currency),
            shipping=None if shipping is None else Money.of(shipping, currency),
            tax=Money.of(row.tax_minor, currency),
            total=Money.of(row.total_minor, currency),
        )
