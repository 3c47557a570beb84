"""Taking pictures of products' pages, and reading them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.context import Context
from resolvers.owners import ids_of
from resolvers.products import is_staff_of
from stores import categories, merchants, products, purchases, snapshots
from stores.categories import Category
from stores.errors import StoreUnavailable
from stores.merchants import Merchant
from stores.products import Product, Variant
from stores.snapshots import Snapshot
from stores.specs import STORE as SPECS
from stores.specs import Documents, to_plain
from stores.sql import ReadSession

#: How often a page that is edited while it is read is read again.
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Pages:
    """Products as they are now, each read whole: its row and its variants belong together."""

    products: Mapping[int, Product]
    variants: Mapping[int, Sequence[Variant]]
    categories: Mapping[int, Category]
    merchants: Mapping[int, Merchant]

    def is_on_sale(self, product_id: int) -> bool:
        """Return whether buyers may order it."""
        product = self.products.get(product_id)
        seller = self.merchants.get(product.merchant_id) if product else None
        is_active = product is not None and product.status == products.ProductStatus.ACTIVE.value
        return is_active and seller is not None and seller.is_active


async def pages(ctx: Context, product_ids: Collection[int]) -> Pages:
    """Return products as they are on the primary. Raises StoreUnavailable."""
    async with ctx.database.read_primary() as session:
        before = await products.by_ids(session, product_ids)
        for _ in range(_ATTEMPTS):
            variants = await products.variants_by_product(session, product_ids)
            after = await products.by_ids(session, product_ids)
            # Between two statements somebody may edit: only what did not change is one page.
            if after == before:
                return await _whole(session, after, variants)
            before = after
    raise StoreUnavailable(ctx.database.name)


async def taken(ctx: Context, found: Pages) -> list[Snapshot]:
    """Return a picture of each product, not kept yet. Raises StoreUnavailable."""
    wanted = [one.specs_id for one in found.products.values() if one.specs_id is not None]
    sheets = await ctx.stores.specs.by_ids(wanted) if wanted else {}
    # A page without its data sheet would be kept for ever.
    if set(wanted) - set(sheets):
        raise StoreUnavailable(SPECS)
    return [_picture(ctx, one, found, sheets) for one in found.products.values()]


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Snapshot | None]:
    """Return each snapshot; the caller has seen that it may, by an order line."""
    return await ctx.loaders.orders.snapshot_by_id.many(ids)


async def visible_by_ids(ctx: Context, ids: Sequence[int]) -> list[Snapshot | None]:
    """Return each snapshot, None for one that is missing or that the viewer may not see.

    Buyers see what they bought, a merchant what it sells, the owner all.
    """
    found = await by_ids(ctx, ids)
    owned = await ctx.loaders.products.by_id.many(ids_of(found, lambda row: row.product_id))
    seen = {
        row.id
        for row, one in zip(found, owned, strict=True)
        if row and one and is_staff_of(ctx, one.merchant_id)
    }
    if ctx.viewer:
        async with ctx.database.read() as session:
            seen |= await purchases.bought_pages(session, ctx.viewer.id, ids)
    return [row if row and row.id in seen else None for row in found]


async def editors(ctx: Context, revisions: Sequence[tuple[int, int]]) -> list[int | None]:
    """Return the id of the user whose edit made each revision of a product, by both; or None."""
    return await ctx.loaders.orders.editor.many(revisions)


async def _whole(
    session: ReadSession, found: Mapping[int, Product], variants: Mapping[int, Sequence[Variant]]
) -> Pages:
    rows = found.values()
    return Pages(
        products=found,
        variants=variants,
        categories=await categories.by_ids(session, {one.category_id for one in rows}),
        merchants=await merchants.by_ids(session, {one.merchant_id for one in rows}),
    )


def _picture(ctx: Context, product: Product, found: Pages, sheets: Documents) -> Snapshot:
    body = {
        "title": product.title,
        "subtitle": product.subtitle,
        "description": product.description,
        "brand": product.brand,
        "categoryName": found.categories[product.category_id].name,
        "merchantName": found.merchants[product.merchant_id].name,
        "media": product.media,
        "specs": to_plain(sheets[product.specs_id]) if product.specs_id is not None else [],
        "variants": [_variant(one) for one in found.variants[product.id]],
    }
    hashed = snapshots.content_hash(body)
    return Snapshot(ctx.ids.next(), product.id, product.revision, ctx.clock(), hashed, body)


def _variant(row: Variant) -> dict[str, Any]:
    return {
        "sku": row.sku,
        "title": row.title,
        "options": row.options,
        "priceMinor": row.price_minor,
        "compareAtMinor": row.compare_at_minor,
        "media": row.media_position,
    }
