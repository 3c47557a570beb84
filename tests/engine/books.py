"""A small schema whose batch fields tell when they are called."""

import asyncio
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from graphql import ExecutionResult, GraphQLField, GraphQLObjectType, build_schema, parse

from graph.engine import Attribute, Computed, Engine, Many, One, Reading

SDL = """
type Query { books(first: Int = 2): [Book!]!, slow: String, deep: Book }
type Book { title(upper: Boolean = false): String!, author: Author, price: Int, next: Book }
type Author { name: String!, books: [Book!]! }
directive @stream on FIELD
directive @defer on FRAGMENT_SPREAD | INLINE_FRAGMENT
"""


class Library:
    """Books, and what was asked about them."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.is_slow_done = asyncio.Event()
        writer = SimpleNamespace(name="Wu")
        self.books = [
            SimpleNamespace(title="tea", writer=writer),
            SimpleNamespace(title="go", writer=writer),
        ]
        writer.books = self.books

    def reading_of(self, type_: GraphQLObjectType, name: str, told: GraphQLField) -> Reading:
        if name == "title":
            return Computed(lambda book, upper: book.title.upper() if upper else book.title)
        if name == "name":
            return Attribute("name")
        return One(self._slow) if name == "slow" else Many(getattr(self, f"_{name}"))

    async def ask(self, text: str, **variables: Any) -> ExecutionResult:
        engine = Engine(build_schema(SDL), self.reading_of)
        result = await engine.execute(parse(text), variable_values=variables)
        assert result is not None
        return result

    async def _books(
        self, sources: Sequence[Any], info: Any, arguments: Mapping[str, Any]
    ) -> list[Any]:
        self.calls.append(f"books of {len(sources)}")
        return [self.books[: arguments.get("first")] for _ in sources]

    async def _author(self, sources: Sequence[Any], info: Any, arguments: Any) -> list[Any]:
        self.calls.append(f"authors of {len(sources)}")
        return [one.writer for one in sources]

    async def _price(self, sources: Sequence[Any], info: Any, arguments: Any) -> list[Any]:
        self.calls.append(f"prices of {len(sources)}")
        if len(sources) > 2:
            raise LookupError("no prices")
        return [7] * (len(sources) - 1)

    async def _slow(self, source: Any, info: Any) -> str:
        await self.is_slow_done.wait()
        return "done"

    async def _next(self, sources: Sequence[Any], info: Any, arguments: Any) -> list[Any]:
        self.is_slow_done.set()
        return [None for _ in sources]

    async def _deep(self, sources: Sequence[Any], info: Any, arguments: Any) -> list[Any]:
        return self.books[:1]
