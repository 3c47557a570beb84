"""Products and their variants: what is sold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.categories
import resolvers.merchants
import resolvers.products
import stores.products
from graph import nodes
from graph.batch import Batch, Info, lost
from graph.categories import Category
from graph.declare import attribute, extend, gql_enum, gql_type
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.media import Media
from graph.merchants import MERCHANT, Merchant
from graph.money import Money
from graph.nodes import Kind, Node
from graph.versions import Versioned
from resolvers.context import Context
from stores.products import ProductStatus

CACHED = CacheControl(max_age=60, scope=CacheControlScope.PUBLIC)

gql_enum(
    ProductStatus,
    DRAFT="Being written; only staff see it.",
    ACTIVE="On sale.",
    ARCHIVED="No longer on sale; only staff and old orders show it.",
)


@gql_type(public=True)
class ProductOption:
    """What buyers choose by, such as Size."""

    name: str
    values: list[str]


@gql_type(public=True)
class SelectedOption:
    """One choice, such as Size: 42."""

    name: str
    value: str


@gql_type(public=True)
class PriceRange:
    """Lowest and highest price of the variants."""

    min: Money
    max: Money


@gql_type(public=True, cache=CACHED)
class Product(Node, Versioned):
    """A thing on sale; its variants carry price and stock."""

    key: strawberry.Private[int]
    row: strawberry.Private[stores.products.Product]
    created_at: datetime
    revision: Annotated[int, attribute("Number of the newest snapshot.")]
    slug: Annotated[str, attribute("Part of its address; unique in the shop.")]
    title: str
    subtitle: str | None
    description: str | None
    brand: str | None
    status: ProductStatus
    media: Annotated[list[Media], attribute("In the order of display, at most 50.")]
    price_range: PriceRange

    @classmethod
    def of(cls, ctx: Context, row: stores.products.Product) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Product", row.id),
            version=row.version,
            updated_at=row.updated_at,
            key=row.id,
            row=row,
            created_at=row.created_at,
            revision=row.revision,
            slug=row.slug,
            title=row.title,
            subtitle=row.subtitle,
            description=row.description,
            brand=row.brand,
            status=ProductStatus(row.status),
            media=[Media.of(ctx.media_url, one) for one in row.media],
            price_range=_price_range(ctx.currency, row),
        )


def _price_range(currency: str, row: stores.products.Product) -> PriceRange:
    return PriceRange(
        min=Money.of(row.min_price_minor, currency), max=Money.of(row.max_price_minor, currency)
    )


PRODUCT = Kind("Product", Product.of, resolvers.products.by_ids)


@gql_type(public=True)
class ProductVariant(Node):
    """A unit of sale, known by its SKU; edited with its product and its product's version."""

    key: strawberry.Private[int]
    product_key: strawberry.Private[int]
    media_position: strawberry.Private[int | None]
    sku: Annotated[
        str, attribute("The merchant's own number; unique for that merchant, case counts.")
    ]
    barcode: Annotated[str | None, attribute("GTIN, if there is one.")]
    title: str
    options: list[SelectedOption]
    price: Money
    compare_at_price: Annotated[Money | None, attribute("The price before, to show beside it.")]
    weight_grams: int | None

    @classmethod
    def of(cls, ctx: Context, row: stores.products.Variant) -> Self:
        """Show a row."""
        before = row.compare_at_minor
        return cls(
            id=nodes.encode("ProductVariant", row.id),
            key=row.id,
            product_key=row.product_id,
            media_position=row.media_position,
            sku=row.sku,
            barcode=row.barcode,
            title=row.title,
            options=[SelectedOption(name=name, value=value) for name, value in row.options],
            price=Money.of(row.price_minor, ctx.currency),
            compare_at_price=None if before is None else Money.of(before, ctx.currency),
            weight_grams=row.weight_grams,
        )


VARIANT = Kind("ProductVariant", ProductVariant.of, resolvers.products.variants_by_ids)


@extend(Product, public=True)
async def merchant(products: Sequence[Product], info: Info) -> Batch[Merchant]:
    """Who sells and ships it."""
    ctx = info.context
    found = await resolvers.merchants.by_ids(ctx, [one.row.merchant_id for one in products])
    return [MERCHANT.show(ctx, row) for row in found]


@extend(Product, public=True)
async def category(products: Sequence[Product], info: Info) -> Batch[Category]:
    """The shelf it stands on."""
    ctx = info.context
    found = await resolvers.categories.by_ids(ctx, [one.row.category_id for one in products])
    return [Category.of(ctx, row) if row else lost("A product", "a category") for row in found]


@extend(Product, public=True)
async def options(products: Sequence[Product], info: Info) -> Batch[list[ProductOption]]:
    """What buyers choose by, taken from the variants."""
    found = await resolvers.products.variants(info.context, [one.key for one in products])
    return [_options(rows) for rows in found]


def _options(rows: Sequence[stores.products.Variant]) -> list[ProductOption]:
    values: dict[str, dict[str, None]] = {}
    for row in rows:
        for name, value in row.options:
            values.setdefault(name, {})[value] = None
    return [ProductOption(name=name, values=list(told)) for name, told in values.items()]


@extend(Product, public=True, list_size=ListSize(assumed_size=10))
async def variants(products: Sequence[Product], info: Info) -> Batch[list[ProductVariant]]:
    """At most 100."""
    ctx = info.context
    found = await resolvers.products.variants(ctx, [one.key for one in products])
    return [[ProductVariant.of(ctx, row) for row in rows] for rows in found]


@extend(ProductVariant, public=True)
async def product(variants: Sequence[ProductVariant], info: Info) -> Batch[Product]:
    """The product that it is a unit of."""
    ctx = info.context
    found = await resolvers.products.by_ids(ctx, [one.product_key for one in variants])
    return [Product.of(ctx, row) if row else lost("A variant", "a product") for row in found]


@extend(ProductVariant, public=True)
async def media(variants: Sequence[ProductVariant], info: Info) -> Batch[Media | None]:
    """The one of its product's media that shows it."""
    ctx = info.context
    found = await resolvers.products.by_ids(ctx, [one.product_key for one in variants])
    return [_picture(ctx, row, one) for row, one in zip(found, variants, strict=True)]


def _picture(
    ctx: Context, row: stores.products.Product | None, variant: ProductVariant
) -> Media | None:
    position = variant.media_position
    if row is None or position is None or position >= len(row.media):
        return None
    return Media.of(ctx.media_url, row.media[position])
