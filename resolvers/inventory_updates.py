"""Following stock: staff is told each change of some variants."""

from collections.abc import Collection, Mapping, Sequence

from resolvers.context import STAFF, Context
from resolvers.feed import Wish
from resolvers.pages import MAX_PAGE
from stores import stock_movements
from stores.errors import LimitExceeded, Required
from stores.outbox import Event
from stores.sql import Database
from stores.stock_movements import CHANGED, StockMovementKind

#: Topics of orders, which tell `units` by variant -> what these do to the stock.
_OF_ORDERS = {
    "order.placed": StockMovementKind.RESERVE,
    "order.changed": StockMovementKind.RELEASE,
}


async def wish(ctx: Context, variant_ids: Sequence[int]) -> Wish:
    """Return what tells of movements of these variants, from now on.

    Their ids are those of rows that the caller reads: who may see a level is looked at then.
    Raises AccessError, Required, LimitExceeded, StoreUnavailable.
    """
    ctx.require(STAFF)
    if not variant_ids:
        raise Required("Send at least one variant.", ("variantIds",))
    if len(variant_ids) > MAX_PAGE:
        raise LimitExceeded(
            f"{len(variant_ids)} variants; at most {MAX_PAGE} at a time.", ("variantIds",)
        )
    wanted, database = frozenset(variant_ids), ctx.stores.database

    async def ids(event: Event) -> Sequence[int]:
        return await _movements(database, event, _variants(event) & wanted)

    return Wish(await ctx.feed.place(None), lambda event: bool(_variants(event) & wanted), ids)


def _variants(event: Event) -> frozenset[int]:
    """Return the variants whose stock an event may tell of."""
    if event.topic == CHANGED:
        return frozenset({_whole(event.body["variantId"])})
    units = event.body.get("units") if event.topic in _OF_ORDERS else None
    return frozenset(map(int, units)) if isinstance(units, Mapping) else frozenset()


async def _movements(
    database: Database, event: Event, variant_ids: Collection[int]
) -> Sequence[int]:
    if event.topic == CHANGED:
        return [_whole(event.body["movementId"])]
    number = event.aggregate.removeprefix("Order:")
    async with database.read(fresh=True) as session:
        kind = _OF_ORDERS[event.topic]
        return await stock_movements.of_order(session, number, kind, variant_ids)


def _whole(value: object) -> int:
    return int(str(value))
