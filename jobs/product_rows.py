"""The import format: one product on each line, as JSON; docs/import.md tells it to merchants."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal, LiteralString, NoReturn, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from jobs.row_problems import Problem, RowRefused, refused
from jobs.strict_json import MAX_LINE_BYTES, read_object
from resolvers.plain_text import plain_text
from resolvers.product_values import (
    Barcode,
    BlankIsNone,
    Count,
    File,
    FromList,
    Key,
    Long,
    Number,
    Pixels,
    Price,
    Sku,
    Slug,
    Text100,
    Text200,
    Text500,
    Text2000,
    Unit,
    Url,
    as_description,
    to_minor,
)

__all__ = [
    "MAX_LINE_BYTES",
    "MediaRow",
    "OptionRow",
    "Problem",
    "ProductRow",
    "RowRefused",
    "SpecRow",
    "VariantRow",
    "parse",
    "plain_text",
]


def parse(line: bytes) -> "ProductRow":
    """Return the product of one line, with or without its line break.

    Raises RowRefused with every problem of the line, or with the first one if it is no JSON.
    """
    try:
        return ProductRow.model_validate(read_object(line))
    except ValidationError as error:
        raise refused(error) from None


class _Row(BaseModel):
    """Strict and frozen; names are written as in JSON."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", alias_generator=to_camel)


class MediaRow(_Row):
    """A picture or film: at an https address, or in a file below the folder of the import file."""

    url: Url | None = None
    file: File | None = None
    kind: Literal["IMAGE", "VIDEO"] = "IMAGE"
    alt: Annotated[Text500 | None, BlankIsNone] = None
    width: Pixels | None = None
    height: Pixels | None = None

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.url is None) == (self.file is None):
            raise PydanticCustomError("source", "Exactly one of url and file is needed.")
        return self


class SpecRow(_Row):
    """One line of the data sheet, with exactly one kind of value."""

    key: Key
    label: Text100
    group: Annotated[Text100 | None, BlankIsNone] = None
    unit: Annotated[Unit | None, BlankIsNone] = None
    text: Text2000 | None = None
    number: Number | None = None
    is_true: bool | None = None
    items: Annotated[tuple[Text500, ...], Field(min_length=1, max_length=100), FromList] | None = (
        None
    )

    @property
    def value(self) -> str | Decimal | bool | tuple[str, ...]:
        """The one value there is."""
        return next(value for value in self._values() if value is not None)

    def _values(self) -> tuple[str | None, Decimal | None, bool | None, tuple[str, ...] | None]:
        return self.text, self.number, self.is_true, self.items

    @model_validator(mode="after")
    def _has_one_value(self) -> Self:
        if self._values().count(None) != 3:  # noqa: PLR2004  Of four kinds.
            message = "Exactly one of text, number, isTrue and items is needed."
            raise PydanticCustomError("value", message)
        return self


class OptionRow(_Row):
    """What tells one variant from another, for example Size: L."""

    name: Text100
    value: Text100


class VariantRow(_Row):
    """A unit of sale; prices are in whole units of the shop's currency."""

    sku: Sku
    barcode: Barcode | None = None
    title: Annotated[Text200 | None, BlankIsNone] = None
    options: Annotated[tuple[OptionRow, ...], Field(max_length=5), FromList] = ()
    price: Price
    compare_at_price: Price | None = None
    weight_grams: Count | None = None
    #: Index into the media of the product.
    media: Annotated[int, Field(ge=0)] | None = None
    #: Units on hand; taken when the variant is new, so that a repeated import moves no stock.
    stock: Count = 0

    def price_minor(self, exponent: int) -> int:
        """Return the price in minor units, never rounded.

        Raises ValueError if it has more digits than a currency of this exponent, or is too high.
        """
        return to_minor(self.price, exponent)

    def compare_at_price_minor(self, exponent: int) -> int | None:
        """Return the price before likewise, or None if there is none."""
        before = self.compare_at_price
        return None if before is None else to_minor(before, exponent)

    @model_validator(mode="after")
    def _names_each_option_once(self) -> Self:
        if twice := _repeated(option.name for option in self.options):
            _refuse_repetition("The option {value} stands twice in one variant.", twice)
        return self


class ProductRow(_Row):
    """A product with everything it is sold by; known by its merchant and its first SKU."""

    #: Name; None stands for the shop's first merchant.
    merchant: Annotated[Text100 | None, BlankIsNone] = None
    slug: Slug | None = None
    title: Text200
    subtitle: Annotated[Text200 | None, BlankIsNone] = None
    description: Annotated[Long | None, BeforeValidator(as_description)] = None
    brand: Annotated[Text100 | None, BlankIsNone] = None
    status: Literal["ACTIVE", "DRAFT", "ARCHIVED"] = "ACTIVE"
    #: Names of the categories, the top one first.
    category: Annotated[tuple[Text100, ...], Field(min_length=1, max_length=6), FromList]
    media: Annotated[tuple[MediaRow, ...], Field(max_length=50), FromList] = ()
    specs: Annotated[tuple[SpecRow, ...], Field(max_length=300), FromList] = ()
    variants: Annotated[tuple[VariantRow, ...], Field(min_length=1, max_length=100), FromList]

    @model_validator(mode="after")
    def _names_each_thing_once(self) -> Self:
        if twice := _repeated(spec.key for spec in self.specs):
            _refuse_repetition("The key {value} stands twice in specs.", twice)
        if twice := _repeated(variant.sku for variant in self.variants):
            _refuse_repetition("The SKU {value} stands twice in variants.", twice)
        return self

    @model_validator(mode="after")
    def _shows_media_it_has(self) -> Self:
        for number, variant in enumerate(self.variants):
            if variant.media is not None and variant.media >= len(self.media):
                facts = {"number": number, "media": variant.media, "count": len(self.media)}
                message = "Variant {number} shows medium {media}, but there are {count}, from 0 on."
                raise PydanticCustomError("no_such_media", message, facts)
        return self


def _repeated(values: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


def _refuse_repetition(message: LiteralString, value: str) -> NoReturn:
    raise PydanticCustomError("repeated", message, {"value": value})
