"""The door of the shop: of more at once than a shop can do, none would be done in time.

Each of three hundred `placeOrder` at once takes three hundred times as long as one alone. All of
them pass their deadlines then, all of the work is lost, and all are sent again.

    with door.visit(begin_by) as visit:       a request, once its body is there
        async with visit.place(operation):    what is known of it, once it is parsed

A query is counted until it is answered. A mutation is counted with the queries only until it is
known to be one; then it waits for a place of its own, and pushes no query away. Carts have their
own store and their own places: they are filled while orders are stuck, and the other way round.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from time import perf_counter

from graphql import FieldNode, OperationDefinitionNode, OperationType

from resolvers.cart_edits import ADD, MERGE, UPDATE

#: An operation of nothing but these waits for a place at the carts.
OF_CARTS = frozenset({ADD, UPDATE, MERGE})
#: Requests that are parsed, and queries that are answered, at once; each more only makes the others
#: late.
INSIDE = 128
#: Seconds of a turn of the event loop, of which a request takes a dozen. While turns are longer, a
#: worker has more to do than it can: fewer and fewer are let in, down to FEW.
SLOW_TURN = 0.25
FEW = 32
#: Mutations that run at once; with more, a database commits no more of them in a second.
PLACES = 16
#: Mutations that wait for a place: so many have their turn in time even if each takes 0.3 seconds.
WAITING = 128
RETRY_AFTER_MS = 1_000


class Overloaded(Exception):
    """There is no room, or no place became free in time; nothing was begun."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who is at one queue now, and how many were turned away there since the start."""

    inside: int
    waiting: int
    turned_away: int


class Limit:
    """So many at once and no more; nobody waits."""

    def __init__(self, most: int) -> None:
        """Begin empty."""
        self._most = most
        self.inside = self.turned_away = 0

    @contextmanager
    def one(self, most: int | None = None) -> Generator[None]:
        """Be counted while the block runs. Raises Overloaded if there are enough already.

        `most` may tell that fewer are enough now.
        """
        if self.inside >= min(self._most, self._most if most is None else most):
            self.turned_away += 1
            raise Overloaded
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    def crowd(self) -> Crowd:
        """Return who is there."""
        return Crowd(self.inside, 0, self.turned_away)


class Pace:
    """How many a worker can do with at once: half as many after a long turn, one more after others.

    Long turns of the event loop are work of this process, and no waiting for a store.
    """

    def __init__(self) -> None:
        """Begin with as many as there may ever be."""
        self.most = INSIDE
        self._is_timed = False

    def time(self) -> None:
        """Time the turn that begins, unless one is timed already."""
        if not self._is_timed:
            self._is_timed = True
            asyncio.get_running_loop().call_soon(self._came_round, perf_counter())

    def _came_round(self, began: float) -> None:
        is_long = perf_counter() - began > SLOW_TURN
        self.most = max(FEW, self.most // 2) if is_long else min(INSIDE, self.most + 1)
        self._is_timed = False


class Queue:
    """Places of which so many are taken at once; those who came first go first."""

    def __init__(self) -> None:
        """Begin empty."""
        self._free = asyncio.Semaphore(PLACES)
        self._waiting = Limit(WAITING)
        self._inside = self._late = 0

    @asynccontextmanager
    async def place(self, begin_by: float) -> AsyncGenerator[None]:
        """Hold a place while the block runs. Raises Overloaded if none is free by then."""
        try:
            with self._waiting.one():
                async with asyncio.timeout_at(begin_by):
                    await self._free.acquire()
        except TimeoutError as error:
            self._late += 1
            raise Overloaded from error
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            self._free.release()

    def crowd(self) -> Crowd:
        """Return who is there; who waited in vain was turned away too."""
        return Crowd(self._inside, self._waiting.inside, self._waiting.turned_away + self._late)


class Door:
    """The door of one process."""

    def __init__(self) -> None:
        """Begin with nobody inside."""
        self._inside = Limit(INSIDE)
        self._pace = Pace()
        self._carts, self._others = Queue(), Queue()

    @contextmanager
    def visit(self, begin_by: float) -> Generator["Visit"]:
        """Let a request in while the block runs; a mutation of it begins by then, or never.

        `begin_by` is a time of the event loop. Raises Overloaded.
        """
        self._pace.time()
        with ExitStack() as counted:
            counted.enter_context(self._inside.one(self._pace.most))
            yield Visit(self, counted.close, begin_by)

    def queue(self, mutation: OperationDefinitionNode) -> Queue:
        """Return where a mutation waits; what does not name its fields is none of the carts."""
        selections = mutation.selection_set.selections
        names = {one.name.value if isinstance(one, FieldNode) else "..." for one in selections}
        return self._carts if names <= OF_CARTS else self._others

    def crowds(self) -> dict[str, Crowd]:
        """Return who is at each queue: `requests` is everybody who waits for no place."""
        return {
            "requests": self._inside.crowd(),
            "carts": self._carts.crowd(),
            "mutations": self._others.crowd(),
        }


class Visit:
    """One request inside."""

    def __init__(self, door: Door, leave: Callable[[], None], begin_by: float) -> None:
        """Be one; `leave` ends being counted with the queries."""
        self._door, self._leave, self._begin_by = door, leave, begin_by

    @asynccontextmanager
    async def place(self, operation: OperationDefinitionNode) -> AsyncGenerator[None]:
        """Hold what `operation` needs while the block runs. Raises Overloaded.

        A query waits for nobody: a store that is stuck must not keep the others from it.
        """
        if operation.operation is not OperationType.MUTATION:
            yield
            return
        self._leave()
        async with self._door.queue(operation).place(self._begin_by):
            yield
