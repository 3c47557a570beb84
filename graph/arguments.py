"""Arguments as functions take them: what converts those of a field is made once.

Strawberry finds out for each value of each request anew what its type is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING
from functools import partial
from typing import Any, TypeAlias

import strawberry
from strawberry.types.arguments import convert_argument
from strawberry.types.base import (
    StrawberryList,
    StrawberryObjectDefinition,
    StrawberryOptional,
    get_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

Convert: TypeAlias = Callable[[Any], Any]


class Arguments:
    """Converts what graphql-core has coerced, by the types of one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        """Know no type yet."""
        self._names = schema.config.name_converter
        self._scalars = schema.schema_converter.scalar_registry
        self._config = schema.config
        self._inputs: dict[type, Convert] = {}

    def of(self, field: StrawberryField) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
        """Return what converts the arguments of a field."""
        return _Named(
            (self._names.from_argument(one), one.python_name, self._value(one.type))
            for one in field.arguments
        )

    def _value(self, type_: Any) -> Convert:
        """Return what converts a value of a type; null and what was left out stay so."""
        if isinstance(type_, StrawberryOptional):
            return self._value(type_.of_type)
        if isinstance(type_, StrawberryList):
            return partial(_list, self._value(type_.of_type))
        if isinstance(type_, StrawberryEnumDefinition) or type_ in self._scalars:
            return _as_it_is
        told = get_object_definition(type_)
        if told is None or not told.is_input or told.from_input is not None:
            return partial(self._by_strawberry, type_)
        return lambda value: self._input(told, value)

    def _by_strawberry(self, type_: Any, value: Any) -> Any:
        return convert_argument(value, type_, self._scalars, self._config)

    def _input(self, told: StrawberryObjectDefinition, value: Any) -> Any:
        if value is None or value is strawberry.UNSET:
            return value
        if told.origin not in self._inputs:
            self._inputs[told.origin] = self._made(told)
        return self._inputs[told.origin](value)

    def _made(self, told: StrawberryObjectDefinition) -> Convert:
        """Return what makes inputs of a type, which may hold others of it."""
        named = _Named(
            (self._names.from_field(one), one.python_name, self._value(one.resolve_type()))
            for one in told.fields
        )
        bare = {one.python_name: None for one in told.fields if _has_no_default(one)}
        return lambda value: told.origin(**{**bare, **named(value)})


class _Named:
    """Converts a mapping, name by name; names that were not sent are left out."""

    def __init__(self, parts: Iterable[tuple[str, str | None, Convert]]) -> None:
        self._parts = [(sent, name or sent, convert) for sent, name, convert in parts]

    def __call__(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: convert(value[sent]) for sent, name, convert in self._parts if sent in value}


def _has_no_default(field: StrawberryField) -> bool:
    return field.default_value is MISSING and field.default_factory is MISSING


def _as_it_is(value: Any) -> Any:
    return value


def _list(convert: Convert, values: Any) -> Any:
    # A copy in any case: what is given may be the default of all requests.
    is_list = values is not None and values is not strawberry.UNSET
    return [convert(value) for value in values] if is_list else values
