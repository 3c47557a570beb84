"""A check: what it walks through, what it compares there, and what it may mend."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from resolvers.context import Mall
from stores.sql import Database
from stores.walks import PAGE, Walk

K = TypeVar("K")

#: A page of sums takes longer than what a shopper may wait for.
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be: where, what would be right, and what is there."""

    check: str
    key: str
    expected: str
    found: str


#: Of each key that differs, how.
Differences = Mapping[K, Sequence[Difference]]
#: Makes copies again from what they are copies of; returns what it did, a sentence each.
Repair = Callable[[Mall, Sequence[K]], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Check(Generic[K]):
    """Compares one kind of thing, a page of keys at a time.

    `compare` reads everything about its keys anew, so that it can be asked again.
    """

    name: str
    #: What must hold, for whoever chooses among the checks.
    about: str
    #: Returns the keys behind one, or the first ones; none at the end.
    page: Callable[[Mall, K | None], Awaitable[Sequence[K]]]
    compare: Callable[[Mall, Sequence[K]], Awaitable[Differences[K]]]
    repair: Repair[K] | None = None
    #: Whoever takes in the events that feed a copy; it is waited for, and what it changes
    #: meanwhile is no difference.
    consumer: str | None = None


def of_the_shop(mall: Mall) -> Database:
    """Return the relational store."""
    return mall.stores.database


def of_the_ledger(mall: Mall) -> Database:
    """Return the database in which the ledger lies, which is the same unless it is told."""
    return mall.stores.accounts.database


def walking(
    walk: Walk[K], through: Callable[[Mall], Database] = of_the_shop
) -> Callable[[Mall, K | None], Awaitable[Sequence[K]]]:
    """Return the pages of a walk through a database."""

    async def page(mall: Mall, last: K | None) -> Sequence[K]:
        async with through(mall).moment(seconds=SECONDS) as session:
            return await walk.after(session, last)

    return page


def merged(*pages: Sequence[int]) -> list[int]:
    """Return the first keys of several walks that went on behind the same key, as one page."""
    return sorted({key for page in pages for key in page})[:PAGE]


def compared(
    check: str, key: object, facts: Iterable[tuple[str, object, object]]
) -> list[Difference]:
    """Return what differs among facts: what it is, what is expected and what was found."""
    return [
        Difference(check, str(key), f"{what}: {expected}", f"{what}: {found}")
        for what, expected, found in facts
        if expected != found
    ]
