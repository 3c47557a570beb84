"""Adding and changing merchants."""

from dataclasses import dataclass, replace

from resolvers.commands import UNCHANGED, Unchanged, check_text, or_else
from resolvers.context import OWNER, Context
from resolvers.mutations import Mutation, Targets
from stores import merchants
from stores.errors import NotFound, VersionConflict
from stores.merchants import NAME_LENGTH, Merchant
from stores.sql import WriteSession


@dataclass(frozen=True, slots=True)
class CreateMerchant:
    """Let somebody sell."""

    name: str
    is_active: bool = True

    def __post_init__(self) -> None:
        """Raise Invalid for what nobody is called."""
        check_text(self.name, "name", NAME_LENGTH)


@dataclass(frozen=True, slots=True)
class UpdateMerchant:
    """Change a merchant that is at `version`."""

    merchant_id: int
    version: int
    name: str | Unchanged = UNCHANGED
    is_active: bool | Unchanged = UNCHANGED

    def __post_init__(self) -> None:
        """Raise Invalid for what nobody is called."""
        if self.name is not UNCHANGED:
            check_text(self.name, "name", NAME_LENGTH)


async def _create(
    session: WriteSession, ctx: Context, new: CreateMerchant, targets: Targets
) -> None:
    row = Merchant(targets["merchant"], 1, ctx.clock(), new.name.strip(), new.is_active)
    await merchants.add(session, row)


async def _update(
    session: WriteSession, ctx: Context, edit: UpdateMerchant, _targets: Targets
) -> None:
    before = (await merchants.by_ids(session, [edit.merchant_id])).get(edit.merchant_id)
    if before is None:
        raise NotFound("merchant", ("merchantId",))
    row = replace(
        before,
        version=edit.version + 1,
        updated_at=ctx.clock(),
        name=or_else(edit.name, before.name).strip(),
        is_active=or_else(edit.is_active, before.is_active),
    )
    if not await merchants.change(session, row):
        raise VersionConflict("Merchant", before.version, before)


CREATE_MERCHANT = Mutation(
    name="createMerchant",
    roles=OWNER,
    kind="Merchant",
    targets=lambda ctx, _new: {"merchant": ctx.ids.next()},
    rule=_create,
)
UPDATE_MERCHANT = Mutation(
    name="updateMerchant",
    roles=OWNER,
    kind="Merchant",
    targets=lambda _ctx, edit: {"merchant": edit.merchant_id},
    rule=_update,
)
