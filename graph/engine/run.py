"""Runs a plan: breadth first, all objects of a position together."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from graphql import (
    ExecutionResult,
    Executor,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    get_argument_values,
)
from graphql.pyutils import Path, is_awaitable

from graph.engine.collect import converted
from graph.engine.complete import complete
from graph.engine.fragments import Fragments, Key
from graph.engine.places import Places
from graph.engine.plan import Plan, Position, Waiting
from graph.engine.readings import Many, One, Reading
from graph.engine.selections import Field

#: (context, names of the parts that the fields of a plan need).
Begun: TypeAlias = Callable[[Any, frozenset[str]], None]

#: (context, whether no other field is awaited at this moment).
Alone: TypeAlias = Callable[[Any, bool], object]

#: A position, the sources that wait for it, and the objects of the answer that will hold it.
_Work: TypeAlias = tuple[Position, list[Any], list[dict[str, Any]]]


class Run:
    """One execution of a plan."""

    def __init__(self, plan: Plan, executor: Executor[Any], begun: Begun, alone: Alone) -> None:
        """Run for the variables of `executor`, which nobody else uses.

        `begun` is told first, `alone` in each task.
        """
        self._plan, self._begun, self._alone = plan, begun, alone
        self.executor = executor
        self._fragments: Fragments | None = None
        #: Returns what is kept under a key, or None.
        self.found: Callable[[Key], Any] = _nothing
        self.answer: dict[str, Any] = {"data": None}
        self.errors: list[GraphQLError] = []

    @property
    def operation(self) -> OperationDefinitionNode:
        """The operation that is executed."""
        return self.executor.operation

    @property
    def propagates(self) -> bool:
        """Whether an error of a non-null field goes up."""
        return self._plan.propagates

    async def result(
        self, root_value: Any, context_value: Any, fragments: Fragments | None = None
    ) -> ExecutionResult:
        """Return data and errors; it raises nothing that a field raises.

        With `fragments`, what can be kept is taken from there, and put there; but not by a
        mutation, which may read what is never committed.
        """
        if fragments is not None and not self._plan.is_serial:
            self._fragments, self.found = fragments, fragments.kept.get
        self.executor.root_value = root_value
        self.executor.context_value = context_value
        self._begun(context_value, self._plan.parts)
        root = self._plan.root
        waiting = self._put(root, [root_value], [self.answer])
        self._alone(context_value, True)  # noqa: FBT003  It is the whole message.
        try:
            await self._follow(root, waiting, is_serial=self._plan.is_serial)
        finally:
            self._alone(context_value, False)  # noqa: FBT003
        # An executor lies in a circle with its own helpers, and would hold the request for long.
        self.executor.root_value = self.executor.context_value = None
        return ExecutionResult(self.answer["data"], self.errors or None)

    def info(self, field: Field, path: Path | None = None) -> GraphQLResolveInfo[Any]:
        """Return what a resolver is told; without `path` that of the field alone."""
        one = self.executor
        return GraphQLResolveInfo(
            field_name=field.name,
            field_nodes=field.nodes,
            return_type=field.type,
            parent_type=field.parent,
            path=path or Path(None, field.key, field.parent.name),
            schema=one.schema,
            fragments=one.fragment_definitions,
            root_value=one.root_value,
            operation=one.operation,
            variable_values=one.variable_values,
            context=one.context_value,
            is_awaitable=one.is_awaitable,
            abort_signal=one.abort_signal,
            async_helpers=one.async_helpers,
        )

    def arguments(self, field: Field) -> Mapping[str, Any]:
        """Return the arguments of a field. Raises what is wrong with them."""
        if field.constants is not None:
            return field.constants
        coerced = get_argument_values(
            field.definition, field.details[0].node, self.executor.variable_values
        )
        return converted(field.reading, coerced)

    def keep(self, key: Key, value: Any) -> Any:
        """Keep a value, if anything is kept, and return what stands for it."""
        return self._fragments.put(key, value) if self._fragments else value

    async def _follow(self, position: Position, waiting: Waiting, *, is_serial: bool) -> None:
        """Run whatever the objects of a position wait for."""
        work = [
            left
            for slot, (sources, answers) in zip(position.slots, waiting, strict=True)
            for follower in slot.followers
            if (left := self._left(follower, sources, answers))[1]
        ]
        if is_serial or len(work) == 1:
            for one in work:
                if self.answer["data"] is not None:
                    await self._position(*one)
        elif work:
            await asyncio.gather(*(self._beside(*one) for one in work))

    async def _beside(
        self, position: Position, sources: list[Any], answers: list[dict[str, Any]]
    ) -> None:
        """Run a position in a task of its own, while others run."""
        self._alone(self.executor.context_value, False)  # noqa: FBT003
        await self._position(position, sources, answers)

    async def _position(
        self, position: Position, sources: list[Any], answers: list[dict[str, Any]]
    ) -> None:
        values = await self._values(position, sources, answers)
        errors = len(self.errors)
        waiting = self._put(position, values, answers)
        # Where one is wrong, none is kept.
        if len(self.errors) == errors:
            self._keep_all(position, sources, answers)
        await self._follow(position, waiting, is_serial=False)

    def _left(self, position: Position, sources: list[Any], answers: list[dict[str, Any]]) -> _Work:
        """Put what is kept into the answer; return what is left to be awaited."""
        question, place = position.awaited().question, position.key
        if question is None or self._fragments is None:
            return position, sources, answers
        for source, held in zip(sources, answers, strict=True):
            held[place] = self.found(question.of(source))
        left = [n for n, held in enumerate(answers) if held[place] is None]
        return position, [sources[n] for n in left], [answers[n] for n in left]

    def _keep_all(
        self, position: Position, sources: list[Any], answers: list[dict[str, Any]]
    ) -> None:
        question, place = position.awaited().question, position.key
        if question is not None and self._fragments is not None:
            for source, held in zip(sources, answers, strict=True):
                held[place] = self.keep(question.of(source), held[place])

    def _put(
        self, position: Position, values: Sequence[Any], answers: list[dict[str, Any]]
    ) -> Waiting:
        """Put values into the answer; return the objects among them that wait."""
        waiting = position.waiting()
        try:
            position.read(values, answers, waiting, self)
        except Exception:  # noqa: BLE001  Whatever it is, the slow path finds it again.
            return complete(position, values, answers, self)
        return waiting

    async def _values(
        self, position: Position, sources: list[Any], answers: list[dict[str, Any]]
    ) -> Sequence[Any]:
        """Return one value or Exception per source."""
        field = position.awaited()
        try:
            arguments = self.arguments(field)
            if isinstance(field.reading, Many):
                return await self._many(field, field.reading, sources, arguments)
            infos = self._infos(position, answers)
            return await _each(field.reading, sources, infos, arguments)
        except Exception as error:  # noqa: BLE001  It is the error of every place.
            return [error] * len(sources)

    async def _many(
        self, field: Field, reading: Many, sources: list[Any], arguments: Mapping[str, Any]
    ) -> Sequence[Any]:
        values: Sequence[Any] = await reading.function(sources, self.info(field), arguments)
        if len(values) != len(sources):
            raise ValueError(
                f"{field.parent}.{field.name} gave {len(values)} values for {len(sources)} sources."
            )
        return values

    def _infos(
        self, position: Position, answers: list[dict[str, Any]]
    ) -> Iterator[GraphQLResolveInfo[Any]]:
        field = position.awaited()
        places = Places(self.answer, position.steps[:-1])
        return (self.info(field, places.path(held, field)) for held in answers)


def _nothing(_key: Key) -> None:
    """Find nothing."""


async def _each(
    reading: Reading,
    sources: list[Any],
    infos: Iterator[GraphQLResolveInfo[Any]],
    arguments: Mapping[str, Any],
) -> list[Any]:
    """Call a resolver for each source, and await together what is awaitable."""
    assert isinstance(reading, One)  # noqa: S101  Nothing else is awaited.
    values = []
    for source, info in zip(sources, infos, strict=True):
        try:
            values.append(reading.resolve(source, info, **arguments))
        except Exception as error:  # noqa: BLE001  It is the error of this place.
            values.append(error)
    places = [n for n, value in enumerate(values) if is_awaitable(value)]
    awaited = await asyncio.gather(*(_caught(values[n]) for n in places))
    for n, value in zip(places, awaited, strict=True):
        values[n] = value
    return values


async def _caught(awaitable: Awaitable[Any]) -> Any:
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001  It is the error of this place.
        return error
