"""Reading products."""

from collections.abc import Sequence

from resolvers.context import Context
from resolvers.owners import ids_of
from stores import products
from stores.errors import Invalid
from stores.products import Product, ProductStatus, Variant
from stores.specs import Spec
from stores.users import Role

_ACTIVE = ProductStatus.ACTIVE.value


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Product | None]:
    """Return each product, None for one that is missing or that the viewer may not see."""
    found = await ctx.loaders.products.by_id.many(ids)
    return [row if row and may_see(ctx, row) else None for row in found]


async def by_slug(ctx: Context, slug: str) -> Product | None:
    """Return the product of a slug, None if it is missing or the viewer may not see it."""
    (row,) = await ctx.loaders.products.by_slug.many([slug])
    return row if row and may_see(ctx, row) else None


async def by_code(
    ctx: Context, code: str, merchant_id: int | None, *, is_barcode: bool
) -> Product | None:
    """Return the product that has a variant with this SKU or barcode, or None.

    Without a merchant the viewer's own is meant; raises Invalid if there is none.
    """
    whose = merchant_id or (ctx.viewer and ctx.viewer.merchant_id)
    if not whose:
        raise Invalid("Two merchants may use the same code: say whose by merchantId.")
    async with ctx.database.read() as session:
        id_ = await products.id_by_code(session, code, whose, is_barcode=is_barcode)
    return (await by_ids(ctx, [id_]))[0] if id_ else None


async def variants(ctx: Context, ids: Sequence[int]) -> list[list[Variant]]:
    """Return the variants of each product; the caller has seen that it may."""
    return await ctx.loaders.products.variants.many(ids)


async def variants_by_ids(ctx: Context, ids: Sequence[int]) -> list[Variant | None]:
    """Return each variant, None for one that is missing or whose product may not be seen."""
    found = await ctx.loaders.products.variant_by_id.many(ids)
    owners = await by_ids(ctx, ids_of(found, lambda row: row.product_id))
    seen = {owner.id for owner in owners if owner}
    return [row if row and row.product_id in seen else None for row in found]


async def specs(ctx: Context, ids: Sequence[int | None]) -> list[Sequence[Spec]]:
    """Return each document of specs; None names an empty one. Raises StoreUnavailable."""
    wanted = [id_ for id_ in ids if id_ is not None]
    found = dict(zip(wanted, await ctx.loaders.products.specs.many(wanted), strict=True))
    return [() if id_ is None else found[id_] for id_ in ids]


def may_see(ctx: Context, product: Product) -> bool:
    """Return whether the viewer may see a product: what is not on sale only its own staff may."""
    return product.status == _ACTIVE or is_staff_of(ctx, product.merchant_id)


def is_staff_of(ctx: Context, merchant_id: int) -> bool:
    """Return whether the viewer may edit what a merchant sells: its own staff, and the owner."""
    viewer = ctx.viewer
    if viewer is None:
        return False
    is_own = Role.MERCHANT in viewer.roles and viewer.merchant_id == merchant_id
    return is_own or Role.OWNER in viewer.roles
