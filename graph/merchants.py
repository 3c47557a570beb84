"""Merchants: who sells and ships."""

from collections.abc import Sequence
from typing import Annotated, Self

import resolvers.merchants
import stores.merchants
from graph import nodes
from graph.declare import attribute, gql_type
from graph.nodes import Kind, Node
from graph.versions import Versioned
from resolvers.context import Context


@gql_type(public=True)
class Merchant(Node, Versioned):
    """Who sells and ships."""

    name: str
    is_active: Annotated[bool, attribute("Whether its products are on sale.")]

    @classmethod
    def of(cls, _ctx: Context, row: stores.merchants.Merchant) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Merchant", row.id),
            version=row.version,
            updated_at=row.updated_at,
            name=row.name,
            is_active=row.is_active,
        )


async def _by_keys(ctx: Context, keys: Sequence[int]) -> list[stores.merchants.Merchant | None]:
    return await resolvers.merchants.visible_by_ids(ctx, keys)


MERCHANT = Kind("Merchant", Merchant.of, _by_keys)
