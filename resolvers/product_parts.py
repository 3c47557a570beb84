"""What a product is written in parts of: data sheet lines, pictures and units of sale."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field, TypeAdapter

from resolvers.commands import UNCHANGED, Unchanged
from resolvers.product_content import MAX_OPTIONS
from resolvers.product_values import (
    Barcode,
    BlankIsNone,
    Count,
    FromList,
    Key,
    Number,
    Sku,
    Text100,
    Text200,
    Text500,
    Text2000,
    Unit,
    Url,
)
from resolvers.tidied import Rule, tidy
from stores.errors import Duplicate, Invalid, LimitExceeded, Required
from stores.specs import SpecValue

_KEY = TypeAdapter(Key)
_LABEL = TypeAdapter(Text100)
_GROUP: Rule = TypeAdapter(Annotated[Text100 | None, BlankIsNone])
_UNIT: Rule = TypeAdapter(Annotated[Unit | None, BlankIsNone])
_TEXT = TypeAdapter(Text2000)
_NUMBER = TypeAdapter(Number)
_ITEMS: Rule = TypeAdapter(
    Annotated[tuple[Text500, ...], Field(min_length=1, max_length=100), FromList]
)
_FLAG: Rule = TypeAdapter(bool)
_SKU = TypeAdapter(Sku)
_BARCODE: Rule = TypeAdapter(Barcode | None)
_TITLE: Rule = TypeAdapter(Annotated[Text200 | None, BlankIsNone])
_WEIGHT: Rule = TypeAdapter(Count | None)
_ALT: Rule = TypeAdapter(Annotated[Text500 | None, BlankIsNone])
_URL: Rule = TypeAdapter(Url | None)


@dataclass(frozen=True, slots=True)
class MediaSource:
    """Where a picture or film is: the key of a stored file, or an https address elsewhere."""

    object_key: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for an address that no picture may have."""
        tidy(self, url=_URL)

    def of(self, medium: Mapping[str, object]) -> bool:
        """Return whether a medium of a product is taken from here."""
        return medium.get("objectKey") == self.object_key and medium.get("url") == self.url


@dataclass(frozen=True, slots=True)
class MediumEdit:
    """A picture or film to show; `kind` is IMAGE or VIDEO."""

    source: MediaSource
    kind: str
    alt: str | None = None

    def __post_init__(self) -> None:
        """Raise Invalid for words that cannot stand beside it."""
        tidy(self, alt=_ALT)


@dataclass(frozen=True, slots=True)
class SpecEdit:
    """A line of the data sheet to add or to change."""

    key: str
    value: SpecValue
    label: str | Unchanged = UNCHANGED
    group: str | Unchanged | None = UNCHANGED
    unit: str | Unchanged | None = UNCHANGED

    def __post_init__(self) -> None:
        """Raise Invalid for what no data sheet may have."""
        tidy(self, key=_KEY, label=_LABEL, group=_GROUP, unit=_UNIT)
        kind, rule = _kind_of(self.value)
        try:
            tidy(self, value=rule)
        except Invalid as error:
            raise Invalid(error.reason, ("value", kind, *error.field[1:])) from None


def _kind_of(value: SpecValue) -> tuple[str, Rule]:
    match value:
        case bool():
            return "isTrue", _FLAG
        case Decimal():
            return "number", _NUMBER
        case str():
            return "text", _TEXT
        case _:
            return "items", _ITEMS


@dataclass(frozen=True, slots=True)
class OptionEdit:
    """What tells one variant from another, such as Size: 42."""

    name: str
    value: str

    def __post_init__(self) -> None:
        """Raise Invalid for what nobody could choose."""
        tidy(self, name=_LABEL, value=_LABEL)


@dataclass(frozen=True, slots=True)
class VariantEdit:
    """A unit of sale to add, or to change if it has an id; prices in minor units."""

    variant_id: int | None = None
    sku: str | Unchanged = UNCHANGED
    barcode: str | Unchanged | None = UNCHANGED
    title: str | Unchanged | None = UNCHANGED
    options: tuple[OptionEdit, ...] | Unchanged = UNCHANGED
    price_minor: int | Unchanged = UNCHANGED
    compare_at_minor: int | Unchanged | None = UNCHANGED
    weight_grams: int | Unchanged | None = UNCHANGED
    media: MediaSource | Unchanged | None = UNCHANGED

    def __post_init__(self) -> None:
        """Raise Invalid, Required or LimitExceeded for what no variant may have."""
        tidy(self, sku=_SKU, barcode=_BARCODE, title=_TITLE, weight_grams=_WEIGHT)
        if self.options is not UNCHANGED:
            check_count(self.options, MAX_OPTIONS, "options")
            check_once([one.name for one in self.options], "options", "name")
        if self.variant_id is None:
            _require(self.sku, "sku")
            _require(self.price_minor, "price")


def _require(value: object, name: str) -> None:
    if value is UNCHANGED:
        raise Required(f"A new variant needs {name}; send variantId to change one.", (name,))


def check_count(items: Sized, most: int, *field: str) -> None:
    """Raise LimitExceeded if there are more."""
    if len(items) > most:
        raise LimitExceeded(f"There are {len(items)}; at most {most} are allowed.", field)


def check_once(values: Sequence[object], field: str, *inside: str) -> None:
    """Raise Duplicate, at its place in a list, if a value stands there before."""
    for place, value in enumerate(values):
        if value in values[:place]:
            raise Duplicate("entry of the list", (field, str(place), *inside))
