"""How operations are executed: by the engine's plans, over documents that are kept."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeGuard, cast

import strawberry
from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from graph.arguments import Arguments
from graph.declare import HELD, ROWS
from graph.directives import RoleGuard
from graph.documents import Document
from graph.engine import Attribute, Computed, Engine, Itself, Many, One, Reading, Run
from graph.engine.recent import Recent
from graph.scalars import WRITTEN
from resolvers.context import Context

#: Characters of documents that are kept; each needs some eighty bytes once it is parsed.
CHARACTERS = 200_000


class Planner:
    """What lives as long as a schema: its engine, and valid documents by their text."""

    def __init__(self, schema: strawberry.Schema) -> None:
        """Execute by `schema`."""
        core = schema._schema  # noqa: SLF001  Strawberry shows it by no other name.
        classes = dict(_classes(schema))
        self.engine = Engine(
            core, _reading_of(schema), classes, WRITTEN, begun=_want, alone=_leave_alone
        )
        self.documents: Recent[str, Document] = Recent(CHARACTERS)

    def prepare(
        self, text: str | None, variables: dict[str, Any] | None, operation_name: str | None
    ) -> tuple[Run, Document] | None:
        """Return what executes a document that is known and has a plan; None for any other."""
        document = self.documents.get(text or "")
        if document is None:
            return None
        run = self.engine.prepare(document.node, variables, operation_name)
        return (run, document) if run else None


class Planned(SchemaExtension):
    """Executes an operation by its plan; what has none, Strawberry hands to graphql-core.

    A document is kept once it has been found valid, so nothing of one request reaches another.
    Extensions that wrap the resolver of each field are not asked for fields that have none.
    """

    def __init__(self, planner: Planner) -> None:
        """Use what lives as long as the schema."""
        self._planner = planner
        self._is_kept = False

    def on_parse(self) -> Iterator[None]:
        """Spare parsing a document that is kept."""
        told = self.execution_context
        if told.graphql_document is None and told.query:
            # Whoever asked the planner for what is known has been counted already.
            known = self._planner.documents.peek(told.query)
            told.graphql_document = known.node if known else None
            self._is_kept = known is not None
        yield

    def on_validate(self) -> Iterator[None]:
        """Spare validating a document that is kept; keep one that is valid."""
        told = self.execution_context
        if self._is_kept and told.pre_execution_errors is None:
            told.pre_execution_errors = []
        yield
        text, document = told.query or "", told.context.document
        if document is not None and not self._is_kept and told.pre_execution_errors == []:
            self._planner.documents.put(text, document, len(text))

    async def on_execute(self) -> AsyncGenerator[None]:
        """Execute, if there is a plan."""
        told = self.execution_context
        if told.graphql_document is not None:
            told.result = await self._planner.engine.execute(
                told.graphql_document,
                root_value=told.root_value,
                context_value=told.context,
                variable_values=told.variables,
                # As the client named it: so the planner asks for the plan the next time.
                operation_name=told._provided_operation_name,  # noqa: SLF001  Its public name guesses.
            )
        yield


def _classes(schema: strawberry.Schema) -> Iterator[tuple[type, str]]:
    for name, held in schema.schema_converter.type_map.items():
        one = held.definition
        if isinstance(one, StrawberryObjectDefinition) and not (
            one.is_input or one.is_interface or one.is_graphql_generic
        ):
            yield one.origin, name
            yield from ((rows, name) for rows, shown in ROWS.items() if shown is one.origin)


def _reading_of(schema: strawberry.Schema) -> Callable[..., Reading]:
    arguments = Arguments(schema)

    def reading_of(type_: GraphQLObjectType, _name: str, told: GraphQLField) -> Reading:
        field = told.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if isinstance(field, StrawberryField):
            owner = type_.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].origin
            if known := _known_reading(field, arguments, HELD.get(owner)):
                return known
        return One(told.resolve) if told.resolve else One()

    return reading_of


def _known_reading(
    field: StrawberryField, arguments: Arguments, row: type | None
) -> Reading | None:
    if field.is_basic_field:
        return _attribute(field.python_name, row)
    parts = frozenset(field.metadata.get("parts", ()))
    # What is kept is shown to everybody.
    state = None if field.extensions else field.metadata.get("state")
    if "is_itself" in field.metadata:
        return Itself()
    if all(isinstance(one, RoleGuard) for one in field.extensions):
        if "batch" in field.metadata:
            many = _guarded(field, field.metadata["batch"].many)
            return Many(many, arguments.of(field), parts, state)
        if "is_root" in field.metadata:
            return Many(_guarded(field, _of_root(field)), arguments.of(field), parts)
    if _is_pure(field.base_resolver) and not field.extensions:
        return Computed(_function(field.base_resolver), arguments.of(field), parts, state)
    return None


def _attribute(name: str, row: type | None) -> Attribute:
    """Return an attribute of an object, or of the row that it holds."""
    if row is None or name not in {one.name for one in fields(row)}:
        return Attribute(name)
    return Attribute(f"row.{name}", frozenset({f"{row.__name__}.{name}"}))


def _want(ctx: Context, parts: frozenset[str]) -> None:
    ctx.loaders.want(parts)


def _leave_alone(ctx: Context, is_left: bool) -> None:  # noqa: FBT001  As the engine calls it.
    ctx.loaders.leave_alone(is_left)


def _is_pure(told: StrawberryResolver[Any] | None) -> TypeGuard[StrawberryResolver[Any]]:
    """Return whether it is a method of the object that is told of nothing else."""
    return (
        told is not None
        and not told.is_async
        and told.self_parameter is not None
        and told.info_parameter is None
    )


def _function(told: StrawberryResolver[Any] | None) -> Callable[..., Any]:
    """Return what a resolver calls; it looks each time anew what that is."""
    return cast("Callable[..., Any]", told and told.wrapped_func)


def _of_root(field: StrawberryField) -> Callable[..., Any]:
    """Return the field of the one root as one of many sources."""
    function = _function(field.base_resolver)

    async def many(
        _roots: Sequence[Any], info: strawberry.Info, arguments: Mapping[str, Any]
    ) -> Sequence[Any]:
        return [await function(info=info, **arguments)]

    return many


def _guarded(field: StrawberryField, many: Callable[..., Any]) -> Callable[..., Any]:
    """Return what asks for the roles of a field before `many` is asked."""
    guards = [one for one in field.extensions if isinstance(one, RoleGuard)]

    async def guarded(
        sources: Sequence[Any], info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]
    ) -> Sequence[Any]:
        shown = strawberry.Info(_raw_info=info, _field=field)
        for guard in guards:
            guard.check(shown)
        return cast("Sequence[Any]", await many(sources, shown, arguments))

    return guarded
