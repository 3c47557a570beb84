"""Reading warehouses: a merchant sees its own, the owner all."""

from collections.abc import Sequence

from resolvers.context import STAFF, Context
from resolvers.products import is_staff_of
from stores import warehouses
from stores.users import Role
from stores.warehouses import Warehouse


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Warehouse | None]:
    """Return each warehouse, None for one that is missing or that the viewer may not see."""
    found = await ctx.loaders.warehouses.by_id.many(ids)
    return [row if row and is_staff_of(ctx, row.merchant_id) else None for row in found]


async def of_merchant(ctx: Context, merchant_id: int | None) -> list[Warehouse] | None:
    """Return the warehouses of a merchant, the first one first; of None all that may be seen.

    Of a merchant that the viewer does not work for, None. Raises AccessError.
    """
    ctx.require(STAFF)
    wanted = own_merchant(ctx) if merchant_id is None else merchant_id
    if wanted is None:
        async with ctx.database.read() as session:
            return await warehouses.oldest(session)
    if merchant_id is not None and not is_staff_of(ctx, wanted):
        return None
    return (await ctx.loaders.warehouses.by_merchant.many([wanted]))[0]


def own_merchant(ctx: Context) -> int | None:
    """Return the merchant whose stock the viewer may see, None for all of them."""
    viewer = ctx.require(STAFF)
    if Role.OWNER in viewer.roles:
        return None
    # Zero is no merchant: whoever works for none sees nothing.
    return viewer.merchant_id or 0


async def visible_ids(ctx: Context) -> tuple[int, ...] | None:
    """Return the ids of the warehouses whose stock the viewer may see, None for all."""
    merchant_id = own_merchant(ctx)
    if merchant_id is None:
        return None
    (found,) = await ctx.loaders.warehouses.by_merchant.many([merchant_id])
    return tuple(row.id for row in found)
