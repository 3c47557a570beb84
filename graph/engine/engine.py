"""The engine of a schema: keeps a plan for each operation, and runs it."""

from typing import Any

from graphql import DocumentNode, ExecutionResult, Executor, GraphQLSchema, OperationType

from graph.engine.collect import collect
from graph.engine.function import Classes, Scalars
from graph.engine.generate import Generator
from graph.engine.plan import Plan, lay_out, parts_of
from graph.engine.readings import ReadingOf
from graph.engine.recent import Recent
from graph.engine.run import Alone, Begun, Run
from graph.engine.selections import Unplannable
from graph.engine.variables import conditions

OperationExecutor = Executor[Any]

_DOCUMENTS = 500


def _nothing(_context: Any, _told: object) -> None:
    """Tell nobody."""


class Engine:
    """Executes operations of a schema by plans, a subscription for one event that is its root."""

    def __init__(
        self,
        schema: GraphQLSchema,
        reading_of: ReadingOf,
        classes: Classes | None = None,
        scalars: Scalars | None = None,
        *,
        capacity: int = 10_000,
        begun: Begun = _nothing,
        alone: Alone = _nothing,
    ) -> None:
        """Execute by `schema`; `reading_of` tells how its fields are read.

        `classes` names the GraphQL type of objects of a Python class, so that no object is asked
        for its type; `scalars` tells how values of a Python class are serialized.

        `begun` is told of each execution before its first field is read: the context, and the parts
        that its fields name. Where graphql-core executes, nobody knows the parts.

        `alone` is told, in each task of an execution, whether no other field of it is awaited now:
        then nothing is gained by waiting for others who may ask the same store.

        Plans of `capacity` fields are kept, one for each (document, name of operation, values of
        variables in @skip and @include). A document is known by being the very same object:
        whoever keeps documents keeps their plans.
        """
        self.schema = schema
        self._reading_of, self._begun, self._alone = reading_of, begun, alone
        self._generate = Generator(classes or {}, scalars or {})
        # A value holds its document, so that no other can have the same id() meanwhile.
        self._conditions: Recent[int, tuple[DocumentNode, tuple[str, ...]]] = Recent(_DOCUMENTS)
        self.plans: Recent[object, tuple[DocumentNode, Plan | Unplannable]] = Recent(capacity)

    async def execute(
        self,
        document: DocumentNode,
        *,
        root_value: Any = None,
        context_value: Any = None,
        variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> ExecutionResult | None:
        """Return data and errors of a valid document; None if it is graphql-core's to execute.

        That is what the engine does not know, and what has wrong variables or no such operation:
        graphql-core tells of it.
        """
        run = self.prepare(document, variable_values, operation_name)
        return None if run is None else await run.result(root_value, context_value)

    def prepare(
        self,
        document: DocumentNode,
        variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Run | None:
        """Return what executes a valid document, once; None as `execute` does."""
        executor = Executor.build(
            self.schema, document, None, None, variable_values, operation_name
        )
        if isinstance(executor, list):
            return None
        plan = self._kept(document, executor, operation_name)
        if isinstance(plan, Unplannable):
            return None
        return Run(plan, executor, self._begun, self._alone)

    def plan(
        self,
        document: DocumentNode,
        variable_values: dict[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> Plan:
        """Return the plan of an operation. Raises GraphQLError or Unplannable."""
        executor = Executor.build(
            self.schema, document, None, None, variable_values, operation_name
        )
        if isinstance(executor, list):
            raise executor[0]
        return self._made(executor)

    def _kept(
        self, document: DocumentNode, executor: OperationExecutor, name: str | None
    ) -> Plan | Unplannable:
        values = executor.variable_values.coerced
        asked = (values.get(one) for one in self._asked(document))
        key = (id(document), name, *asked)
        kept = self.plans.get(key)
        if kept is None:
            plan = self._tried(executor)
            kept = self.plans.put(key, (document, plan), plan.weight)
        return kept[1]

    def _asked(self, document: DocumentNode) -> tuple[str, ...]:
        kept = self._conditions.get(id(document))
        if kept is None:
            kept = self._conditions.put(id(document), (document, conditions(document)))
        return kept[1]

    def _tried(self, executor: OperationExecutor) -> Plan | Unplannable:
        try:
            return self._made(executor)
        except Unplannable as error:
            return error

    def _made(self, executor: OperationExecutor) -> Plan:
        try:
            whole = collect(executor, self._reading_of)
            root = lay_out(whole, self._generate)
            parts = parts_of(whole)
        except RecursionError as error:
            raise Unplannable("It is nested too deeply.") from error
        return Plan(
            root,
            is_serial=executor.operation.operation is OperationType.MUTATION,
            propagates=executor.error_propagation,
            parts=parts,
        )
