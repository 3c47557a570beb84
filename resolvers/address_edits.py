"""Adding, changing and deleting the addresses that one keeps."""

from dataclasses import dataclass, replace

from resolvers.addresses import Address
from resolvers.commands import UNCHANGED, Unchanged, or_else
from resolvers.context import SHOPPER, Context
from resolvers.mutations import Mutation, Targets
from resolvers.saved_addresses import own
from stores import saved_addresses
from stores.errors import LimitExceeded, VersionConflict
from stores.saved_addresses import MAX_ADDRESSES, SavedAddress
from stores.sql import WriteSession


@dataclass(frozen=True, slots=True)
class CreateAddress:
    """Keep an address."""

    address: Address
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class UpdateAddress:
    """Change an address that is at `version`."""

    address_id: int
    version: int
    address: Address | Unchanged = UNCHANGED
    is_default: bool | Unchanged = UNCHANGED


@dataclass(frozen=True, slots=True)
class DeleteAddress:
    """Delete an address that is at `version`."""

    address_id: int
    version: int


async def _create(
    session: WriteSession, ctx: Context, new: CreateAddress, targets: Targets
) -> None:
    # The viewer's row is held: of two that come at once, one sees the other.
    user_id = ctx.require(SHOPPER).id
    if await saved_addresses.count(session, user_id) >= MAX_ADDRESSES:
        raise LimitExceeded(f"You keep {MAX_ADDRESSES} addresses already; delete one first.")
    row = SavedAddress(
        id=targets["address"],
        version=1,
        updated_at=ctx.clock(),
        user_id=user_id,
        address=new.address.plain(),
        is_default=new.is_default,
    )
    if row.is_default:
        await saved_addresses.no_other_default(session, row)
    await saved_addresses.add(session, row)


async def _update(
    session: WriteSession, ctx: Context, edit: UpdateAddress, _targets: Targets
) -> None:
    before = await own(session, ctx, edit.address_id, "addressId")
    row = replace(
        before,
        version=edit.version + 1,
        updated_at=ctx.clock(),
        address=before.address if edit.address is UNCHANGED else edit.address.plain(),
        is_default=or_else(edit.is_default, before.is_default),
    )
    if not await saved_addresses.change(session, row):
        raise VersionConflict("SavedAddress", before.version, before)
    if row.is_default and not before.is_default:
        await saved_addresses.no_other_default(session, row)


async def _delete(
    session: WriteSession, ctx: Context, edit: DeleteAddress, _targets: Targets
) -> None:
    before = await own(session, ctx, edit.address_id, "addressId")
    if not await saved_addresses.remove(session, replace(before, version=edit.version)):
        raise VersionConflict("SavedAddress", before.version, before)


def _targets(ctx: Context, id_: int) -> Targets:
    return {"address": id_, "user": ctx.require(SHOPPER).id}


CREATE_ADDRESS = Mutation(
    name="createAddress",
    roles=SHOPPER,
    kind="SavedAddress",
    targets=lambda ctx, _new: _targets(ctx, ctx.ids.next()),
    rule=_create,
    is_personal=True,
)
UPDATE_ADDRESS = Mutation(
    name="updateAddress",
    roles=SHOPPER,
    kind="SavedAddress",
    targets=lambda ctx, edit: _targets(ctx, edit.address_id),
    rule=_update,
    is_personal=True,
)
DELETE_ADDRESS = Mutation(
    name="deleteAddress",
    roles=SHOPPER,
    kind="SavedAddress",
    targets=lambda ctx, edit: _targets(ctx, edit.address_id),
    rule=_delete,
    is_personal=True,
)
