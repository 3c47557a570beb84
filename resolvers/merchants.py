"""Reading merchants."""

from collections.abc import Sequence

from resolvers.context import STAFF, Context
from stores.errors import NotFound, Required
from stores.merchants import Merchant
from stores.users import Role


def chosen(ctx: Context, merchant_id: int | None) -> int:
    """Return the merchant that staff works on: the one that is named, or the viewer's own.

    Raises NotFound for one that the viewer does not work for, and Required if none can be meant.
    """
    viewer = ctx.require(STAFF)
    if merchant_id is None and viewer.merchant_id is None:
        raise Required("You work for no merchant: say by merchantId whose it is.", ("merchantId",))
    wanted = merchant_id or viewer.merchant_id or 0
    if wanted != viewer.merchant_id and Role.OWNER not in viewer.roles:
        raise NotFound("merchant", ("merchantId",))
    return wanted


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Merchant | None]:
    """Return each merchant, None for one that does not exist."""
    return await ctx.loaders.merchants.by_id.many(ids)


async def visible_by_ids(ctx: Context, ids: Sequence[int]) -> list[Merchant | None]:
    """Return each merchant, None for one that is missing or, to buyers, not active."""
    found = await by_ids(ctx, ids)
    return [row if row and (row.is_active or ctx.is_staff()) else None for row in found]
