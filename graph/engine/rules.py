"""Rules of the specification for one value, asked by the generated functions and the slow path.

What is wrong is raised. A generated function is left by any Exception; the slow path then asks
the same rule again, and knows where the error belongs.
"""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLAbstractType,
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLString,
    Undefined,
    default_type_resolver,
)
from graphql.execution.executor import invalid_return_type_error

from graph.engine.selections import Field

if TYPE_CHECKING:
    from graph.engine.run import Run


class Irregular(Exception):
    """A generated function met what it does not expect."""


#: Values that are serialized already, as Python tells them; the others are asked of their type.
AS_THEY_ARE: dict[GraphQLLeafType, str] = {
    GraphQLString: "{0}.__class__ is str",
    GraphQLID: "{0}.__class__ is str",
    GraphQLBoolean: "{0}.__class__ is bool",
    GraphQLInt: "{0}.__class__ is int and -2147483648 <= {0} <= 2147483647",
    # Neither infinite nor no number.
    GraphQLFloat: "{0}.__class__ is float and {0} - {0} == 0.0",
}


def serializer(type_: GraphQLLeafType) -> Callable[[Any], Any]:
    """Return the function that serializes values of a scalar or an enum."""
    coerce = type_.coerce_output_value

    def serialize(value: Any) -> Any:
        if value is None or value is Undefined or isinstance(value, Exception):
            raise Irregular
        done = coerce(value)
        if done is None or done is Undefined:
            raise Irregular
        return done

    return serialize


class EnumNames(dict[Any, str]):
    """Names of the members of a Python enum; what is no such member is serialized each time."""

    def __init__(self, type_: GraphQLLeafType) -> None:
        """Begin empty."""
        super().__init__()
        self._serialize = serializer(type_)

    def __missing__(self, value: Any) -> Any:
        """Serialize, and remember."""
        name = self._serialize(value)
        # A member of an IntEnum would be found by its number, too.
        if isinstance(value, Enum) and type(value).__eq__ is object.__eq__:
            self[value] = name
        return name


def check_object(value: Any, type_: GraphQLObjectType, field: Field, run: "Run") -> None:
    """Raise unless the value is an object of the type."""
    if value is None or value is Undefined or isinstance(value, Exception):
        raise Irregular
    if type_.is_type_of is not None and not type_.is_type_of(value, run.info(field)):
        raise invalid_return_type_error(type_, value, field.details)


def name_of(value: Any, type_: GraphQLAbstractType, field: Field, run: "Run") -> str:
    """Return the name of the type that a value of an interface or union has."""
    if value is None or value is Undefined or isinstance(value, Exception):
        raise Irregular
    info = run.info(field)
    name = (type_.resolve_type or default_type_resolver)(value, info, type_)
    found = run.executor.ensure_valid_runtime_type(name, type_, field.details, info, value)
    check_object(value, found, field, run)
    return found.name
