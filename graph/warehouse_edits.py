"""Adding and changing warehouses."""

from typing import Annotated

import strawberry

from graph.addresses import AddressInput
from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.merchants import MERCHANT
from graph.operation_status import found_by_key
from graph.optional import given, kept
from graph.payloads import ending, shown
from graph.user_errors import UserError
from graph.warehouses import WAREHOUSE, Warehouse
from resolvers.addresses import Address
from resolvers.commands import UNCHANGED, Unchanged
from resolvers.context import STAFF
from resolvers.mutations import run
from resolvers.warehouse_edits import (
    CREATE_WAREHOUSE,
    UPDATE_WAREHOUSE,
    CreateWarehouse,
    UpdateWarehouse,
)


@gql_input()
class CreateWarehouseInput:
    """What createWarehouse needs."""

    merchant_id: Annotated[
        strawberry.ID | None, attribute("For OWNER only; a merchant creates its own.")
    ] = strawberry.UNSET
    code: str
    name: str
    is_selling: Annotated[bool, attribute("True takes it from the one that was.")] = False
    address: AddressInput | None = strawberry.UNSET

    def command(self) -> CreateWarehouse:
        """Return the command. Raises Invalid."""
        merchant_id, address = given(self.merchant_id), given(self.address)
        return CreateWarehouse(
            code=self.code,
            name=self.name,
            merchant_id=None if merchant_id is None else MERCHANT.key(merchant_id, "merchantId"),
            is_selling=self.is_selling,
            address=address.address("address") if address else None,
        )


@gql_input()
class UpdateWarehouseInput:
    """What updateWarehouse needs; a field left out stays, null clears it."""

    warehouse_id: strawberry.ID
    code: str | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    is_selling: Annotated[
        bool | None,
        attribute("True takes it from the one that was; orders placed before stay there."),
    ] = strawberry.UNSET
    address: AddressInput | None = strawberry.UNSET

    def command(self, version: int) -> UpdateWarehouse:
        """Return the command. Raises Invalid, and Required for null where it is no value."""
        return UpdateWarehouse(
            warehouse_id=WAREHOUSE.key(self.warehouse_id, "warehouseId"),
            version=version,
            code=kept(self.code, "code"),
            name=kept(self.name, "name"),
            is_selling=kept(self.is_selling, "isSelling"),
            address=self._address(),
        )

    def _address(self) -> Address | Unchanged | None:
        if self.address is strawberry.UNSET:
            return UNCHANGED
        return self.address.address("address") if self.address else None


@gql_type(public=True)
class CreateWarehousePayload:
    """What createWarehouse gives back."""

    warehouse: Annotated[Warehouse | None, attribute("Null if refused.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateWarehousePayload:
    """What updateWarehouse gives back."""

    warehouse: Annotated[Warehouse | None, attribute("Null if refused.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(CREATE_WAREHOUSE, WAREHOUSE, "warehouse")
found_by_key(UPDATE_WAREHOUSE, WAREHOUSE, "warehouse")


@mutation(roles=STAFF)
async def create_warehouse(
    info: Info, idempotency_key: strawberry.ID, input: CreateWarehouseInput
) -> CreateWarehousePayload | None:
    """Creates a warehouse; the first of a merchant is the selling one."""
    outcome = await run(info.context, CREATE_WAREHOUSE, idempotency_key, input.command)
    return CreateWarehousePayload(
        warehouse=await shown(info.context, WAREHOUSE, outcome, "warehouse"),
        **ending(info.context, outcome),
    )


@mutation(roles=STAFF)
async def update_warehouse(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateWarehouseInput
) -> UpdateWarehousePayload | None:
    """Changes a warehouse."""

    def command() -> UpdateWarehouse:
        return input.command(version)

    outcome = await run(info.context, UPDATE_WAREHOUSE, idempotency_key, command)
    return UpdateWarehousePayload(
        warehouse=await shown(info.context, WAREHOUSE, outcome, "warehouse"),
        **ending(info.context, outcome),
    )
