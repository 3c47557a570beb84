"""Specs: the data sheet of a product, each line with a typed value."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, TypeAlias, cast

import strawberry

import resolvers.products
import stores.specs
from graph.batch import Batch, Info
from graph.declare import argument, attribute, extend, gql_type, itself
from graph.directives import ListSize
from graph.optional import given
from graph.products import STATE, Product, state


@gql_type(public=True, rows=str)
class SpecText:
    """A value in words."""

    text: str = itself()


@gql_type(public=True, rows=Decimal)
class SpecNumber:
    """A number."""

    number: Decimal = itself()


@gql_type(public=True, rows=bool)
class SpecBoolean:
    """A yes or no."""

    is_true: bool = itself()


@gql_type(public=True, rows=tuple)
class SpecList:
    """Several values in words."""

    items: list[str] = itself()


SpecValue: TypeAlias = Annotated[
    SpecBoolean | SpecList | SpecNumber | SpecText,
    strawberry.union("SpecValue", description="The typed value of a spec."),
]


@gql_type(public=True, rows=stores.specs.Spec)
class Spec:
    """One line of a data sheet."""

    key: Annotated[str, attribute("Stable name; search filters by spec.<key>.")]
    label: Annotated[str, attribute("Name for people.")]
    group: Annotated[str | None, attribute("Part of the sheet.")]
    unit: Annotated[str | None, attribute("UCUM code, for example mm.")]
    value: SpecValue


def show(sheet: Sequence[stores.specs.Spec]) -> list[Spec]:
    """Show a data sheet: its lines as they are."""
    return cast("list[Spec]", sheet)


@extend(
    Product,
    public=True,
    parts=STATE,
    state=state,
    cost=2,
    list_size=ListSize(assumed_size=30),
)
async def specs(
    products: Sequence[Product],
    info: Info,
    keys: Annotated[list[str] | None, argument("Only these.")] = strawberry.UNSET,
) -> Batch[list[Spec] | None]:
    """The data sheet; null only while its store does not answer."""
    asked = given(keys)
    wanted = None if asked is None else set(asked)
    sheets = await resolvers.products.specs(info.context, [one.row.specs_id for one in products])
    if wanted is None:
        return [show(sheet) for sheet in sheets]
    return [show([row for row in sheet if row.key in wanted]) for sheet in sheets]
