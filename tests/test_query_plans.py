"""No page scans a large table or sorts more than it shows: every statement is explained.

The catalogue is made large enough that the optimizers of the servers have a choice.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from stores.driver_cursor import DriverCursor
from tests.shopping import Client
from tests.test_parts import _token
from tests.test_store_calls import LISTS, TREE

PRODUCTS = 3_000
LARGE = {"products", "variants", "inventory_levels", "listings", "product_words"}
#: A page, and the row behind it.
PAGE = 101
#: What the pages of the bench do not ask: other orders, pages further on, words, trees.
OTHERS = {
    sort: f"""query ($after: String) {{ products(first: 20, sort: {sort}, after: $after) {{
      nodes {{ slug }} pageInfo {{ endCursor }} }} }}"""
    for sort in ("NEWEST", "PRICE_ASC", "PRICE_DESC", "TITLE")
} | {
    "last": "{ products(last: 20, sort: TITLE) { nodes { slug } } }",
    "tree": TREE.replace("totalCount", ""),
    "list": LISTS["products"][0].replace("totalCount", ""),
}

Statement = tuple[str, Sequence[Any]]


@pytest.fixture
async def asked(shop: Client, monkeypatch: pytest.MonkeyPatch) -> dict[str, Statement]:
    """A shop with many products, and by their texts the statements of the relational store."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "bench"))
    import growth_fill  # noqa: PLC0415  It lies beside the programs.

    def fill(connection: Connection) -> None:
        assert [known for known, *_ in growth_fill.multiply(connection, PRODUCTS)][-1] == PRODUCTS

    database = shop.mall.stores.database
    await database.run_sync(fill)
    await database.run_sync(_analyze)
    seen: dict[str, Statement] = {}
    guarded, name = DriverCursor._guarded, database._primary.url.database

    async def record(self: DriverCursor, call: Any, text: str, values: Sequence[Any]) -> Any:
        if text.startswith("SELECT") and self._connection.engine.url.database == name:
            seen[text] = text, values
        return await guarded(self, call, text, values)

    monkeypatch.setattr(DriverCursor, "_guarded", record)
    return seen


def _analyze(connection: Connection) -> None:
    # A file has no statistics unless somebody asks for them, and must do without.
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"ANALYZE TABLE {', '.join(LARGE)}").all()


async def _ask_everything(shop: Client) -> None:
    import pages_documents  # noqa: PLC0415  As above.

    wanted = pages_documents.Wanted("lamp-3", "lamps", "lamp", await _token(shop, "lamp-3", "tea"))
    for page in pages_documents.pages(wanted).values():
        await shop.ask(page.document, **page.variables)
    for document in OTHERS.values():
        told = await shop.ask(document, **({"n": 100} if "$n" in document else {}))
        if "$after" in document:
            await shop.ask(document, after=told["products"]["pageInfo"]["endCursor"])


async def _found(shop: Client, seen: dict[str, Statement]) -> list[str]:
    """Return what is wrong with the plans, each beside its statement."""

    def explain(connection: Connection) -> list[str]:
        # SQLite explains by the indexes that this connection knows, until it reads.
        connection.exec_driver_sql("SELECT 1 FROM listings LIMIT 1").all()
        check = _sqlite if connection.dialect.name == "sqlite" else _mysql
        return [
            f"{wrong}: {text}"
            for text, values in list(seen.values())
            for wrong in check(connection, text, tuple(values))
        ]

    return await shop.mall.stores.database.run_sync(explain)


def _sqlite(connection: Connection, text: str, values: tuple[Any, ...]) -> list[str]:
    told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    steps = [str(row[-1]) for row in told]
    scans = [one for one in steps if one.startswith("SCAN") and _base(one.split()[1]) in LARGE]
    # How many rows are sorted is not told; of a small table they are few.
    is_large = any(re.search(rf"\b{one}\b", text) for one in LARGE)
    return [*scans, *(one for one in steps if "TEMP B-TREE" in one and is_large)]


def _mysql(connection: Connection, text: str, values: tuple[Any, ...]) -> list[str]:
    wrong = []
    for row in connection.exec_driver_sql(f"EXPLAIN {text}", values).mappings():
        extra, table = row["Extra"] or "", _base(str(row["table"]))
        if row["type"] in ("ALL", "index") and table in LARGE:
            wrong.append(f"SCAN {table}")
        if ("filesort" in extra or "temporary" in extra) and int(row["rows"] or 0) > PAGE:
            wrong.append(f"{extra} over {row['rows']} {table}")
    return wrong


def _base(alias: str) -> str:
    return re.sub(r"_\d+$", "", alias)


async def test_every_statement_of_a_page_goes_along_an_index(
    shop: Client, asked: dict[str, Statement]
) -> None:
    await _ask_everything(shop)

    assert len(asked) > 15
    assert await _found(shop, asked) == []


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_without_an_index_scans_or_sorts(
    shop: Client, asked: dict[str, Statement]
) -> None:
    await _ask_everything(shop)

    def drop(connection: Connection) -> None:
        for index in ("ix_listings_price", "ix_variants_product_id_position"):
            connection.exec_driver_sql(f"DROP INDEX {index}")

    await shop.mall.stores.database.run_sync(drop)
    found = await _found(shop, asked)

    assert any("TEMP B-TREE" in one and "listings.min_price_minor" in one for one in found)
    assert any(one.startswith("SCAN variants") for one in found)
