"""Reading stock levels: a merchant sees those of its warehouses, the owner all."""

from collections.abc import Sequence
from dataclasses import replace

from resolvers import pages, products
from resolvers.context import Context
from resolvers.pages import Page
from resolvers.products import is_staff_of
from resolvers.warehouses import visible_ids
from stores import inventory_levels
from stores.inventory_levels import InventoryLevel, LevelFilter, Place
from stores.keyset import Window


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[InventoryLevel | None]:
    """Return each level, None for one that is missing or that the viewer may not see."""
    return [_visible(ctx, row) for row in await ctx.loaders.inventory_levels.by_id.many(ids)]


async def by_places(ctx: Context, places: Sequence[Place]) -> list[InventoryLevel | None]:
    """Return the level of each variant and warehouse, or None as `by_ids` does."""
    return [_visible(ctx, row) for row in await ctx.loaders.inventory_levels.by_place.many(places)]


async def of_variants(
    ctx: Context, variants: Sequence[tuple[int, int]]
) -> list[list[InventoryLevel] | None]:
    """Return the levels of each variant, told with its product, None where it is not the viewer's.

    Those of the oldest warehouse come first.
    """
    owners = await products.by_ids(ctx, [product_id for _, product_id in variants])
    seen = {owner.id for owner in owners if owner and is_staff_of(ctx, owner.merchant_id)}
    wanted = [id_ for id_, product_id in variants if product_id in seen]
    rows = await ctx.loaders.inventory_levels.by_variant.many(wanted)
    found = dict(zip(wanted, rows, strict=True))
    return [found.get(id_) for id_, _ in variants]


async def as_seen(ctx: Context, wanted: LevelFilter, warehouse_id: int | None) -> LevelFilter:
    """Return the conditions with what the viewer may see, of one warehouse if it is told.

    Raises AccessError.
    """
    return replace(wanted, warehouse_ids=await seen_warehouses(ctx, warehouse_id))


async def seen_warehouses(ctx: Context, warehouse_id: int | None) -> tuple[int, ...] | None:
    """Return the warehouses whose stock is shown: all that may be seen, or this one of them."""
    visible = await visible_ids(ctx)
    if warehouse_id is None:
        return visible
    return (warehouse_id,) if visible is None or warehouse_id in visible else ()


async def page(ctx: Context, wanted: LevelFilter, window: Window) -> Page[InventoryLevel]:
    """Return a page of levels that meet conditions of `as_seen`."""
    async with ctx.database.read() as session:
        return Page.of(await inventory_levels.page(session, wanted, window), window)


async def counts(ctx: Context, wanted: Sequence[LevelFilter]) -> list[int]:
    """Return how many levels meet each of the conditions."""
    return await pages.counts(ctx, inventory_levels.count, wanted)


def _visible(ctx: Context, row: InventoryLevel | None) -> InventoryLevel | None:
    return row if row and is_staff_of(ctx, row.merchant_id) else None
