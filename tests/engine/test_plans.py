"""What has a plan, how long plans are kept, and how they are told."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLScalarType, build_schema, parse

from graph.engine import Attribute, Engine, Many, Reading, Unplannable, show
from graph.engine.recent import Recent
from tests.engine.books import SDL, Library


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { types { name } } }",
        '{ deep { title ... on Book @defer(label: "x") { price } } }',
        "{ books @stream(initialCount: 1) { title } }",
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


async def test_documents_deeper_than_the_stack_have_no_plan() -> None:
    schema = build_schema("type Query { deep: Query, leaf: Int }")
    engine = Engine(schema, lambda _type, name, _field: Attribute(name))
    text = "{ deep " * 180 + "{ leaf }" + " }" * 180

    assert await engine.execute(parse(text)) is None


async def test_types_that_are_told_by_a_coroutine_have_no_plan() -> None:
    async def slowly(*_: object) -> str:
        return "Query"

    for kind, rule in {"Any": "resolve_type", "Query": "is_type_of"}.items():
        schema = build_schema("type Query { any: Any } union Any = Query")
        setattr(schema.type_map[kind], rule, slowly)
        engine = Engine(schema, lambda _type, name, _field: Attribute(name))

        with pytest.raises(Unplannable, match="by a coroutine"):
            engine.plan(parse("{ any { ... on Query { any { __typename } } } }"))


async def test_scalars_whose_values_are_known_are_asked_for_the_others_alone() -> None:
    schema = build_schema("scalar Code scalar Size type Query { codes: [Code] sizes: [Size!] }")
    for name in ("Code", "Size"):
        scalar = schema.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        scalar.coerce_output_value = lambda value: f"asked {value!r}"
    scalars = {"Code": (str, None), "Size": (int, hex)}
    engine = Engine(schema, lambda _type, name, _field: Attribute(name), None, scalars)
    root = SimpleNamespace(codes=["a", None, 1], sizes=[17, True])
    result = await engine.execute(parse("{ codes sizes }"), root_value=root)

    assert result is not None
    assert result.data == {"codes": ["a", None, "asked 1"], "sizes": ["0x11", "asked True"]}


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

    assert len(engine.plans) == 2


def test_kept_values_are_bounded_by_their_weight() -> None:
    recent: Recent[str, str] = Recent(10)
    for name, weight in {"a": 4, "b": 4, "c": 2}.items():
        recent.put(name, name, weight)
    recent.get("a")
    recent.put("d", "d", 3)
    recent.put("c", "c", 3)
    recent.put("large", "large", 11)

    # What is too heavy alone pushes nobody out.
    kept = [recent.get(name) for name in ("a", "b", "c", "d", "large")]
    assert kept == ["a", None, "c", "d", None]
    recent.put("a", "a", 11)
    assert len(recent) == 2


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


async def test_parts_of_all_fields_are_told_before_the_first_is_read() -> None:
    library, told = Library(), list[object]()

    def reading_of(type_: GraphQLObjectType, name: str, field: GraphQLField) -> Reading:
        return replace(library.reading_of(type_, name, field), parts=frozenset({f"{type_}.{name}"}))

    def begun(context: object, parts: frozenset[str]) -> None:
        told.append((context, sorted(parts), list(library.calls)))

    engine = Engine(build_schema(SDL), reading_of, begun=begun)
    text = """query ($price: Boolean!) { books { ...All price @include(if: $price) } }
      fragment All on Book { title author { name } }"""
    document, parts = parse(text), ["Author.name", "Book.author", "Book.title", "Query.books"]
    for asked in (False, True):
        await engine.execute(document, context_value=asked, variable_values={"price": asked})
        library.calls.clear()

    assert told == [(False, parts, []), (True, sorted([*parts, "Book.price"]), [])]


async def test_each_task_is_told_whether_another_field_is_awaited_meanwhile() -> None:
    library, told = Library(), []

    async def many(sources: Sequence[Any], info: Any, arguments: Any) -> Sequence[Any]:
        told.append((info.field_name, alone.get()))
        return [SimpleNamespace(name="Wu", writer=None, title="tea") for _ in sources]

    def reading_of(type_: GraphQLObjectType, name: str, field: GraphQLField) -> Reading:
        reading = library.reading_of(type_, name, field)
        return Many(many) if name in {"author", "next", "deep"} else reading

    alone: ContextVar[bool] = ContextVar("alone", default=False)
    engine = Engine(build_schema(SDL), reading_of, alone=lambda _, is_left: alone.set(is_left))
    text = "{ deep { next { author { name } next { title } } } }"
    await engine.execute(parse(text))

    assert told == [("deep", True), ("next", True), ("author", False), ("next", False)]
    assert not alone.get()
