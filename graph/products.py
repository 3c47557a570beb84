"""Products and their variants: what is sold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

import resolvers.categories
import resolvers.merchants
import resolvers.products
import stores.products
from graph.batch import Batch, Info, lost
from graph.categories import Category
from graph.declare import attribute, extend, field, gql_enum, gql_type
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.held import Held
from graph.media import Media
from graph.merchants import MERCHANT, Merchant
from graph.money import Money
from graph.nodes import Kind, Node, global_id
from graph.versions import Versioned
from resolvers.context import Context
from stores import beside
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


def state(product: "Product") -> tuple[int, int, int | None]:
    """Return what decides all that a product shows of its own row and its data sheet.

    Both change with its version only. What others write is none of it: its category, its merchant,
    prices, stock, promotions; nor what stands in rows that are read later, its variants.
    """
    row = product.row
    return row.id, row.version, row.specs_id


#: Parts that `state` needs.
STATE = ("Product.version",)


@gql_type(public=True, cache=CACHED, holds=stores.products.Product)
class Product(Held[stores.products.Product], Node, Versioned):
    """A thing on sale; its variants carry price and stock."""

    id: strawberry.ID = global_id("Product")
    created_at: datetime
    revision: Annotated[int, attribute("Number of the newest snapshot.")]
    slug: Annotated[str, attribute("Part of its address; unique in the shop.")]
    title: str
    subtitle: str | None
    description: str | None
    brand: str | None

    @field()
    def status(self) -> ProductStatus:
        """Life cycle of a product."""
        return ProductStatus(self.row.status)

    @field("Product.media", *STATE, state=state)
    def media(self) -> list[Media]:
        """In the order of display, at most 50."""
        return [Media.of(self.ctx.media_url, one) for one in self.row.media]

    @field()
    def price_range(self) -> PriceRange:
        """Lowest and highest price of the variants."""
        return _price_range(self.ctx.currency, self.row)


def _price_range(currency: str, row: stores.products.Product) -> PriceRange:
    return PriceRange(
        min=Money.of(row.min_price_minor, currency), max=Money.of(row.max_price_minor, currency)
    )


PRODUCT = Kind("Product", Product.of, resolvers.products.by_ids)


@gql_type(public=True, holds=stores.products.Variant)
class ProductVariant(Held[stores.products.Variant], Node):
    """A unit of sale, known by its SKU; edited with its product and its product's version."""

    id: strawberry.ID = global_id("ProductVariant")
    sku: Annotated[
        str, attribute("The merchant's own number; unique for that merchant, case counts.")
    ]
    barcode: Annotated[str | None, attribute("GTIN, if there is one.")]
    title: str
    weight_grams: int | None

    @field("Variant.options")
    def options(self) -> list[SelectedOption]:
        """What buyers choose by."""
        return [SelectedOption(name=name, value=value) for name, value in self.row.options]

    @field()
    def price(self) -> Money:
        """What a unit costs now."""
        return Money.of(self.row.price_minor, self.ctx.currency)

    @field("Variant.compare_at_minor")
    def compare_at_price(self) -> Money | None:
        """The price before, to show beside it."""
        before = self.row.compare_at_minor
        return None if before is None else Money.of(before, self.ctx.currency)


VARIANT = Kind("ProductVariant", ProductVariant.of, resolvers.products.variants_by_ids)


@extend(Product, public=True, parts=[beside.MERCHANT_OF_PRODUCT])
async def merchant(products: Sequence[Product], info: Info) -> Batch[Merchant]:
    """Who sells and ships it."""
    ctx = info.context
    found = await resolvers.merchants.by_ids(ctx, [one.row.merchant_id for one in products])
    return [MERCHANT.show(ctx, row) for row in found]


@extend(Product, public=True, parts=[beside.CATEGORY_OF_PRODUCT])
async def category(products: Sequence[Product], info: Info) -> Batch[Category]:
    """The shelf it stands on."""
    ctx = info.context
    found = await resolvers.categories.by_ids(ctx, [one.row.category_id for one in products])
    return [Category.of(ctx, row) if row else lost("A product", "a category") for row in found]


@extend(Product, public=True, parts=["Variant.options"])
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


@extend(ProductVariant, public=True, parts=[beside.PRODUCT_OF_VARIANT])
async def product(variants: Sequence[ProductVariant], info: Info) -> Batch[Product]:
    """The product that it is a unit of."""
    ctx = info.context
    found = await resolvers.products.by_ids(ctx, [one.row.product_id for one in variants])
    return [Product.of(ctx, row) if row else lost("A variant", "a product") for row in found]


@extend(
    ProductVariant,
    public=True,
    parts=[beside.PRODUCT_OF_VARIANT, "Product.media", "Variant.media_position"],
)
async def media(variants: Sequence[ProductVariant], info: Info) -> Batch[Media | None]:
    """The one of its product's media that shows it."""
    ctx = info.context
    found = await resolvers.products.by_ids(ctx, [one.row.product_id for one in variants])
    return [_picture(ctx, row, one) for row, one in zip(found, variants, strict=True)]


def _picture(
    ctx: Context, row: stores.products.Product | None, variant: ProductVariant
) -> Media | None:
    position = variant.row.media_position
    if row is None or position is None or position >= len(row.media):
        return None
    return Media.of(ctx.media_url, row.media[position])
