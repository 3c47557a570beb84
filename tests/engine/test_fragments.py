"""Fragments: what is kept is asked for once, for the state that it was read of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, build_schema, parse

from graph.engine import Computed, Engine, Fragments, Many, Reading
from tests.engine.books import SDL, Library


class Kept(Library):
    """A library whose authors and titles are decided by the edition of a book."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[object] = []
        self.fragments = Fragments(10_000, self._write)
        self.engine = Engine(build_schema(SDL), self._stated)
        for number, book in enumerate(self.books):
            book.state = (number, 1)

    async def answer(self, text: str, **variables: Any) -> Any:
        run = self.engine.prepare(parse(text), variables)
        assert run is not None
        self.calls.clear()
        return (await run.result(None, None, self.fragments)).data

    def _write(self, value: object) -> tuple[object, int]:
        self.written.append(value)
        return value, 1

    def _stated(self, type_: GraphQLObjectType, name: str, told: GraphQLField) -> Reading:
        reading = self.reading_of(type_, name, told)
        if name not in ("author", "title", "price"):
            return reading
        assert isinstance(reading, Many | Computed)
        return replace(reading, state=lambda book: book.state)


AUTHORS = "{ books { title author { name } } }"


async def test_what_is_kept_is_asked_for_once() -> None:
    library = Kept()
    first = await library.answer(AUTHORS)
    assert library.calls == ["books of 1", "authors of 2"]
    again = await library.answer(AUTHORS)

    assert library.calls == ["books of 1"]
    assert again == first
    assert list(again["books"][0]) == ["title", "author"]


async def test_only_what_says_another_state_is_asked_for_again() -> None:
    library = Kept()
    await library.answer(AUTHORS)
    library.books[1].state, library.books[1].writer = (1, 2), SimpleNamespace(name="Lu")
    again = await library.answer(AUTHORS)

    assert library.calls == ["books of 1", "authors of 1"]
    assert [one["author"]["name"] for one in again["books"]] == ["Wu", "Lu"]


async def test_documents_share_what_they_ask_alike() -> None:
    library = Kept()
    await library.answer(AUTHORS)
    await library.answer("{ few: books(first: 1) { by: author { ... { name } } } }")
    assert library.calls == ["books of 1"]
    other = await library.answer("{ books { author { called: name } } }")

    assert library.calls == ["books of 1", "authors of 2"]
    assert other == {"books": [{"author": {"called": "Wu"}}] * 2}


async def test_other_arguments_ask_something_else() -> None:
    library = Kept()
    for _ in range(2):
        told = await library.answer("{ books { title(upper: true) as: title(upper: false) } }")
        assert told["books"][0] == {"title": "TEA", "as": "tea"}

    assert library.written == ["TEA", "tea", "GO", "go"]


async def test_variables_and_what_is_awaited_below_are_never_kept() -> None:
    library = Kept()
    for upper in (True, False, True):
        told = await library.answer(
            "query ($u: Boolean) { books { title(upper: $u) author { books { title } } } }", u=upper
        )
        assert told["books"][0]["title"] == ("TEA" if upper else "tea")
        assert "authors of 2" in library.calls

    # Of each book once, below its author; that holds what is awaited, and is not kept itself.
    assert library.written == ["tea", "go"]


async def test_where_one_is_wrong_none_is_kept() -> None:
    library = Kept()
    library.books[1].writer = SimpleNamespace(name=None)
    first = await library.answer(AUTHORS)
    assert [one["author"] for one in first["books"]] == [{"name": "Wu"}, None]
    library.books[1].writer = SimpleNamespace(name="Lu")
    again = await library.answer(AUTHORS)

    assert library.calls == ["books of 1", "authors of 2"]
    assert again["books"][1]["author"] == {"name": "Lu"}


async def test_null_that_stays_in_its_place_is_not_kept() -> None:
    library = Kept()
    library.books[1].writer = SimpleNamespace(name=None)
    stay = f"query @experimental_disableErrorPropagation {AUTHORS}"
    for text, author in {stay: {"name": None}, AUTHORS: None}.items():
        told = await library.answer(text)
        assert library.calls == ["books of 1", "authors of 2"]
        assert [one["author"] for one in told["books"]] == [{"name": "Wu"}, author]

    # Titles are right, and the same for both.
    assert library.written == ["tea", "go"]


async def test_what_is_empty_is_never_kept() -> None:
    library = Kept()
    library.books[0].title = ""
    await library.answer("{ books { title } }")
    library.books[0].title = "late"
    again = await library.answer("{ books { title } }")

    assert [one["title"] for one in again["books"]] == ["late", "go"]


async def test_mutations_keep_nothing() -> None:
    schema = build_schema("type Query { n: Int } type Mutation { n: Int }")

    async def seven(sources: Sequence[Any], _info: Any, _given: Mapping[str, Any]) -> list[int]:
        return [7 for _ in sources]

    fragments = Fragments(10_000, lambda value: (value, 1))
    engine = Engine(schema, lambda *_: Many(seven, state=lambda _root: 1))
    for text, kept in {"mutation { n }": 0, "{ n }": 1}.items():
        run = engine.prepare(parse(text))
        assert run is not None
        assert (await run.result(None, None, fragments)).data == {"n": 7}
        assert len(fragments.kept) == kept
