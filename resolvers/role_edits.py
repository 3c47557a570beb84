"""Setting what a user may do."""

from dataclasses import dataclass, replace

from resolvers.commands import check
from resolvers.context import OWNER, Context
from resolvers.mutations import Mutation, Targets
from stores import merchants, users
from stores.errors import NotAllowed, NotFound, Required, VersionConflict
from stores.sql import WriteSession
from stores.users import Role


@dataclass(frozen=True, slots=True)
class SetUserRoles:
    """Give a user that is at `version` these roles and no others."""

    user_id: int
    version: int
    roles: tuple[Role, ...]
    merchant_id: int | None = None

    def __post_init__(self) -> None:
        """Raise Required or Invalid unless a merchant is told for a MERCHANT, and only then."""
        is_merchant = Role.MERCHANT in self.roles
        if is_merchant and self.merchant_id is None:
            raise Required("Say by merchantId whom a MERCHANT works for.", ("merchantId",))
        is_told_for = is_merchant or self.merchant_id is None
        check(is_told_for, "Only a MERCHANT works for one; leave it out.", "merchantId")


async def _set(session: WriteSession, ctx: Context, edit: SetUserRoles, _targets: Targets) -> None:
    before = (await users.by_ids(session, [edit.user_id])).get(edit.user_id)
    if before is None or before.subject is None:
        raise NotFound("user", ("userId",))
    if before.id == ctx.require(OWNER).id and Role.OWNER not in edit.roles:
        raise NotAllowed("You would lock yourself out; let another owner do it.", ("roles",))
    if edit.merchant_id is not None and not await merchants.by_ids(session, [edit.merchant_id]):
        raise NotFound("merchant", ("merchantId",))
    row = replace(
        before,
        version=edit.version + 1,
        updated_at=ctx.clock(),
        roles=edit.roles,
        merchant_id=edit.merchant_id,
    )
    if not await users.change(session, row):
        raise VersionConflict("User", before.version, before)


SET_USER_ROLES = Mutation(
    name="setUserRoles",
    roles=OWNER,
    kind="User",
    targets=lambda _ctx, edit: {"user": edit.user_id},
    rule=_set,
)
