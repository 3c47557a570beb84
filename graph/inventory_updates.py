"""Following stock."""

from collections.abc import Sequence

import strawberry

import resolvers.inventory_updates
from graph.batch import Batch, Info
from graph.products import VARIANT
from graph.stock_movements import MOVEMENT, StockMovement
from graph.subscriptions import shown, subscription
from resolvers.context import STAFF
from resolvers.feed import Wish


async def _opening(info: Info, variant_ids: Sequence[str]) -> Wish:
    keys = [VARIANT.key(id_, "variantIds", str(place)) for place, id_ in enumerate(variant_ids)]
    return await resolvers.inventory_updates.wish(info.context, keys)


@subscription(_opening, roles=STAFF)
async def inventory_changed(
    ids: Sequence[int], info: Info, variant_ids: list[strawberry.ID]
) -> Batch[StockMovement]:
    """Each change of stock of these variants, at most 100."""
    return shown(await MOVEMENT.many(info.context, ids))
