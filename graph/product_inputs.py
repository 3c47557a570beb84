"""The parts that a product is written in: data sheet lines, media and variants."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Annotated, TypeVar

import strawberry

from graph.declare import attribute, gql_input
from graph.media import MediaKind
from graph.money import MoneyInput
from graph.optional import changed, given, kept
from graph.products import VARIANT
from graph.scalars import URL
from resolvers.commands import UNCHANGED, Unchanged
from resolvers.product_parts import MediaSource, MediumEdit, OptionEdit, SpecEdit, VariantEdit
from stores.errors import Refusal
from stores.specs import SpecValue

Input = TypeVar("Input")
T = TypeVar("T")


def each(inputs: Sequence[Input], make: Callable[[Input], T], field: str) -> tuple[T, ...]:
    """Return what is made of each; a Refusal is told at its place in the list `field`."""
    return tuple(inside(partial(make, one), field, str(i)) for i, one in enumerate(inputs))


def inside(make: Callable[[], T], *path: str) -> T:
    """Return what is made; a Refusal is told at the path of the whole input."""
    try:
        return make()
    except Refusal as error:
        raise error.within(*path) from error


@gql_input(one_of=True)
class MediaSourceInput:
    """Exactly one place to take a picture or film from."""

    object_key: Annotated[str | None, attribute("Of media that are stored already.")] = (
        strawberry.UNSET
    )
    url: Annotated[
        URL | None,
        attribute("An https address elsewhere: kept as it is, never fetched by the server."),
    ] = strawberry.UNSET

    def source(self) -> MediaSource:
        """Return the place. Raises Invalid."""
        return MediaSource(given(self.object_key), given(self.url))


@gql_input()
class MediaInput:
    """A picture or film to show."""

    source: MediaSourceInput
    kind: MediaKind = MediaKind.IMAGE
    alt: Annotated[str | None, attribute("What it shows, in words.")] = strawberry.UNSET

    def medium(self) -> MediumEdit:
        """Return the medium. Raises Invalid."""
        source = inside(self.source.source, "source")
        return MediumEdit(source, self.kind.value, given(self.alt))


@gql_input(one_of=True)
class SpecValueInput:
    """Exactly one kind of value."""

    text: str | None = strawberry.UNSET
    number: Decimal | None = strawberry.UNSET
    is_true: bool | None = strawberry.UNSET
    items: list[str] | None = strawberry.UNSET

    def value(self) -> SpecValue:
        """Return the one value there is."""
        if isinstance(self.items, list):
            return tuple(self.items)
        scalars = (given(self.text), given(self.number), given(self.is_true))
        return next(value for value in scalars if value is not None)


@gql_input()
class SpecInput:
    """One line of a data sheet; a new line without a label is called by its key."""

    key: str
    value: SpecValueInput
    label: str | None = strawberry.UNSET
    group: str | None = strawberry.UNSET
    unit: str | None = strawberry.UNSET

    def spec(self) -> SpecEdit:
        """Return the line. Raises Invalid or Required."""
        return SpecEdit(
            key=self.key,
            value=self.value.value(),
            label=kept(self.label, "label"),
            group=changed(self.group),
            unit=changed(self.unit),
        )


@gql_input()
class SelectedOptionInput:
    """One choice, such as Size: 42."""

    name: str
    value: str

    def option(self) -> OptionEdit:
        """Return the choice. Raises Invalid."""
        return OptionEdit(self.name, self.value)


@gql_input()
class VariantInput:
    """A variant; without variantId a new one, which needs sku and price."""

    variant_id: strawberry.ID | None = strawberry.UNSET
    sku: str | None = strawberry.UNSET
    barcode: str | None = strawberry.UNSET
    title: str | None = strawberry.UNSET
    options: list[SelectedOptionInput] | None = strawberry.UNSET
    price: MoneyInput | None = strawberry.UNSET
    compare_at_price: MoneyInput | None = strawberry.UNSET
    weight_grams: int | None = strawberry.UNSET
    media: Annotated[
        MediaSourceInput | None, attribute("One of the media of the product, named as there.")
    ] = strawberry.UNSET

    def variant(self, currency: str) -> VariantEdit:
        """Return the variant, its prices in minor units of `currency`. Raises a Refusal."""
        id_ = given(self.variant_id)
        return VariantEdit(
            variant_id=None if id_ is None else VARIANT.key(id_, "variantId"),
            sku=kept(self.sku, "sku"),
            barcode=changed(self.barcode),
            title=changed(self.title),
            options=self._options(),
            price_minor=_minor(kept(self.price, "price"), currency, "price"),
            compare_at_minor=self._before(currency),
            weight_grams=changed(self.weight_grams),
            media=self._media(),
        )

    def _options(self) -> tuple[OptionEdit, ...] | Unchanged:
        options = changed(self.options)
        if options is UNCHANGED:
            return UNCHANGED
        return each(options or [], SelectedOptionInput.option, "options")

    def _before(self, currency: str) -> int | Unchanged | None:
        before = changed(self.compare_at_price)
        return None if before is None else _minor(before, currency, "compareAtPrice")

    def _media(self) -> MediaSource | Unchanged | None:
        media = changed(self.media)
        if media is None or media is UNCHANGED:
            return media
        return inside(media.source, "media")


def _minor(price: MoneyInput | Unchanged, currency: str, field: str) -> int | Unchanged:
    return UNCHANGED if price is UNCHANGED else price.minor(currency, field)
