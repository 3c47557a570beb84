"""What is left of a variant of which more was asked for."""

from collections.abc import Sequence
from typing import Self

import strawberry

import resolvers.products
from graph.batch import Batch, Info
from graph.declare import extend, gql_type
from graph.products import ProductVariant
from graph.user_errors import details, member
from resolvers.context import Context
from stores.errors import InsufficientStock


@member
@gql_type(public=True)
class StockDetails:
    """With INSUFFICIENT_STOCK: what is left."""

    variant_key: strawberry.Private[int]
    requested: int
    available: int

    @classmethod
    def of(cls, error: InsufficientStock) -> Self:
        """Show the facts of a refusal."""
        return cls(
            variant_key=error.variant_id, requested=error.requested, available=error.available
        )


@details(InsufficientStock)
def _left(_ctx: Context, error: InsufficientStock) -> StockDetails:
    return StockDetails.of(error)


@extend(StockDetails, public=True)
async def variant(told: Sequence[StockDetails], info: Info) -> Batch[ProductVariant | None]:
    """Null if it was deleted."""
    ctx = info.context
    found = await resolvers.products.variants_by_ids(ctx, [one.variant_key for one in told])
    return [ProductVariant.of(ctx, row) if row else None for row in found]
