"""What the engine promises beside right answers: who is called how often, and when."""

import asyncio
import gc
import json
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    build_schema,
    execute,
    get_argument_values,
    parse,
)

from graph.engine import (
    Engine,
    by_resolver,
    complete,
    run,
)
from tests.engine import fuzz
from tests.engine.books import SDL, Library
from tests.engine.world import SCHEMA, make_engine


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


async def test_each_operation_says_whether_null_goes_up() -> None:
    library = Library()
    library.books[1] = SimpleNamespace(title=None, writer=library.books[0].writer)
    engine = Engine(build_schema(SDL), library.reading_of)
    body = "{ books { title author { name } } }"
    document = parse(f"query Up {body} query Stay @experimental_disableErrorPropagation {body}")
    up = await engine.execute(document, operation_name="Up")
    stay = await engine.execute(document, operation_name="Stay")
    wu = {"name": "Wu"}

    assert up is not None
    assert stay is not None
    assert up.data is None
    assert stay.data == {"books": [{"title": "tea", "author": wu}, {"title": None, "author": wu}]}
    assert [one.path for one in stay.errors or ()] == [["books", 1, "title"]]
    assert library.calls == ["books of 1", "books of 1", "authors of 2"]


async def test_arguments_without_variables_are_coerced_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = parse(
        "query ($n: Int) { a: books(first: 1) { title } "
        "b: books(first: $n) { title(upper: true) } }"
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


@pytest.mark.slow
async def test_regular_values_never_take_the_slow_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.engine.values.RATES", (0.0,))
    monkeypatch.setattr(run, "complete", None)
    engine = make_engine()
    for case in fuzz.cases(200, 1):
        result, _ = await fuzz.by_engine(engine, case)
        assert result is not None
        assert result.errors is None, case.text


@pytest.mark.slow
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


async def test_any_schema_runs_by_its_resolvers() -> None:
    engine = Engine(SCHEMA, by_resolver)
    for case in fuzz.cases(100, 4):
        assert await fuzz.wrong(engine, case) is None
    schema = build_schema("type Query { a: Int, b: [Query!] }")
    root = {"a": lambda _info: 1, "b": [{"a": 2}, {"a": None}]}
    result = await Engine(schema, by_resolver).execute(parse("{ a b { a } }"), root_value=root)

    assert result == execute(schema, parse("{ a b { a } }"), root)
