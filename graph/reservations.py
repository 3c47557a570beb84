"""Stock kept for orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.reservations
import stores.reservations
from graph import nodes
from graph.batch import Batch, Info, lost
from graph.declare import attribute, extend, gql_enum, gql_type, query
from graph.inventory_levels import PAGED
from graph.nodes import Kind, Node
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from graph.products import VARIANT, ProductVariant
from graph.warehouses import WAREHOUSE, Warehouse
from resolvers.context import STAFF, Context
from resolvers.pages import Page, window
from stores.reservation_lists import ReservationFilter
from stores.reservations import ReservationState

gql_enum(
    ReservationState,
    ACTIVE="Kept until it expires.",
    COMMITTED="Paid: kept until shipped.",
    SHIPPED="Gone with a parcel.",
    RELEASED="Given back.",
    EXPIRED="Not paid in time; given back.",
)


@gql_type(roles=STAFF)
class Reservation(Node):
    """Stock kept for an order."""

    variant_key: strawberry.Private[int]
    warehouse_key: strawberry.Private[int]
    order_number: str
    quantity: int
    state: ReservationState
    expires_at: Annotated[datetime | None, attribute("Null once the order is paid.")]

    @classmethod
    def of(cls, _ctx: Context, row: stores.reservations.Reservation) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Reservation", row.id),
            variant_key=row.variant_id,
            warehouse_key=row.warehouse_id,
            order_number=row.number,
            quantity=row.quantity,
            state=ReservationState(row.state),
            expires_at=row.expires_at,
        )


RESERVATION = Kind("Reservation", Reservation.of, resolvers.reservations.by_ids)


@extend(Reservation, public=True)
async def variant(kept: Sequence[Reservation], info: Info) -> Batch[ProductVariant | None]:
    """What is kept; null if it was removed since."""
    return await VARIANT.many(info.context, [one.variant_key for one in kept])


@extend(Reservation, public=True)
async def warehouse(kept: Sequence[Reservation], info: Info) -> Batch[Warehouse]:
    """Where it lies."""
    found = await WAREHOUSE.many(info.context, [one.warehouse_key for one in kept])
    return [one or lost("A reservation", "a warehouse") for one in found]


@gql_type(roles=STAFF)
class ReservationEdge:
    """A reservation and its place in the list."""

    cursor: str
    node: Reservation


@gql_type(roles=STAFF)
class ReservationConnection:
    """A page of reservations."""

    wanted: strawberry.Private[ReservationFilter]
    edges: list[ReservationEdge]
    nodes: list[Reservation]
    page_info: PageInfo


@extend(ReservationConnection, public=True)
async def total_count(pages: Sequence[ReservationConnection], info: Info) -> Batch[int | None]:
    """How many reservations the list has on all its pages."""
    return await resolvers.reservations.counts(info.context, [page.wanted for page in pages])


@query(roles=STAFF, list_size=PAGED)
async def reservations(
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
    variant_id: strawberry.ID | None = strawberry.UNSET,
    order_number: str | None = strawberry.UNSET,
    state: ReservationState | None = strawberry.UNSET,
) -> ReservationConnection | None:
    """Stock kept for orders, newest first."""
    id_ = given(variant_id)
    plain = ReservationFilter(
        variant_id=None if id_ is None else VARIANT.key(id_, "variantId"),
        number=given(order_number),
        state=given(state),
    )
    cursors = Cursors((int,), "reservations", plain)
    wanted = await resolvers.reservations.as_seen(info.context, plain)
    place = window(first, cursors.decode(given(after), "after"))
    page = await resolvers.reservations.page(info.context, wanted, place)
    return _connection(info.context, wanted, cursors, page)


def _connection(
    ctx: Context,
    wanted: ReservationFilter,
    cursors: Cursors,
    page: Page[stores.reservations.Reservation],
) -> ReservationConnection:
    edges = [
        ReservationEdge(cursor=cursors.encode((row.id,)), node=Reservation.of(ctx, row))
        for row in page.rows
    ]
    return ReservationConnection(wanted=wanted, **filled(page, edges))
