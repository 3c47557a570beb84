"""Reading the shop's own settings."""

from collections.abc import Sequence

from resolvers.context import Context
from stores import shop
from stores.errors import NotFound
from stores.shop import SHOP_ID, Shop
from stores.sql import ReadSession


async def get(ctx: Context) -> Shop:
    """Return the shop. Raises NotFound before it was made."""
    (row,) = await by_ids(ctx, [SHOP_ID])
    return _made(row)


async def within(session: ReadSession) -> Shop:
    """Return the shop as a transaction sees it. Raises NotFound before it was made."""
    return _made(await shop.get(session))


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Shop | None]:
    """Return the shop for its id, None for any other."""
    return await ctx.loaders.shop.by_id.many(ids)


def _made(row: Shop | None) -> Shop:
    if row is None:
        raise NotFound("shop")
    return row
