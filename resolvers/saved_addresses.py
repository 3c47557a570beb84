"""Reading saved addresses: one's own; the owner sees those of everybody."""

from collections.abc import Sequence

from resolvers.addresses import Address
from resolvers.context import Context
from stores import saved_addresses
from stores.errors import NotFound
from stores.saved_addresses import SavedAddress
from stores.sql import ReadSession
from stores.users import Role


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[SavedAddress | None]:
    """Return each address, None for one that is missing or that the viewer may not see."""
    found = await ctx.loaders.users.address_by_id.many(ids)
    return [row if row and _may_see(ctx, row.user_id) else None for row in found]


async def of_users(ctx: Context, user_ids: Sequence[int]) -> list[list[SavedAddress] | None]:
    """Return the addresses of each user, the default first; None where they may not be seen."""
    seen = [id_ for id_ in user_ids if _may_see(ctx, id_)]
    rows = await ctx.loaders.users.addresses.many(seen)
    found = dict(zip(seen, rows, strict=True))
    return [found.get(id_) for id_ in user_ids]


async def address(ctx: Context, id_: int, *field: str) -> Address:
    """Return the viewer's own address of an id. Raises NotFound, told of the field."""
    (row,) = await ctx.loaders.users.address_by_id.many([id_])
    return Address.of(_own(ctx, row, *field).address)


async def own(session: ReadSession, ctx: Context, id_: int, *field: str) -> SavedAddress:
    """Return the viewer's own address, as it is now. Raises NotFound, told of the field."""
    return _own(ctx, (await saved_addresses.by_ids(session, [id_])).get(id_), *field)


def _own(ctx: Context, row: SavedAddress | None, *field: str) -> SavedAddress:
    if row is None or ctx.viewer is None or row.user_id != ctx.viewer.id:
        raise NotFound("address", field)
    return row


def _may_see(ctx: Context, user_id: int) -> bool:
    viewer = ctx.viewer
    return viewer is not None and (viewer.id == user_id or Role.OWNER in viewer.roles)
