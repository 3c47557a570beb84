"""Pages and counts of lists, those that are asked the same together."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from loaders.batch import KeyLoader
from stores.keyset import Window
from stores.sql import OperationDatabase, ReadSession

F = TypeVar("F", bound=Hashable)
S = TypeVar("S", bound=Hashable)
R = TypeVar("R")
Q = TypeVar("Q", bound=Hashable)
V = TypeVar("V")

#: What a store gives: by session, lists, filter, sort and window; and by session, lists and filter.
Pages = Callable[[ReadSession, list[int], F, S, Window], Awaitable[Mapping[int, list[R]]]]
Counts = Callable[[ReadSession, list[int], F], Awaitable[Mapping[int, int]]]


@dataclass(frozen=True, slots=True)
class Listing(Generic[F, S]):
    """What a list is asked for, whichever it is."""

    wanted: F
    sort: S
    window: Window


class AskedLoader(Generic[Q, V]):
    """A loader for each question, as the keys of one are only the lists."""

    def __init__(
        self, fetch: Callable[[Q, list[int]], Awaitable[Mapping[int, V]]], missing: V
    ) -> None:
        """Ask `fetch`; the answer for a list that it does not return is `missing`."""
        self._fetch, self._missing = fetch, missing
        self._loaders: dict[Q, KeyLoader[int, V]] = {}

    async def many(self, asked: Sequence[tuple[int, Q]]) -> list[V]:
        """Return an answer for each list and its question; equal questions are one call."""
        found: dict[tuple[int, Q], V] = {}
        for question in dict.fromkeys(question for _, question in asked):
            lists = [list_ for list_, its in asked if its == question]
            answers = await self._loader(question).many(lists)
            found |= {(one, question): told for one, told in zip(lists, answers, strict=True)}
        return [found[one] for one in asked]

    def forget(self) -> None:
        """Drop what was read."""
        self._loaders = {}

    def _loader(self, question: Q) -> KeyLoader[int, V]:
        async def fetch(lists: Collection[int]) -> Mapping[int, V]:
            return await self._fetch(question, list(lists))

        if question not in self._loaders:
            self._loaders[question] = KeyLoader(fetch, self._missing)
        return self._loaders[question]


class ListLoaders(Generic[F, S, R]):
    """Lists of one kind of row."""

    def __init__(
        self, database: OperationDatabase, pages: Pages[F, S, R], counts: Counts[F]
    ) -> None:
        """Ask these functions of a store, through the operation's view of the database."""

        async def fetch_pages(asked: Listing[F, S], lists: list[int]) -> Mapping[int, list[R]]:
            async with database.read() as session:
                return await pages(session, lists, asked.wanted, asked.sort, asked.window)

        async def fetch_counts(wanted: F, lists: list[int]) -> Mapping[int, int]:
            async with database.read() as session:
                return await counts(session, lists, wanted)

        self.pages: AskedLoader[Listing[F, S], list[R]] = AskedLoader(fetch_pages, missing=[])
        self.counts: AskedLoader[F, int] = AskedLoader(fetch_counts, missing=0)
