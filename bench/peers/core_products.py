"""Products by Strawberry as documented: a type for each thing, a resolver for each relation."""

import json

import strawberry
from core_models import CategoryRow, ProductRow, VariantRow
from core_values import Media, Money, PriceRange, Spec, global_id, loaders, money, spec, stores


@strawberry.type
class Category:
    """A shelf of the shop."""

    row: strawberry.Private[CategoryRow]
    slug: str
    name: str

    @classmethod
    def of(cls, row: CategoryRow) -> "Category":
        """Show a row."""
        return cls(row=row, slug=row.slug, name=row.name)

    @strawberry.field
    async def parent(self, info: strawberry.Info) -> "Category | None":
        """Return the one above."""
        found = await loaders(info).category.load(self.row.parent_id)
        return Category.of(found) if found else None

    @strawberry.field
    async def products(self, info: strawberry.Info, first: int = 20) -> "ProductConnection":
        """Return its newest products."""
        return await ProductConnection.newest(info, self.row.id, first)


@strawberry.type
class Merchant:
    """Who sells."""

    name: str


@strawberry.type
class SelectedOption:
    """One choice."""

    name: str
    value: str


@strawberry.type
class ProductOption:
    """What buyers choose by."""

    name: str
    values: list[str]


@strawberry.type
class Variant:
    """A unit of sale."""

    row: strawberry.Private[VariantRow]
    sku: str
    title: str

    @classmethod
    def of(cls, row: VariantRow) -> "Variant":
        """Show a row."""
        return cls(row=row, sku=row.sku, title=row.title)

    @strawberry.field
    def id(self) -> strawberry.ID:
        """Return the global id."""
        return global_id("ProductVariant", self.row.id)

    @strawberry.field
    def options(self) -> list[SelectedOption]:
        """Return what was chosen."""
        return [SelectedOption(name=name, value=value) for name, value in pairs(self.row)]

    @strawberry.field
    def price(self, info: strawberry.Info) -> Money:
        """Return what it costs."""
        return money(info, self.row.price_minor)

    @strawberry.field
    def compare_at_price(self, info: strawberry.Info) -> Money | None:
        """Return what it cost before."""
        before = self.row.compare_at_minor
        return None if before is None else money(info, before)

    @strawberry.field
    async def available_quantity(self, info: strawberry.Info) -> int:
        """Return the units that can be bought."""
        return await loaders(info).units.load(self.row.id)

    @strawberry.field
    async def is_available(self, info: strawberry.Info) -> bool:
        """Return whether it can be bought."""
        return await loaders(info).units.load(self.row.id) > 0

    @strawberry.field
    async def product(self, info: strawberry.Info) -> "Product":
        """Return what it is a unit of."""
        return Product.of(await loaders(info).product.load(self.row.product_id))


def pairs(row: VariantRow) -> list[list[str]]:
    """Return name and value of each option."""
    found: list[list[str]] = json.loads(row.options)
    return found


@strawberry.type
class Product:
    """A thing on sale."""

    row: strawberry.Private[ProductRow]
    slug: str
    title: str
    subtitle: str | None
    description: str | None
    brand: str | None

    @classmethod
    def of(cls, row: ProductRow) -> "Product":
        """Show a row."""
        names = ("slug", "title", "subtitle", "description", "brand")
        return cls(row=row, **{name: getattr(row, name) for name in names})

    @strawberry.field
    def id(self) -> strawberry.ID:
        """Return the global id."""
        return global_id("Product", self.row.id)

    @strawberry.field
    def price_range(self, info: strawberry.Info) -> PriceRange:
        """Return the lowest and the highest price."""
        low, high = self.row.min_price_minor, self.row.max_price_minor
        return PriceRange(min=money(info, low), max=money(info, high))

    @strawberry.field
    def media(self, info: strawberry.Info) -> list[Media]:
        """Return the pictures."""
        return [
            Media(
                url=one.get("url") or f"{stores(info).media_url}/{one['objectKey']}",
                alt=one.get("alt"),
                width=one.get("width"),
                height=one.get("height"),
            )
            for one in json.loads(self.row.media)
        ]

    @strawberry.field
    async def category(self, info: strawberry.Info) -> Category:
        """Return its shelf."""
        return Category.of(await loaders(info).category.load(self.row.category_id))

    @strawberry.field
    async def merchant(self, info: strawberry.Info) -> Merchant:
        """Return who sells it."""
        return Merchant(name=(await loaders(info).merchant.load(self.row.merchant_id)).name)

    @strawberry.field
    async def is_available(self, info: strawberry.Info) -> bool:
        """Return whether it can be bought."""
        return bool(await loaders(info).is_available.load(self.row.id))

    @strawberry.field
    async def options(self, info: strawberry.Info) -> list[ProductOption]:
        """Return what buyers choose by."""
        values: dict[str, dict[str, None]] = {}
        for row in await loaders(info).variants.load(self.row.id):
            for name, value in pairs(row):
                values.setdefault(name, {})[value] = None
        return [ProductOption(name=name, values=list(told)) for name, told in values.items()]

    @strawberry.field
    async def variants(self, info: strawberry.Info) -> list[Variant]:
        """Return its units of sale."""
        return [Variant.of(row) for row in await loaders(info).variants.load(self.row.id)]

    @strawberry.field
    async def specs(self, info: strawberry.Info) -> list[Spec]:
        """Return its data sheet."""
        if self.row.specs_id is None:
            return []
        return [spec(line) for line in await loaders(info).specs.load(self.row.specs_id)]


@strawberry.type
class PageInfo:
    """Place of a page."""

    has_next_page: bool


@strawberry.type
class ProductConnection:
    """A page of products."""

    nodes: list[Product]
    page_info: PageInfo

    @classmethod
    async def newest(
        cls, info: strawberry.Info, category_id: int, first: int
    ) -> "ProductConnection":
        """Return the newest products of a list."""
        rows = await loaders(info).newest.load((category_id, first + 1))
        return cls(
            nodes=[Product.of(row) for row in rows[:first]],
            page_info=PageInfo(has_next_page=len(rows) > first),
        )
