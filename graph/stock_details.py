"""What is told of a lack of stock."""

from collections.abc import Sequence

import strawberry

from graph.batch import Batch, Info
from graph.declare import extend, gql_type
from graph.products import VARIANT, ProductVariant
from graph.user_errors import details, member
from resolvers.context import Context
from stores.inventory_errors import InsufficientStock


@member
@gql_type(public=True)
class StockDetails:
    """With INSUFFICIENT_STOCK: what is left."""

    variant_key: strawberry.Private[int]
    requested: int
    available: int


@extend(StockDetails, public=True)
async def variant(told: Sequence[StockDetails], info: Info) -> Batch[ProductVariant | None]:
    """What there is too little of; null if it was deleted."""
    return await VARIANT.many(info.context, [one.variant_key for one in told])


@details(InsufficientStock)
def _stock(_ctx: Context, error: InsufficientStock) -> StockDetails:
    return StockDetails(
        variant_key=error.variant_id, requested=error.requested, available=error.available
    )
