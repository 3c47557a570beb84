"""Creating and changing products."""

from functools import partial
from typing import Annotated

import strawberry

from graph.batch import Info
from graph.categories import CATEGORY
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.merchants import MERCHANT
from graph.operation_status import found_by_key
from graph.optional import changed, given, kept
from graph.payloads import ending, shown
from graph.product_inputs import MediaInput, SpecInput, VariantInput, each
from graph.products import PRODUCT, VARIANT, Product
from graph.user_errors import UserError
from resolvers.commands import UNCHANGED, Unchanged
from resolvers.context import STAFF, Context
from resolvers.mutations import run
from resolvers.product_commands import CreateProduct, UpdateProduct
from resolvers.product_edits import CREATE_PRODUCT, UPDATE_PRODUCT
from resolvers.product_parts import MediumEdit, SpecEdit, VariantEdit
from stores.products import ProductStatus


@gql_input()
class CreateProductInput:
    """What createProduct needs."""

    merchant_id: Annotated[
        strawberry.ID | None, attribute("For OWNER only; a merchant creates its own.")
    ] = strawberry.UNSET
    slug: Annotated[str | None, attribute("Made from the title if left out.")] = strawberry.UNSET
    title: str
    subtitle: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    brand: str | None = strawberry.UNSET
    category_id: strawberry.ID
    variants: list[VariantInput]
    specs: list[SpecInput] | None = strawberry.UNSET
    media: list[MediaInput] | None = strawberry.UNSET
    status: ProductStatus = ProductStatus.DRAFT

    def command(self, ctx: Context) -> CreateProduct:
        """Return the command. Raises a Refusal."""
        merchant_id = given(self.merchant_id)
        return CreateProduct(
            title=self.title,
            category_id=CATEGORY.key(self.category_id, "categoryId"),
            variants=_variants(ctx, self.variants),
            merchant_id=None if merchant_id is None else MERCHANT.key(merchant_id, "merchantId"),
            slug=given(self.slug),
            subtitle=given(self.subtitle),
            description=given(self.description),
            brand=given(self.brand),
            specs=_specs(given(self.specs)),
            media=_media(given(self.media)),
            status=self.status,
        )


@gql_input()
class UpdateProductInput:
    """What updateProduct needs; a field left out stays, null clears it."""

    product_id: strawberry.ID
    slug: str | None = strawberry.UNSET
    title: str | None = strawberry.UNSET
    subtitle: str | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    brand: str | None = strawberry.UNSET
    category_id: strawberry.ID | None = strawberry.UNSET
    status: ProductStatus | None = strawberry.UNSET
    media: Annotated[
        list[MediaInput] | None, attribute("The whole list, in the order of display.")
    ] = strawberry.UNSET
    variants: Annotated[
        list[VariantInput] | None, attribute("To add or to change; others stay.")
    ] = strawberry.UNSET
    remove_variant_ids: list[strawberry.ID] | None = strawberry.UNSET
    specs: Annotated[list[SpecInput] | None, attribute("To add or to change; others stay.")] = (
        strawberry.UNSET
    )
    remove_spec_keys: list[str] | None = strawberry.UNSET

    def command(self, ctx: Context, version: int) -> UpdateProduct:
        """Return the command. Raises a Refusal."""
        return UpdateProduct(
            product_id=PRODUCT.key(self.product_id, "productId"),
            version=version,
            slug=kept(self.slug, "slug"),
            title=kept(self.title, "title"),
            subtitle=changed(self.subtitle),
            description=changed(self.description),
            brand=changed(self.brand),
            category_id=self._category(),
            status=kept(self.status, "status"),
            media=self._media(),
            variants=_variants(ctx, given(self.variants)),
            remove_variant_ids=self._removed(),
            specs=_specs(given(self.specs)),
            remove_spec_keys=tuple(given(self.remove_spec_keys) or ()),
        )

    def _category(self) -> int | Unchanged:
        category_id = kept(self.category_id, "categoryId")
        return UNCHANGED if category_id is UNCHANGED else CATEGORY.key(category_id, "categoryId")

    def _media(self) -> tuple[MediumEdit, ...] | Unchanged:
        media = changed(self.media)
        return UNCHANGED if media is UNCHANGED else _media(media)

    def _removed(self) -> tuple[int, ...]:
        return each(given(self.remove_variant_ids) or [], VARIANT.key, "removeVariantIds")


def _variants(ctx: Context, inputs: list[VariantInput] | None) -> tuple[VariantEdit, ...]:
    return each(inputs or [], lambda one: one.variant(ctx.currency), "variants")


def _specs(inputs: list[SpecInput] | None) -> tuple[SpecEdit, ...]:
    return each(inputs or [], SpecInput.spec, "specs")


def _media(inputs: list[MediaInput] | None) -> tuple[MediumEdit, ...]:
    return each(inputs or [], MediaInput.medium, "media")


@gql_type(public=True)
class CreateProductPayload:
    """What createProduct gives back."""

    product: Product | None
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class UpdateProductPayload:
    """What updateProduct gives back."""

    product: Product | None
    is_replay: bool
    user_errors: list[UserError]


found_by_key(CREATE_PRODUCT, PRODUCT, "product")
found_by_key(UPDATE_PRODUCT, PRODUCT, "product")


@mutation(roles=STAFF)
async def create_product(
    info: Info, idempotency_key: strawberry.ID, input: CreateProductInput
) -> CreateProductPayload | None:
    """Creates a product with its variants, specs and media."""
    ctx = info.context
    outcome = await run(ctx, CREATE_PRODUCT, idempotency_key, partial(input.command, ctx))
    product = await shown(ctx, PRODUCT, outcome, "product")
    return CreateProductPayload(product=product, **ending(ctx, outcome))


@mutation(roles=STAFF)
async def update_product(
    info: Info, idempotency_key: strawberry.ID, version: int, input: UpdateProductInput
) -> UpdateProductPayload | None:
    """Changes a product in any part; what buyers can see makes another revision."""
    ctx = info.context
    outcome = await run(ctx, UPDATE_PRODUCT, idempotency_key, partial(input.command, ctx, version))
    product = await shown(ctx, PRODUCT, outcome, "product")
    return UpdateProductPayload(product=product, **ending(ctx, outcome))
