"""Reading stock, as buyers may."""

from collections.abc import Sequence

from resolvers.context import Context


async def available(ctx: Context, variant_ids: Sequence[int]) -> list[int]:
    """Return how many units of each variant can be bought."""
    return await ctx.loaders.inventory.available.many(variant_ids)


async def are_available(ctx: Context, product_ids: Sequence[int]) -> list[bool]:
    """Return whether at least one unit of each product can be bought."""
    return await ctx.loaders.inventory.is_available.many(product_ids)
