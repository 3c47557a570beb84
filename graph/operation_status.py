"""What became of a mutation, told by its key."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, TypeAlias, TypeVar

import strawberry

from graph.batch import Info
from graph.declare import argument, attribute, gql_enum, gql_type, query
from graph.nodes import Kind, Node
from resolvers.context import Context
from resolvers.mutations import Mutation, Targets
from resolvers.operation_status import Committed, committed
from stores.errors import Invalid

#: How a key is looked up, by mutation and key.
Lookup: TypeAlias = Callable[[Context, str, str], Awaitable[Committed | None]]
#: How the main object of a mutation is found again from what its key is kept with.
Finder: TypeAlias = Callable[[Context, Targets], Awaitable[Node | None]]

F = TypeVar("F", bound=Finder)

_finders: dict[str, tuple[Lookup, Finder]] = {}
#: Mutations that go on behind their own transaction -> whether an object awaits somebody.
_awaiting: dict[str, Callable[[Any], bool]] = {}


class OperationState(Enum):
    """How far a mutation got."""

    UNKNOWN = "UNKNOWN"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


gql_enum(
    OperationState,
    UNKNOWN="Not committed: sending the same key again is safe.",
    IN_PROGRESS="A payment has begun; the provider's answer is awaited.",
    COMPLETED="Done; object is the result.",
)


def found_by_key(mutation: Mutation[Any], kind: Kind[Any], field: str) -> None:
    """Let a mutation be looked up; the key of its main object, of this kind, is `field`."""

    async def find(ctx: Context, targets: Targets) -> Node | None:
        shown: Node | None = await kind.one(ctx, targets[field])
        return shown

    _finders[mutation.name] = committed, find


def finds_payment(mutation: Mutation[Any], kind: Kind[Any], field: str) -> None:
    """Let a mutation be looked up whose object may wait for a provider."""
    found_by_key(mutation, kind, field)
    _awaiting[mutation.name] = lambda shown: shown.is_awaited()


def finds(mutation: str, lookup: Lookup = committed) -> Callable[[F], F]:
    """Let a mutation be looked up whose main object is found by other facts than its key.

    `lookup` is for one whose keys lie in another store than the relational one.
    """

    def declare(find: F) -> F:
        _finders[mutation] = lookup, find
        return find

    return declare


def looked_up() -> frozenset[str]:
    """Return the names of the mutations that can be looked up: a test compares all."""
    return frozenset(_finders)


@gql_type(public=True)
class OperationStatus:
    """What became of a mutation, looked up by its key."""

    state: OperationState
    object: Annotated[Node | None, attribute("The main object of the payload.")]
    started_at: datetime | None
    completed_at: datetime | None


_UNKNOWN = OperationStatus(
    state=OperationState.UNKNOWN, object=None, started_at=None, completed_at=None
)


@query(public=True)
async def operation_status(
    info: Info,
    idempotency_key: strawberry.ID,
    mutation: Annotated[str, argument("Name of the field, for example placeOrder.")],
) -> OperationStatus:
    """What became of a mutation of the caller whose answer was lost."""
    lookup, find = _ways(mutation)
    done = await lookup(info.context, mutation, idempotency_key)
    if done is None:
        return _UNKNOWN
    found = await find(info.context, done.targets)
    return _reached(mutation, done, found)


def _ways(mutation: str) -> tuple[Lookup, Finder]:
    """Return how a key and the main object of a mutation are found. Raises Invalid."""
    if mutation not in _finders:
        raise Invalid(
            f"There is no mutation {mutation!r:.60}; send the name of a field, as placeOrder.",
            ("mutation",),
        )
    return _finders[mutation]


def _reached(mutation: str, done: Committed, found: Node | None) -> OperationStatus:
    """Return how far a mutation got that was committed, with its main object as it is now."""
    is_running = found is not None and mutation in _awaiting and _awaiting[mutation](found)
    return OperationStatus(
        state=OperationState.IN_PROGRESS if is_running else OperationState.COMPLETED,
        object=found,
        started_at=done.started_at,
        completed_at=None if is_running else done.started_at,
    )
