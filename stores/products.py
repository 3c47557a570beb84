"""Products and their variants: the relational part of what is sold."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Select,
    Table,
    UniqueConstraint,
    Update,
    delete,
    false,
    func,
    or_,
    select,
    update,
)

from stores.columns import Instant, Plain, as_row, id_column, key, metadata, prose, words
from stores.kept import Reading, among
from stores.parts import EVERYTHING, RowKind, Shape, Wanted
from stores.rows import row
from stores.sql import ReadSession, WriteSession

SLUG_LENGTH = 80
TITLE_LENGTH = 200
SKU_LENGTH = 64
MAX_VARIANTS = 100

#: Part of a variant.
PRODUCT_OF_VARIANT = "Variant.product"

products = Table(
    "products",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("merchant_id", BigInteger, nullable=False),
    Column("category_id", BigInteger, nullable=False),
    Column("slug", key(SLUG_LENGTH), nullable=False, unique=True),
    Column("title", words(TITLE_LENGTH), nullable=False),
    Column("title_key", key(TITLE_LENGTH), nullable=False),
    Column("subtitle", words(200), nullable=True),
    Column("description", prose(), nullable=True),
    Column("brand", key(100), nullable=True),
    Column("status", key(10), nullable=False),
    Column("media", Plain, nullable=False),
    # The document of specs that holds now; a new one is written before this moves.
    Column("specs_id", BigInteger, nullable=True, unique=True),
    Column("min_price_minor", BigInteger, nullable=False),
    Column("max_price_minor", BigInteger, nullable=False),
    # Hash of everything buyers see, so that a repeated import changes nothing.
    Column("content_hash", key(64), nullable=False),
    Index("ix_products_category_id_status", "category_id", "status"),
    Index("ix_products_merchant_id_id", "merchant_id", "id"),
)

variants = Table(
    "variants",
    metadata,
    id_column(),
    Column("product_id", BigInteger, nullable=False),
    Column("merchant_id", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("sku", key(SKU_LENGTH), nullable=False),
    Column("barcode", key(14), nullable=True),
    Column("title", words(TITLE_LENGTH), nullable=False),
    Column("options", Plain, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("compare_at_minor", BigInteger, nullable=True),
    Column("weight_grams", BigInteger, nullable=True),
    Column("media_position", BigInteger, nullable=True),
    UniqueConstraint("merchant_id", "sku"),
    Index("ix_variants_product_id_position", "product_id", "position"),
    Index("ix_variants_merchant_id_barcode", "merchant_id", "barcode"),
    Index("ix_variants_sku", "sku"),
)


class ProductStatus(Enum):
    """Life cycle of a product."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


@row
class Product:
    """A product as it is now; prices are in minor units of the shop's currency."""

    id: int
    version: int
    updated_at: datetime
    created_at: datetime
    revision: int
    merchant_id: int
    category_id: int
    slug: str
    title: str
    title_key: str
    subtitle: str | None
    description: str | None
    brand: str | None
    status: str
    #: `{"objectKey" or "url", "kind", "alt", "width", "height"}`, in the order of display.
    media: list[dict[str, Any]]
    specs_id: int | None
    min_price_minor: int
    max_price_minor: int
    content_hash: str


@row
class Variant:
    """A unit of sale; it changes with its product and its product's version."""

    id: int
    product_id: int
    merchant_id: int
    position: int
    sku: str
    barcode: str | None
    title: str
    #: Pairs of name and value, such as Size and 42.
    options: list[list[str]]
    price_minor: int
    compare_at_minor: int | None
    weight_grams: int | None
    #: Which of its product's media shows it.
    media_position: int | None


COLUMNS = [products.c[field.name] for field in fields(Product)]
_VARIANT_COLUMNS = [variants.c[field.name] for field in fields(Variant)]

PRODUCTS = RowKind(
    Product,
    products,
    # What rights, lists, promotions and ways elsewhere need.
    [
        "id",
        "merchant_id",
        "category_id",
        "brand",
        "slug",
        "status",
        "specs_id",
        "min_price_minor",
        "max_price_minor",
    ],
)
VARIANTS = RowKind(Variant, variants, ["id", "product_id", "merchant_id", "price_minor"])


async def by_ids(
    session: ReadSession, ids: Collection[int], wanted: Wanted = EVERYTHING
) -> dict[int, Product]:
    """Return the products that exist, by id."""
    shape = PRODUCTS.shape(wanted)
    found = await shape.rows(session, _by_ids(shape), {"ids": list(ids)}, wanted)
    return {product.id: product for product in found}


@lru_cache
def _by_ids(shape: Shape[Product]) -> Reading:
    return shape.select().where(among(products.c.id, "ids"))


async def by_slugs(
    session: ReadSession, slugs: Collection[str], wanted: Wanted = EVERYTHING
) -> dict[str, Product]:
    """Return the products that exist, by slug."""
    shape = PRODUCTS.shape(wanted)
    found = await shape.rows(session, _by_slugs(shape), {"slugs": list(slugs)}, wanted)
    return {product.slug: product for product in found}


@lru_cache
def _by_slugs(shape: Shape[Product]) -> Reading:
    return shape.select().where(among(products.c.slug, "slugs"))


async def after(
    session: ReadSession, id_: int, limit: int, merchant_id: int | None = None
) -> list[Product]:
    """Return products in the order they were made, those behind an id; for jobs."""
    statement = select(*COLUMNS).where(products.c.id > id_).order_by(products.c.id).limit(limit)
    if merchant_id is not None:
        statement = statement.where(products.c.merchant_id == merchant_id)
    return await session.rows(Product, statement)


async def count(session: ReadSession) -> int:
    """Return how many products there are, on sale or not; for jobs."""
    return await session.row(int, select(func.count()).select_from(products)) or 0


async def id_by_code(
    session: ReadSession, code: str, merchant_id: int, *, is_barcode: bool
) -> int | None:
    """Return the product that has a variant with this SKU or barcode, or None."""
    column = variants.c.barcode if is_barcode else variants.c.sku
    statement = select(variants.c.product_id).where(
        column == code, variants.c.merchant_id == merchant_id
    )
    return await session.row(int, statement.order_by(variants.c.id))


async def variants_by_product(
    session: ReadSession, ids: Collection[int], wanted: Wanted = EVERYTHING
) -> dict[int, list[Variant]]:
    """Return the variants of each product in the order of display."""
    # Whoever asks by product has the product.
    shape = VARIANTS.shape(wanted, without=PRODUCT_OF_VARIANT)
    found: dict[int, list[Variant]] = defaultdict(list)
    statement = _variants_by_product(shape)
    for variant in await shape.rows(session, statement, {"ids": list(ids)}, wanted):
        found[variant.product_id].append(variant)
    return found


@lru_cache
def _variants_by_product(shape: Shape[Variant]) -> Reading:
    return (
        shape.select()
        .where(among(variants.c.product_id, "ids"))
        .order_by(variants.c.product_id, variants.c.position)
    )


async def variants_by_ids(
    session: ReadSession, ids: Collection[int], wanted: Wanted = EVERYTHING
) -> dict[int, Variant]:
    """Return the variants that exist, by id."""
    shape = VARIANTS.shape(wanted)
    found = await shape.rows(session, _variants_by_ids(shape), {"ids": list(ids)}, wanted)
    return {variant.id: variant for variant in found}


@lru_cache
def _variants_by_ids(shape: Shape[Variant]) -> Reading:
    return shape.select().where(among(variants.c.id, "ids"))


async def variants_by_codes(
    session: ReadSession, codes: Collection[tuple[int, str]]
) -> dict[tuple[int, str], Variant]:
    """Return the variants that exist, by merchant and SKU."""
    skus: dict[int, list[str]] = defaultdict(list)
    for merchant_id, sku in codes:
        skus[merchant_id].append(sku)
    # Not as pairs: MariaDB finds no index for those.
    named = [
        (variants.c.merchant_id == merchant_id) & variants.c.sku.in_(some)
        for merchant_id, some in skus.items()
    ]
    found = await session.rows(Variant, select(*_VARIANT_COLUMNS).where(or_(false(), *named)))
    return {(variant.merchant_id, variant.sku): variant for variant in found}


async def specs_in_use(session: ReadSession, ids: Collection[int]) -> set[int]:
    """Return those documents of specs that a product names."""
    statement = select(products.c.specs_id).where(products.c.specs_id.in_(ids))
    return set(await session.rows(int, statement))


async def add(session: WriteSession, new: Sequence[Product], their: Sequence[Variant]) -> None:
    """Write products and their variants. Raises UniqueViolation for a slug or SKU taken."""
    await session.insert(products, *map(as_row, new))
    await session.insert(variants, *map(as_row, their))


async def change(session: WriteSession, product: Product) -> bool:
    """Write a product over its version before; False if it is at another."""
    statement = (
        update(products)
        .where(products.c.id == product.id, products.c.version == product.version - 1)
        .values(as_row(product))
    )
    return await session.update(statement) == 1


async def replace_variants(session: WriteSession, product_id: int, now: Sequence[Variant]) -> None:
    """Make these the variants of a product: changed, added, and the others taken away.

    Raises UniqueViolation for a SKU that another product of the merchant has.
    """
    known = dict(await session.rows(lambda *row: row, _skus_of_variants(product_id)))
    kept = {variant.id for variant in now}
    await session.update(delete(variants).where(variants.c.id.in_(known.keys() - kept)))
    changed = [variant for variant in now if variant.id in known]
    for variant in changed:
        if known[variant.id] != variant.sku:
            # Two may swap their SKUs: both are let go first. No SKU begins with a blank.
            await session.update(_one(variant).values(sku=f" {variant.id}"))
    for variant in changed:
        await session.update(_one(variant).values(as_row(variant)))
    if new := [as_row(variant) for variant in now if variant.id not in known]:
        await session.insert(variants, *new)


def _one(variant: Variant) -> Update:
    return update(variants).where(variants.c.id == variant.id)


def _skus_of_variants(product_id: int) -> Select[Any]:
    return select(variants.c.id, variants.c.sku).where(variants.c.product_id == product_id)
