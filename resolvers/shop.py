"""Reading the shop's own settings."""

from collections.abc import Sequence

from resolvers.context import Context
from stores import shop
from stores.errors import NotFound
from stores.shop import Shop


async def get(ctx: Context) -> Shop:
    """Return the shop. Raises NotFound before it was made."""
    async with ctx.database.read() as session:
        row = await shop.get(session)
    if row is None:
        raise NotFound("shop")
    return row


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Shop | None]:
    """Return the shop for its id, None for any other."""
    row = await get(ctx)
    return [row if id_ == row.id else None for id_ in ids]
