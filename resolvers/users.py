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
    """Return each user, None for one that is missing or that the viewer may not see.

    Everybody sees oneself, a merchant also those who bought from it, the owner all.
    """
    found = await ctx.loaders.users.by_id.many(ids)
    others = [user.id for user in found if user and not _sees_all(ctx, user.id)]
    bought = await _have_bought(ctx, others)
    return [
        user if user and (_sees_all(ctx, user.id) or user.id in bought) else None for user in found
    ]


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


async def _have_bought(ctx: Context, ids: Sequence[int]) -> set[int]:
    """Return which of these users have bought from the merchant that the viewer works for."""
    viewer = ctx.viewer
    if not ids or viewer is None or Role.MERCHANT not in viewer.roles or not viewer.merchant_id:
        return set()
    asked = [(id_, viewer.merchant_id) for id_ in ids]
    told = await ctx.loaders.customers.has_bought.many(asked)
    return {id_ for id_, has_bought in zip(ids, told, strict=True) if has_bought}


def _sees_all(ctx: Context, id_: int) -> bool:
    viewer = ctx.viewer
    return viewer is not None and (viewer.id == id_ or Role.OWNER in viewer.roles)
