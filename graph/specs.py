"""Specs: the data sheet of a product, each line with a typed value."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self, TypeAlias

import strawberry

import resolvers.products
import stores.specs
from graph.batch import Batch, Info
from graph.declare import argument, attribute, extend, gql_type
from graph.directives import ListSize
from graph.optional import given
from graph.products import Product


@gql_type(public=True)
class SpecText:
    """A value in words."""

    text: str


@gql_type(public=True)
class SpecNumber:
    """A number."""

    number: Decimal


@gql_type(public=True)
class SpecBoolean:
    """A yes or no."""

    is_true: bool


@gql_type(public=True)
class SpecList:
    """Several values in words."""

    items: list[str]


SpecValue: TypeAlias = Annotated[
    SpecBoolean | SpecList | SpecNumber | SpecText,
    strawberry.union("SpecValue", description="The typed value of a spec."),
]


@gql_type(public=True)
class Spec:
    """One line of a data sheet."""

    key: Annotated[str, attribute("Stable name; search filters by spec.<key>.")]
    label: Annotated[str, attribute("Name for people.")]
    group: Annotated[str | None, attribute("Part of the sheet.")]
    unit: Annotated[str | None, attribute("UCUM code, for example mm.")]
    value: SpecValue

    @classmethod
    def of(cls, row: stores.specs.Spec) -> Self:
        """Show a line."""
        return cls(
            key=row.key, label=row.label, group=row.group, unit=row.unit, value=_value(row.value)
        )


def _value(value: stores.specs.SpecValue) -> SpecBoolean | SpecList | SpecNumber | SpecText:
    match value:
        case bool():
            return SpecBoolean(is_true=value)
        case Decimal():
            return SpecNumber(number=value)
        case str():
            return SpecText(text=value)
        case _:
            return SpecList(items=list(value))


@extend(Product, public=True, cost=2, list_size=ListSize(assumed_size=30))
async def specs(
    products: Sequence[Product],
    info: Info,
    keys: Annotated[list[str] | None, argument("Only these.")] = strawberry.UNSET,
) -> Batch[list[Spec] | None]:
    """The data sheet; null only while its store does not answer."""
    asked = given(keys)
    wanted = None if asked is None else set(asked)
    sheets = await resolvers.products.specs(info.context, [one.row.specs_id for one in products])
    return [
        [Spec.of(row) for row in sheet if wanted is None or row.key in wanted] for sheet in sheets
    ]
