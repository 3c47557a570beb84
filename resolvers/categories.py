"""Reading categories."""

from collections.abc import Sequence

from resolvers.context import Context
from stores.categories import TOP, Category


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Category | None]:
    """Return each category, None for one that does not exist."""
    return await ctx.loaders.categories.by_id.many(ids)


async def by_slugs(ctx: Context, slugs: Sequence[str]) -> list[Category | None]:
    """Return each category, None for a slug that nothing has."""
    return await ctx.loaders.categories.by_slug.many(slugs)


async def parents(ctx: Context, parent_ids: Sequence[int]) -> list[Category | None]:
    """Return the category of each parent id, None at the top of the tree."""
    wanted = [id_ for id_ in parent_ids if id_ != TOP]
    found = dict(zip(wanted, await by_ids(ctx, wanted), strict=True))
    return [found.get(id_) for id_ in parent_ids]


async def children(ctx: Context, ids: Sequence[int]) -> list[list[Category]]:
    """Return what lies right below each category, in order."""
    return await ctx.loaders.categories.children.many(ids)


async def top(ctx: Context) -> list[Category]:
    """Return the top of the tree."""
    (found,) = await children(ctx, [TOP])
    return found
