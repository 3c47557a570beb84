"""Warehouses: where goods lie."""

from collections.abc import Sequence
from typing import Annotated, Self

import strawberry

import resolvers.addresses
import resolvers.merchants
import resolvers.warehouses
import stores.warehouses
from graph import nodes
from graph.addresses import Address
from graph.batch import Batch, Info
from graph.declare import argument, attribute, extend, gql_type, query
from graph.directives import ListSize
from graph.merchants import MERCHANT, Merchant
from graph.nodes import Kind, Node
from graph.optional import given
from graph.versions import Versioned
from resolvers.context import STAFF, Context


@gql_type(roles=STAFF)
class Warehouse(Node, Versioned):
    """A place where goods lie."""

    merchant_key: strawberry.Private[int]
    code: Annotated[str, attribute("Short name; unique for its merchant, case counts.")]
    name: str
    is_selling: Annotated[
        bool,
        attribute("Whether orders take from it: one of each merchant does, the others feed it."),
    ]
    address: Address | None

    @classmethod
    def of(cls, _ctx: Context, row: stores.warehouses.Warehouse) -> Self:
        """Show a row."""
        kept = row.address
        return cls(
            id=nodes.encode("Warehouse", row.id),
            version=row.version,
            updated_at=row.updated_at,
            merchant_key=row.merchant_id,
            code=row.code,
            name=row.name,
            is_selling=row.is_selling,
            address=Address.of(resolvers.addresses.Address.of(kept)) if kept else None,
        )


WAREHOUSE = Kind("Warehouse", Warehouse.of, resolvers.warehouses.by_ids)


@extend(Warehouse, public=True)
async def merchant(warehouses: Sequence[Warehouse], info: Info) -> Batch[Merchant]:
    """Whose goods lie there."""
    ctx = info.context
    found = await resolvers.merchants.by_ids(ctx, [one.merchant_key for one in warehouses])
    return [MERCHANT.show(ctx, row) for row in found]


@query(roles=STAFF, list_size=ListSize(assumed_size=10))
async def warehouses(
    info: Info,
    merchant_id: Annotated[
        strawberry.ID | None, argument("For OWNER only; of all merchants if left out.")
    ] = strawberry.UNSET,
) -> list[Warehouse] | None:
    """Warehouses of the caller's merchant, at most 100, the first one first."""
    id_ = given(merchant_id)
    whose = None if id_ is None else MERCHANT.key(id_, "merchantId")
    found = await resolvers.warehouses.of_merchant(info.context, whose)
    return None if found is None else [Warehouse.of(info.context, row) for row in found]
