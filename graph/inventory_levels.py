"""Stock levels: how much there is, and where."""

from collections.abc import Sequence
from typing import Annotated, Self

import strawberry

import resolvers.inventory_levels
import stores.inventory_levels
from graph import nodes
from graph.batch import Batch, Info, lost
from graph.declare import attribute, extend, gql_input, gql_type, query
from graph.directives import ListSize
from graph.nodes import Kind, Node
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from graph.products import PRODUCT, VARIANT, ProductVariant
from graph.versions import Versioned
from graph.warehouses import WAREHOUSE, Warehouse
from resolvers.context import STAFF, Context
from resolvers.pages import Page, window
from stores.errors import Invalid
from stores.inventory_levels import LevelFilter

PAGED = ListSize(slicing_arguments=["first"], sized_fields=["edges", "nodes"])
MAX_QUERY = 64


@gql_type(roles=STAFF)
class InventoryLevel(Node, Versioned):
    """Stock of one variant in one warehouse; available = onHand - reserved."""

    variant_key: strawberry.Private[int]
    warehouse_key: strawberry.Private[int]
    on_hand: int
    reserved: int
    available: int
    reorder_point: Annotated[
        int | None, attribute("At this many available units it is time to order more.")
    ]

    @classmethod
    def of(cls, _ctx: Context, row: stores.inventory_levels.InventoryLevel) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("InventoryLevel", row.id),
            version=row.version,
            updated_at=row.updated_at,
            variant_key=row.variant_id,
            warehouse_key=row.warehouse_id,
            on_hand=row.on_hand,
            reserved=row.reserved,
            available=row.available(),
            reorder_point=row.reorder_point,
        )


LEVEL = Kind("InventoryLevel", InventoryLevel.of, resolvers.inventory_levels.by_ids)


@extend(InventoryLevel, public=True)
async def variant(levels: Sequence[InventoryLevel], info: Info) -> Batch[ProductVariant | None]:
    """What lies there; null if it was removed since."""
    return await VARIANT.many(info.context, [one.variant_key for one in levels])


@extend(InventoryLevel, public=True)
async def warehouse(levels: Sequence[InventoryLevel], info: Info) -> Batch[Warehouse]:
    """Where it lies."""
    found = await WAREHOUSE.many(info.context, [one.warehouse_key for one in levels])
    return [one or lost("A stock level", "a warehouse") for one in found]


@extend(ProductVariant, roles=STAFF, list_size=ListSize(assumed_size=10), name="inventoryLevels")
async def levels_of_variant(
    variants: Sequence[ProductVariant], info: Info
) -> Batch[list[InventoryLevel] | None]:
    """One for each warehouse; null where it is another merchant's."""
    ctx = info.context
    keys = [(one.key, one.row.product_id) for one in variants]
    found = await resolvers.inventory_levels.of_variants(ctx, keys)
    return [
        None if some is None else [InventoryLevel.of(ctx, row) for row in some] for some in found
    ]


@gql_type(roles=STAFF)
class InventoryLevelEdge:
    """A stock level and its place in the list."""

    cursor: str
    node: InventoryLevel


@gql_type(roles=STAFF)
class InventoryLevelConnection:
    """A page of stock levels."""

    wanted: strawberry.Private[LevelFilter]
    edges: list[InventoryLevelEdge]
    nodes: list[InventoryLevel]
    page_info: PageInfo


@extend(InventoryLevelConnection, public=True)
async def total_count(pages: Sequence[InventoryLevelConnection], info: Info) -> Batch[int | None]:
    """How many stock levels the list has on all its pages."""
    return await resolvers.inventory_levels.counts(info.context, [page.wanted for page in pages])


@gql_input()
class InventoryFilterInput:
    """Conditions that stock levels must all meet."""

    query: Annotated[str | None, attribute("Start of a SKU, or a barcode.")] = strawberry.UNSET
    product_id: strawberry.ID | None = strawberry.UNSET
    warehouse_id: strawberry.ID | None = strawberry.UNSET
    is_below_reorder_point: Annotated[
        bool | None, attribute("Whether it is time to order more.")
    ] = strawberry.UNSET

    def wanted(self) -> LevelFilter:
        """Return the conditions, but for the warehouse. Raises Invalid."""
        product_id = given(self.product_id)
        code = (given(self.query) or "").strip()
        if len(code) > MAX_QUERY:
            raise Invalid(f"A query has at most {MAX_QUERY} characters.", ("filter", "query"))
        return LevelFilter(
            code=code or None,
            product_id=None
            if product_id is None
            else PRODUCT.key(product_id, "filter", "productId"),
            is_below_reorder_point=given(self.is_below_reorder_point),
        )

    def warehouse(self) -> int | None:
        """Return the warehouse that is asked for, None for all. Raises Invalid."""
        id_ = given(self.warehouse_id)
        return None if id_ is None else WAREHOUSE.key(id_, "filter", "warehouseId")


@query(roles=STAFF, list_size=PAGED)
async def inventory_levels(
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
    filter: InventoryFilterInput | None = strawberry.UNSET,
) -> InventoryLevelConnection | None:
    """Stock levels, by warehouse and then as they were made."""
    asked = given(filter) or InventoryFilterInput()
    plain, warehouse_id = asked.wanted(), asked.warehouse()
    cursors = Cursors((int, int), "inventoryLevels", plain, warehouse_id)
    wanted = await resolvers.inventory_levels.as_seen(info.context, plain, warehouse_id)
    place = window(first, cursors.decode(given(after), "after"))
    page = await resolvers.inventory_levels.page(info.context, wanted, place)
    return _connection(info.context, wanted, cursors, page)


def _connection(
    ctx: Context,
    wanted: LevelFilter,
    cursors: Cursors,
    page: Page[stores.inventory_levels.InventoryLevel],
) -> InventoryLevelConnection:
    edges = [
        InventoryLevelEdge(
            cursor=cursors.encode((row.warehouse_id, row.id)), node=InventoryLevel.of(ctx, row)
        )
        for row in page.rows
    ]
    return InventoryLevelConnection(wanted=wanted, **filled(page, edges))
