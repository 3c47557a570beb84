"""Looking one product up."""

from typing import Annotated

import strawberry

import resolvers.products
import stores.products
from graph.batch import Info
from graph.declare import attribute, gql_input, query
from graph.merchants import MERCHANT
from graph.optional import given
from graph.products import CACHED, PRODUCT, Product
from resolvers.context import Context
from stores.errors import Invalid


@gql_input()
class MerchantCodeInput:
    """A SKU or barcode; two merchants may use the same."""

    code: str
    merchant_id: Annotated[
        strawberry.ID | None, attribute("The caller's own merchant if left out.")
    ] = strawberry.UNSET

    async def product(
        self, ctx: Context, kind: str, *, is_barcode: bool
    ) -> stores.products.Product | None:
        """Return the product of the code. Raises Invalid, at the path by, `kind`."""
        path = ("by", kind, "merchantId")
        id_ = given(self.merchant_id)
        whose = None if id_ is None else MERCHANT.key(id_, *path)
        try:
            return await resolvers.products.by_code(ctx, self.code, whose, is_barcode=is_barcode)
        except Invalid as error:
            raise error.within(*path) from error


@gql_input(one_of=True)
class ProductByInput:
    """Exactly one way to name a product."""

    id: strawberry.ID | None = strawberry.UNSET
    slug: str | None = strawberry.UNSET
    sku: Annotated[MerchantCodeInput | None, attribute("Of one of its variants.")] = (
        strawberry.UNSET
    )
    barcode: Annotated[MerchantCodeInput | None, attribute("Of one of its variants.")] = (
        strawberry.UNSET
    )

    async def product(self, ctx: Context) -> stores.products.Product | None:
        """Return the product, None if it is missing or may not be seen. Raises Invalid."""
        if isinstance(self.slug, str):
            return await resolvers.products.by_slug(ctx, self.slug)
        if isinstance(self.sku, MerchantCodeInput):
            return await self.sku.product(ctx, "sku", is_barcode=False)
        if isinstance(self.barcode, MerchantCodeInput):
            return await self.barcode.product(ctx, "barcode", is_barcode=True)
        key = PRODUCT.key(str(self.id), "by", "id")
        return (await resolvers.products.by_ids(ctx, [key]))[0]


@query(public=True, cache=CACHED)
async def product(info: Info, by: ProductByInput) -> Product | None:
    """One product."""
    row = await by.product(info.context)
    return Product.of(info.context, row) if row else None
