"""Pages by key: of any size, in both directions, they are the whole list."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, select
from sqlalchemy.engine import Connection

from stores.keyset import Keyset, Position, Window

_things = Table(
    "things",
    MetaData(),
    Column("title", String, nullable=False),
    Column("price", Integer, nullable=False),
    Column("id", Integer, primary_key=True),
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["", "a", "A", "茶", "🍵"]), st.integers(-2, 2)), max_size=25
)


@pytest.mark.slow
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("descending", [False, True])
@given(rows=ROWS, size=st.integers(1, 9))
def test_pages_together_are_the_sorted_list(
    descending: bool,  # noqa: FBT001  Parameters of a test have no names at its call.
    backwards: bool,  # noqa: FBT001
    rows: list[tuple[str, int]],
    size: int,
) -> None:
    whole = [(*row, id_) for id_, row in enumerate(rows)]
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        _things.create(connection)
        if whole:
            names = ("title", "price", "id")
            told = [dict(zip(names, row, strict=True)) for row in whole]
            connection.execute(_things.insert(), told)
        found = _walk(connection, descending=descending, backwards=backwards, size=size)
    engine.dispose()

    assert found == sorted(whole, reverse=descending)


def _walk(
    connection: Connection, *, descending: bool, backwards: bool, size: int
) -> list[Position]:
    keyset = Keyset(*_things.c, descending=descending)
    found: list[Position] = []
    edge: Position | None = None
    while True:
        side = {"before" if backwards else "after": edge}
        page = _page(connection, keyset, Window(size, backwards=backwards, **side))
        if not page:
            return found
        found = page + found if backwards else found + page
        edge = page[0] if backwards else page[-1]


def _page(connection: Connection, keyset: Keyset, window: Window) -> list[Any]:
    statement = select(_things).where(keyset.inside(window)).order_by(*keyset.order(window))
    page = [tuple(row) for row in connection.execute(statement.limit(window.limit))]
    return page[::-1] if window.backwards else page
