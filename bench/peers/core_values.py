"""Small types of the plain Strawberry schema: money, pictures, specs, ids."""

import base64
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

import strawberry
from core_models import Document
from core_stores import Loaders, Stores


@strawberry.type
class Money:
    """An amount of one currency."""

    amount: Decimal
    currency_code: str


def money(info: strawberry.Info, minor: int) -> Money:
    """Return an amount of the shop's currency, which has two digits."""
    return Money(amount=Decimal(minor).scaleb(-2), currency_code=stores(info).shop.currency_code)


def stores(info: strawberry.Info) -> Stores:
    """Return the stores of a request."""
    found: Stores = info.context["stores"]
    return found


def loaders(info: strawberry.Info) -> Loaders:
    """Return the loaders of a request."""
    found: Loaders = info.context["loaders"]
    return found


def global_id(kind: str, key: int) -> strawberry.ID:
    """Return the global id of an object."""
    return strawberry.ID(base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("="))


@strawberry.type
class PriceRange:
    """Lowest and highest price."""

    min: Money
    max: Money


@strawberry.type
class Media:
    """A picture."""

    url: str
    alt: str | None
    width: int | None
    height: int | None


@strawberry.type
class SpecText:
    """Words."""

    text: str


@strawberry.type
class SpecNumber:
    """A number."""

    number: Decimal


@strawberry.type
class SpecBoolean:
    """Yes or no."""

    is_true: bool


@strawberry.type
class SpecList:
    """Several words."""

    items: list[str]


SpecValue: TypeAlias = Annotated[
    SpecText | SpecNumber | SpecBoolean | SpecList, strawberry.union("SpecValue")
]


@strawberry.type
class Spec:
    """A line of a data sheet."""

    key: str
    label: str
    group: str | None
    unit: str | None
    value: SpecValue


def spec(line: Document) -> Spec:
    """Show a line of a document."""
    named = {name: line.get(name) for name in ("key", "label", "group", "unit")}
    return Spec(**named, value=_spec_value(line))  # type: ignore[arg-type]


def _spec_value(line: Document) -> Any:
    if "text" in line:
        return SpecText(text=line["text"])
    if "number" in line:
        return SpecNumber(number=Decimal(line["number"]))
    if "isTrue" in line:
        return SpecBoolean(is_true=line["isTrue"])
    return SpecList(items=line["items"])
