"""Users: who one is, and what one may do."""

from collections.abc import Collection, Sequence
from functools import partial

from resolvers.context import Context, Mall
from resolvers.viewers import known_user
from stores import users
from stores.errors import StoreUnavailable
from stores.merchants import Merchant
from stores.users import Role, User


async def me(ctx: Context) -> User | None:
    """Return the user who asks, None for a visitor."""
    if ctx.viewer is None:
        return None
    (user,) = await ctx.loaders.users.by_id.many([ctx.viewer.id])
    return user


async def visible_by_ids(ctx: Context, ids: Sequence[int]) -> list[User | None]:
    """Return each user, None for one that is missing or neither the caller nor, to the owner."""
    found = await ctx.loaders.users.by_id.many(ids)
    return [user if user and _may_see(ctx, user) else None for user in found]


async def merchants(ctx: Context, ids: Sequence[int | None]) -> list[Merchant | None]:
    """Return the merchant of each id, None for None."""
    wanted = [id_ for id_ in ids if id_ is not None]
    found = dict(zip(wanted, await ctx.loaders.merchants.by_id.many(wanted), strict=True))
    return [None if id_ is None else found[id_] for id_ in ids]


async def grant(
    mall: Mall, subject: str, roles: Collection[Role], merchant_id: int | None = None
) -> User:
    """Give a user these roles and no others; one who was never seen before is made.

    For the command line: nobody is asked for a role. Raises StoreUnavailable.
    """
    database = mall.stores.database
    for _ in range(5):
        user = await known_user(database, mall.ids.next, mall.clock, subject)
        if set(user.roles) == set(roles) and user.merchant_id == merchant_id:
            return user
        give = partial(users.set_roles, user=user, roles=roles, merchant_id=merchant_id)
        await database.transact(give)
    raise StoreUnavailable(database.name)


def _may_see(ctx: Context, user: User) -> bool:
    viewer = ctx.viewer
    return viewer is not None and (viewer.id == user.id or Role.OWNER in viewer.roles)
