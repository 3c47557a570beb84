"""Reading the stock log: a merchant sees that of its warehouses, the owner all."""

from collections.abc import Sequence
from dataclasses import replace

from resolvers import inventory_levels, pages
from resolvers.context import Context
from resolvers.owners import ids_of
from resolvers.pages import Page
from stores import stock_movements
from stores.keyset import Window
from stores.stock_movements import MovementFilter, StockMovement


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[StockMovement | None]:
    """Return each movement, None for one that is missing or that the viewer may not see."""
    found = await ctx.loaders.stock_movements.by_id.many(ids)
    levels = await inventory_levels.by_ids(ctx, ids_of(found, lambda row: row.level_id))
    seen = {level.id for level in levels if level}
    return [row if row and row.level_id in seen else None for row in found]


async def as_seen(ctx: Context, wanted: MovementFilter, warehouse_id: int | None) -> MovementFilter:
    """Return the conditions with what the viewer may see, of one warehouse if it is told.

    Raises AccessError.
    """
    shown = await inventory_levels.seen_warehouses(ctx, warehouse_id)
    return replace(wanted, warehouse_ids=shown)


async def page(ctx: Context, wanted: MovementFilter, window: Window) -> Page[StockMovement]:
    """Return a page of movements that meet conditions of `as_seen`, newest first."""
    async with ctx.database.read() as session:
        return Page.of(await stock_movements.page(session, wanted, window), window)


async def counts(ctx: Context, wanted: Sequence[MovementFilter]) -> list[int]:
    """Return how many movements meet each of the conditions."""
    return await pages.counts(ctx, stock_movements.count, wanted)
