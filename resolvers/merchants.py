"""Reading merchants."""

from collections.abc import Sequence

from resolvers.context import Context
from stores.merchants import Merchant


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Merchant | None]:
    """Return each merchant, None for one that does not exist."""
    return await ctx.loaders.merchants.by_id.many(ids)


async def visible_by_ids(ctx: Context, ids: Sequence[int]) -> list[Merchant | None]:
    """Return each merchant, None for one that is missing or, to buyers, not active."""
    found = await by_ids(ctx, ids)
    return [row if row and (row.is_active or ctx.is_staff()) else None for row in found]
