"""What staff asks to be done to products."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, TypeAdapter

from resolvers.commands import UNCHANGED, Unchanged
from resolvers.product_content import MAX_MEDIA, MAX_SPECS
from resolvers.product_parts import MediumEdit, SpecEdit, VariantEdit, check_count, check_once
from resolvers.product_values import BlankIsNone, Long, Slug, Text100, Text200, as_description
from resolvers.tidied import Rule, tidy
from stores.errors import Required
from stores.products import MAX_VARIANTS, ProductStatus

_TEXTS: Final[dict[str, Rule]] = {
    "slug": TypeAdapter(Slug | None),
    "title": TypeAdapter(Text200),
    "subtitle": TypeAdapter(Annotated[Text200 | None, BlankIsNone]),
    "description": TypeAdapter(Annotated[Long | None, BeforeValidator(as_description)]),
    "brand": TypeAdapter(Annotated[Text100 | None, BlankIsNone]),
}


@dataclass(frozen=True, slots=True)
class CreateProduct:
    """Put a product into the shop; without `merchant_id` the viewer's own merchant sells it."""

    title: str
    category_id: int
    variants: tuple[VariantEdit, ...]
    merchant_id: int | None = None
    slug: str | None = None
    subtitle: str | None = None
    description: str | None = None
    brand: str | None = None
    specs: tuple[SpecEdit, ...] = ()
    media: tuple[MediumEdit, ...] = ()
    status: ProductStatus = ProductStatus.DRAFT

    def __post_init__(self) -> None:
        """Raise a Refusal for what no product may have."""
        tidy(self, **_TEXTS)
        if not self.variants:
            raise Required("A product has at least one variant.", ("variants",))
        _check_parts(self.variants, self.specs, self.media)


@dataclass(frozen=True, slots=True)
class UpdateProduct:
    """Change a product that is at `version`; what is UNCHANGED stays, None clears."""

    product_id: int
    version: int
    slug: str | Unchanged = UNCHANGED
    title: str | Unchanged = UNCHANGED
    subtitle: str | Unchanged | None = UNCHANGED
    description: str | Unchanged | None = UNCHANGED
    brand: str | Unchanged | None = UNCHANGED
    category_id: int | Unchanged = UNCHANGED
    status: ProductStatus | Unchanged = UNCHANGED
    media: tuple[MediumEdit, ...] | Unchanged = UNCHANGED
    variants: tuple[VariantEdit, ...] = ()
    remove_variant_ids: tuple[int, ...] = ()
    specs: tuple[SpecEdit, ...] = ()
    remove_spec_keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise a Refusal for what no product may have."""
        tidy(self, **_TEXTS)
        media = () if self.media is UNCHANGED else self.media
        _check_parts(self.variants, self.specs, media)


def _check_parts(
    variants: Sequence[VariantEdit], specs: Sequence[SpecEdit], media: Sequence[MediumEdit]
) -> None:
    check_count(variants, MAX_VARIANTS, "variants")
    check_count(specs, MAX_SPECS, "specs")
    check_count(media, MAX_MEDIA, "media")
    check_once([spec.key for spec in specs], "specs", "key")
    ids = [variant.variant_id or f"new {place}" for place, variant in enumerate(variants)]
    check_once(ids, "variants", "variantId")
