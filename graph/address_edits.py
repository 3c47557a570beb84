"""Adding, changing and deleting addresses that one keeps."""

from typing import Annotated

import strawberry

from graph import nodes
from graph.addresses import AddressInput
from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.operation_status import found_by_key
from graph.optional import kept
from graph.payloads import ending, shown
from graph.saved_addresses import SAVED_ADDRESS, SavedAddress
from graph.user_errors import UserError
from graph.users import USER, User
from resolvers.address_edits import (
    CREATE_ADDRESS,
    DELETE_ADDRESS,
    UPDATE_ADDRESS,
    CreateAddress,
    DeleteAddress,
    UpdateAddress,
)
from resolvers.commands import UNCHANGED
from resolvers.context import SHOPPER
from resolvers.mutations import run

_DEFAULT = "True takes it from the one that was."


@gql_input()
class CreateAddressInput:
    """What createAddress needs."""

    address: AddressInput
    is_default: Annotated[bool, attribute(_DEFAULT)] = False

    def command(self) -> CreateAddress:
        """Return the command. Raises Invalid."""
        return CreateAddress(self.address.address("address"), self.is_default)


@gql_input()
class UpdateAddressInput:
    """What updateAddress needs; a field left out stays, null clears it."""

    address_id: strawberry.ID
    address: AddressInput | None = strawberry.UNSET
    is_default: Annotated[bool | None, attribute(_DEFAULT)] = strawberry.UNSET

    def command(self, version: int) -> UpdateAddress:
        """Return the command. Raises Invalid, and Required for null, as neither can be cleared."""
        address = kept(self.address, "address")
        return UpdateAddress(
            address_id=SAVED_ADDRESS.key(self.address_id, "addressId"),
            version=version,
            address=UNCHANGED if address is UNCHANGED else address.address("address"),
            is_default=kept(self.is_default, "isDefault"),
        )


@gql_input()
class DeleteAddressInput:
    """What deleteAddress needs."""

    address_id: strawberry.ID

    def command(self, version: int) -> DeleteAddress:
        """Return the command. Raises Invalid."""
        return DeleteAddress(SAVED_ADDRESS.key(self.address_id, "addressId"), version)


@gql_type(public=True)
class CreateAddressPayload:
    """What createAddress gives back."""

    saved_address: Annotated[SavedAddress | None, attribute("As it is now.", public=True)]
    user: Annotated[User | None, attribute("Whose address it is.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateAddressPayload:
    """What updateAddress gives back."""

    saved_address: Annotated[SavedAddress | None, attribute("As it is now.", public=True)]
    user: Annotated[User | None, attribute("Whose address it is.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class DeleteAddressPayload:
    """What deleteAddress gives back."""

    deleted_address_id: strawberry.ID | None
    user: Annotated[User | None, attribute("Whose address it was.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(CREATE_ADDRESS, SAVED_ADDRESS, "address")
found_by_key(UPDATE_ADDRESS, SAVED_ADDRESS, "address")
# What was deleted shows nothing; whose it was does.
found_by_key(DELETE_ADDRESS, USER, "user")


@mutation(roles=SHOPPER)
async def create_address(
    info: Info, idempotency_key: strawberry.ID, input: CreateAddressInput
) -> CreateAddressPayload | None:
    """Adds an address; at most 50."""
    ctx = info.context
    outcome = await run(ctx, CREATE_ADDRESS, idempotency_key, input.command)
    return CreateAddressPayload(
        saved_address=await shown(ctx, SAVED_ADDRESS, outcome, "address"),
        user=await shown(ctx, USER, outcome, "user"),
        **ending(ctx, outcome),
    )


@mutation(roles=SHOPPER)
async def update_address(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateAddressInput
) -> UpdateAddressPayload | None:
    """Changes an address, or makes it the default."""
    ctx = info.context
    outcome = await run(ctx, UPDATE_ADDRESS, idempotency_key, lambda: input.command(version))
    return UpdateAddressPayload(
        saved_address=await shown(ctx, SAVED_ADDRESS, outcome, "address"),
        user=await shown(ctx, USER, outcome, "user"),
        **ending(ctx, outcome),
    )


@mutation(roles=SHOPPER)
async def delete_address(
    info: Info, idempotency_key: strawberry.ID, version: int, input: DeleteAddressInput
) -> DeleteAddressPayload | None:
    """Deletes an address; orders keep theirs."""
    ctx = info.context
    outcome = await run(ctx, DELETE_ADDRESS, idempotency_key, lambda: input.command(version))
    done = outcome.targets
    return DeleteAddressPayload(
        deleted_address_id=nodes.encode("SavedAddress", done["address"]) if done else None,
        user=await shown(ctx, USER, outcome, "user"),
        **ending(ctx, outcome),
    )
