"""Stock kept for orders: a merchant sees that in its warehouses, the owner all."""

from collections.abc import Sequence
from dataclasses import replace

from resolvers import inventory_levels, pages, warehouses
from resolvers.context import Context
from resolvers.owners import ids_of
from resolvers.pages import Page
from stores import reservation_lists
from stores.keyset import Window
from stores.reservation_lists import ReservationFilter
from stores.reservations import Reservation


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Reservation | None]:
    """Return each reservation, None for one that is missing or that the viewer may not see."""
    found = await ctx.loaders.reservations.by_id.many(ids)
    homes = await warehouses.by_ids(ctx, ids_of(found, lambda row: row.warehouse_id))
    seen = {home.id for home in homes if home}
    return [row if row and row.warehouse_id in seen else None for row in found]


async def as_seen(ctx: Context, wanted: ReservationFilter) -> ReservationFilter:
    """Return the conditions with what the viewer may see. Raises AccessError."""
    return replace(wanted, warehouse_ids=await inventory_levels.seen_warehouses(ctx, None))


async def page(ctx: Context, wanted: ReservationFilter, window: Window) -> Page[Reservation]:
    """Return a page of reservations that meet conditions of `as_seen`, newest first."""
    async with ctx.database.read() as session:
        return Page.of(await reservation_lists.page(session, wanted, window), window)


async def counts(ctx: Context, wanted: Sequence[ReservationFilter]) -> list[int]:
    """Return how many reservations meet each of the conditions."""
    return await pages.counts(ctx, reservation_lists.count, wanted)
