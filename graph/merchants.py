"""Merchants: who sells and ships."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

import resolvers.merchants
import stores.merchants
from graph.declare import attribute, gql_type
from graph.held import Held
from graph.nodes import Kind, Node, global_id
from graph.versions import Versioned
from resolvers.context import Context


@gql_type(public=True, holds=stores.merchants.Merchant)
class Merchant(Held[stores.merchants.Merchant], Node, Versioned):
    """Who sells and ships."""

    id: strawberry.ID = global_id("Merchant")
    name: str
    is_active: Annotated[bool, attribute("Whether its products are on sale.")]


async def _by_keys(ctx: Context, keys: Sequence[int]) -> list[stores.merchants.Merchant | None]:
    return await resolvers.merchants.visible_by_ids(ctx, keys)


MERCHANT = Kind("Merchant", Merchant.of, _by_keys)
