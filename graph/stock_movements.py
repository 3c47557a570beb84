"""The stock log: every change of stock."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.stock_movements
import stores.stock_movements
from graph import nodes
from graph.batch import Batch, Info, lost
from graph.declare import attribute, extend, gql_enum, gql_type, query
from graph.inventory_levels import LEVEL, PAGED, InventoryLevel
from graph.nodes import Kind, Node
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from graph.products import VARIANT
from graph.ranges import DateTimeRangeInput
from graph.scalars import BigInt
from graph.users import USER, User
from graph.warehouses import WAREHOUSE
from resolvers.context import STAFF, Context
from resolvers.pages import Page, window
from stores.errors import Invalid
from stores.stock_movements import REFERENCE_LENGTH, MovementFilter, StockMovementKind

gql_enum(
    StockMovementKind,
    RECEIVE="Goods came in.",
    ADJUST="A correction.",
    COUNT="The result of counting.",
    TRANSFER="From one warehouse to another.",
    RESERVE="Kept for an order.",
    RELEASE="No longer kept for an order.",
    SHIP="Left the house.",
    RETURN="Came back.",
)


@gql_type(roles=STAFF)
class StockMovement(Node):
    """A change of stock; never changes itself."""

    level_key: strawberry.Private[int]
    actor_key: strawberry.Private[int | None]
    log_id: Annotated[
        BigInt | None,
        attribute(
            "Grows by one, without gaps, over the changes of onHand of a level; null for others."
        ),
    ]
    kind: StockMovementKind
    on_hand_delta: int
    reserved_delta: int
    on_hand_after: Annotated[int | None, attribute("Null with RESERVE and RELEASE.")]
    reserved_after: Annotated[int | None, attribute("Null with RESERVE and RELEASE.")]
    reason: str | None
    reference: Annotated[str | None, attribute("Order number, delivery note or the like.")]
    occurred_at: datetime

    @classmethod
    def of(cls, _ctx: Context, row: stores.stock_movements.StockMovement) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("StockMovement", row.id),
            level_key=row.level_id,
            actor_key=row.actor_id,
            log_id=None if row.log_id is None else BigInt(row.log_id),
            kind=StockMovementKind(row.kind),
            on_hand_delta=row.on_hand_delta,
            reserved_delta=row.reserved_delta,
            on_hand_after=row.on_hand_after,
            reserved_after=row.reserved_after,
            reason=row.reason,
            reference=row.reference,
            occurred_at=row.occurred_at,
        )


MOVEMENT = Kind("StockMovement", StockMovement.of, resolvers.stock_movements.by_ids)


@extend(StockMovement, public=True)
async def level(movements: Sequence[StockMovement], info: Info) -> Batch[InventoryLevel]:
    """The level that changed, as it is now."""
    found = await LEVEL.many(info.context, [one.level_key for one in movements])
    return [one or lost("A movement", "a level") for one in found]


@extend(StockMovement, public=True)
async def actor(movements: Sequence[StockMovement], info: Info) -> Batch[User | None]:
    """Null if the system did it, or somebody whom the caller may not see."""
    keys = [one.actor_key for one in movements if one.actor_key is not None]
    found = dict(zip(keys, await USER.many(info.context, keys), strict=True))
    return [found.get(one.actor_key) if one.actor_key else None for one in movements]


@gql_type(roles=STAFF)
class StockMovementEdge:
    """A stock movement and its place in the list."""

    cursor: str
    node: StockMovement


@gql_type(roles=STAFF)
class StockMovementConnection:
    """A page of stock movements."""

    wanted: strawberry.Private[MovementFilter]
    edges: list[StockMovementEdge]
    nodes: list[StockMovement]
    page_info: PageInfo


@extend(StockMovementConnection, public=True)
async def total_count(pages: Sequence[StockMovementConnection], info: Info) -> Batch[int | None]:
    """How many stock movements the list has on all its pages."""
    return await resolvers.stock_movements.counts(info.context, [page.wanted for page in pages])


@query(roles=STAFF, list_size=PAGED)
async def stock_movements(
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
    variant_id: strawberry.ID | None = strawberry.UNSET,
    warehouse_id: strawberry.ID | None = strawberry.UNSET,
    reference: str | None = strawberry.UNSET,
    occurred_at: DateTimeRangeInput | None = strawberry.UNSET,
) -> StockMovementConnection | None:
    """The stock log, newest first."""
    plain = _filter(given(variant_id), given(reference), given(occurred_at))
    where = given(warehouse_id)
    place = None if where is None else WAREHOUSE.key(where, "warehouseId")
    cursors = Cursors((int,), "stockMovements", plain, place)
    wanted = await resolvers.stock_movements.as_seen(info.context, plain, place)
    behind = window(first, cursors.decode(given(after), "after"))
    page = await resolvers.stock_movements.page(info.context, wanted, behind)
    return _connection(info.context, wanted, cursors, page)


def _filter(
    variant_id: str | None, reference: str | None, occurred_at: DateTimeRangeInput | None
) -> MovementFilter:
    if reference is not None and len(reference) > REFERENCE_LENGTH:
        raise Invalid(f"A reference has at most {REFERENCE_LENGTH} characters.", ("reference",))
    start, end = occurred_at.ends("occurredAt") if occurred_at else (None, None)
    return MovementFilter(
        variant_id=None if variant_id is None else VARIANT.key(variant_id, "variantId"),
        reference=reference,
        occurred_from=start,
        occurred_before=end,
    )


def _connection(
    ctx: Context,
    wanted: MovementFilter,
    cursors: Cursors,
    page: Page[stores.stock_movements.StockMovement],
) -> StockMovementConnection:
    edges = [
        StockMovementEdge(cursor=cursors.encode((row.id,)), node=StockMovement.of(ctx, row))
        for row in page.rows
    ]
    return StockMovementConnection(wanted=wanted, **filled(page, edges))
