"""What the engine promises beside right answers: who is called how often, and when."""

import asyncio
import gc
import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLField,
    GraphQLObjectType,
    build_schema,
    execute,
    get_argument_values,
    parse,
)

from graph.engine import (
    Attribute,
    Computed,
    Engine,
    Many,
    One,
    Reading,
    Unplannable,
    by_resolver,
    complete,
    run,
    show,
)
from graph.engine.recent import Recent
from tests.engine import fuzz
from tests.engine.world import SCHEMA, make_engine

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


async def test_batch_field_is_called_once_with_all_sources() -> None:
    library = Library()
    result = await library.ask("{ books { title author { name books { author { name } } } } }")

    assert result.errors is None
    assert library.calls == ["books of 1", "authors of 2", "books of 2", "authors of 4"]


async def test_followers_wait_only_for_what_they_follow() -> None:
    result = await asyncio.wait_for(Library().ask("{ slow books { next { title } } }"), 5)

    assert result.data == {"slow": "done", "books": [{"next": None}, {"next": None}]}


async def test_error_of_a_batch_is_that_of_each_place() -> None:
    result = await Library().ask("{ books { author { books { price } } } }")

    assert [(error.path, error.message) for error in result.errors or ()] == [
        (["books", a, "author", "books", b, "price"], "no prices") for a in (0, 1) for b in (0, 1)
    ]
    assert all(isinstance(error.original_error, LookupError) for error in result.errors or ())
    assert [error.locations for error in result.errors or ()] == [[(1, 28)]] * 4


async def test_batch_that_gives_too_few_values_is_an_error_everywhere() -> None:
    result = await Library().ask("{ books { price } }")

    assert result.data == {"books": [{"price": None}, {"price": None}]}
    assert [error.message for error in result.errors or ()] == [
        "Book.price gave 1 values for 2 sources."
    ] * 2


async def test_arguments_without_variables_are_coerced_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = parse(
        "query ($n: Int) { a: books(first: 1) { title } b: books(first: $n) { title(upper: true) } }"
    )
    engine = Engine(build_schema(SDL), Library().reading_of)
    first = await engine.execute(document, variable_values={"n": 1})
    coerced = []

    def noted(definition: Any, node: Any, values: Any) -> Any:
        coerced.append(node.alias.value)
        return get_argument_values(definition, node, values)

    monkeypatch.setattr("graph.engine.run.get_argument_values", noted)
    second = await engine.execute(document, variable_values={"n": 2})

    assert first is not None
    assert second is not None
    assert first.data == {"a": [{"title": "tea"}], "b": [{"title": "TEA"}]}
    assert second.data == {"a": [{"title": "tea"}], "b": [{"title": "TEA"}, {"title": "GO"}]}
    assert coerced == ["b"]


async def test_regular_values_never_take_the_slow_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.engine.values.RATES", (0.0,))
    monkeypatch.setattr(run, "complete", None)
    engine = make_engine()
    for case in fuzz.cases(200, 1):
        result, _ = await fuzz.by_engine(engine, case)
        assert result is not None
        assert result.errors is None, case.text


async def test_slow_path_alone_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = list(fuzz.cases(200, 2))
    fast = [await fuzz.by_engine(make_engine(), case) for case in cases]

    def put(self: run.Run, position: Any, values: Any, answers: Any) -> Any:
        return complete.complete(position, values, answers, self)

    monkeypatch.setattr(run.Run, "_put", put)
    slow = [await fuzz.by_engine(make_engine(), case) for case in cases]

    assert [_sent(one) for one, _ in slow] == [_sent(one) for one, _ in fast]


def _sent(result: ExecutionResult | None) -> str:
    assert result is not None
    return json.dumps(result.formatted)


async def test_engine_leaves_no_coroutine_behind() -> None:
    # A warning would be an error.
    engine = make_engine()
    for case in fuzz.cases(200, 3):
        await fuzz.by_engine(engine, case)
    gc.collect()


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { types { name } } }",
        '{ deep { title ... on Book @defer(label: "x") { price } } }',
        "{ books @stream(initialCount: 1) { title } }",
        "query @experimental_disableErrorPropagation { deep { title } }",
        "query ($if: Boolean) { deep @skip(if: $if) { title } }",
        "{ deep " + "{ next " * 61 + "{ title }" + " }" * 62,
        "{ deep " + "{ author { books " * 31 + "{ title }" + " } }" * 31 + " }",
    ],
)
async def test_what_the_engine_does_not_know_has_no_plan(text: str) -> None:
    engine = Engine(build_schema(SDL), Library().reading_of)

    assert await engine.execute(parse(text)) is None
    with pytest.raises(Unplannable):
        engine.plan(parse(text))


async def test_wrong_variables_and_names_are_left_to_graphql_core() -> None:
    engine = Engine(build_schema(SDL), Library().reading_of)

    assert await engine.execute(parse("query ($n: Int!) { books(first: $n) { title } }")) is None
    assert await engine.execute(parse("query A { deep { title } }"), operation_name="B") is None


async def test_lists_deeper_than_python_nests_loops_have_no_plan() -> None:
    type_ = "[" * 25 + "Int" + "]" * 25
    engine = Engine(build_schema(f"type Query {{ deep: {type_} }}"), lambda *_: Attribute("deep"))

    with pytest.raises(Unplannable, match="nested too deeply"):
        engine.plan(parse("{ deep }"))


async def test_any_schema_runs_by_its_resolvers() -> None:
    engine = Engine(SCHEMA, by_resolver)
    for case in fuzz.cases(100, 4):
        assert await fuzz.wrong(engine, case) is None
    schema = build_schema("type Query { a: Int, b: [Query!] }")
    root = {"a": lambda _info: 1, "b": [{"a": 2}, {"a": None}]}
    result = await Engine(schema, by_resolver).execute(parse("{ a b { a } }"), root_value=root)

    assert result == execute(schema, parse("{ a b { a } }"), root)


async def test_each_value_of_a_condition_has_a_plan_of_its_own() -> None:
    document = parse(
        "query ($a: Boolean!, $n: Int) { books(first: $n) { title @skip(if: $a) author { name } } }"
    )
    engine = Engine(build_schema(SDL), Library().reading_of)
    for skipped in (True, False, True):
        for n in (1, 2):
            result = await engine.execute(document, variable_values={"a": skipped, "n": n})
            assert result is not None
            assert result.data is not None
            assert ["title" in one for one in result.data["books"]] == [not skipped] * n

    assert len(engine._plans) == 2


def test_kept_values_are_bounded_by_their_weight() -> None:
    recent: Recent[str, str] = Recent(10)
    for name, weight in {"a": 4, "b": 4, "c": 2}.items():
        recent.put(name, name, weight)
    recent.get("a")
    recent.put("d", "d", 3)
    recent.put("c", "c", 3)
    recent.put("large", "large", 11)

    assert [recent.get(name) for name in ("a", "b", "c", "d", "large")] == [None] * 5
    assert len(recent) == 0


def test_kept_values_that_were_not_used_go_first() -> None:
    recent: Recent[str, str] = Recent(2)
    recent.put("a", "1")
    recent.put("b", "2")
    recent.get("a")
    recent.put("c", "3")

    assert [recent.get(name) for name in ("a", "b", "c")] == ["1", None, "3"]


def test_name_that_is_no_attribute_is_refused() -> None:
    with pytest.raises(ValueError, match="no name of an attribute"):
        Attribute("a; import os")


def test_plan_is_told_as_a_tree_with_its_functions() -> None:
    engine = Engine(build_schema(SDL), Library().reading_of)
    text = show(engine.plan(parse("{ books { title author { name } } }")))

    assert text.startswith(
        "0. the root\n"
        "  1. books: Query.books -> [Book!]!, once for all sources\n"
        "    2. books.author: Book.author -> Author, once for all sources\n"
    )
    assert text.count("def read(values, answers, waiting, run):") == 3
    assert "v1 = compute_title(v2, **arguments_title)" in text.replace("v3", "v1")
