"""No N+1: however many objects a list has, the stores are asked equally often."""

from collections.abc import Generator, Sequence
from typing import Any

import pytest

from loaders.batch import KeyLoader
from stores.calls import observers
from tests.shopping import Client
from tests.statements import of_a_request

#: A list with every field that asks a store -> how often the stores are asked for it.
LISTS = {
    "products": (
        """query ($n: Int) { products(first: $n, sort: TITLE) { totalCount nodes { slug
          merchant { name } category { name parent { name } children { name } }
          options { name } variants { sku isAvailable availableQuantity media { url }
            product { slug isAvailable merchant { name } } }
          isAvailable specs { key } } } }""",
        5,
    ),
    "backwards": (
        "query ($n: Int) { products(last: $n, sort: PRICE_DESC) { nodes { slug specs { key } } } }",
        2,
    ),
    "search": (
        """query ($n: Int) { search(query: "lamp", first: $n, sort: TITLE) { nodes { slug
          merchant { name } category { name } variants { availableQuantity } isAvailable
          specs { key } } indexLagMs } }""",
        14,
    ),
    "category": (
        """query ($n: Int) { category(slug: "lamps") {
          products(first: $n, sort: TITLE) { totalCount nodes { slug category { slug }
          variants { sku } } } } }""",
        4,
    ),
}
TREE = """{ categories { name parent { name } children { name
  products(first: 5) { totalCount nodes { slug variants { sku } specs { key } } } } } }"""
NODES = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { slug isAvailable
  variants { sku } specs { key } } } }"""

#: Lists that only staff reads -> how often the stores are asked for each.
STAFF_LISTS = {
    "levels": (
        """query ($n: Int) { inventoryLevels(first: $n) { totalCount nodes { onHand
          variant { sku product { title } } warehouse { code merchant { name } } } } }""",
        6,
    ),
    "log": (
        """query ($n: Int) { stockMovements(first: $n) { totalCount nodes { logId
          level { onHand variant { sku } warehouse { code } } actor { id } } } }""",
        7,
    ),
    "customers": (
        "query ($n: Int) { customers(first: $n) { totalCount nodes { roles merchant { name } } } }",
        2,
    ),
    "reservations": (
        """query ($n: Int) { reservations(first: $n) { totalCount nodes { orderNumber
          variant { sku } warehouse { code } } } }""",
        3,
    ),
    "variants": (
        """query ($n: Int) { products(first: $n, sort: TITLE) { nodes { variants { sku
          inventoryLevels { onHand warehouse { code } } } } } }""",
        4,
    ),
}


#: Stores of a server that speaks no SQL; those of files are counted by their statements.
_WITHOUT_SQL = {("documents", "by_ids"), ("search", "find")}


@pytest.fixture
def calls(statements: list[str]) -> Generator[list[str]]:
    """Collect the calls of all stores: SQL, and the methods of those that speak no SQL."""

    def record(store: str, what: str, _seconds: float, _error: BaseException | None) -> None:
        if (store, what) in _WITHOUT_SQL and of_a_request():
            statements.append(what)

    observers.append(record)
    yield statements
    observers.remove(record)


async def _count(
    client: Client, calls: list[str], query: str, user: str | None = None, /, **variables: object
) -> int:
    counts = []
    for _ in range(4):
        calls.clear()
        await client.ask(query, user, **variables)
        counts.append(len(calls))
    # The first one fills what a process keeps.
    assert len(set(counts[1:])) == 1, counts
    return counts[-1]


@pytest.mark.parametrize("name", LISTS)
async def test_hundred_objects_cost_as_many_calls_as_one(
    client: Client, calls: list[str], name: str
) -> None:
    query, _ = LISTS[name]

    assert await _count(client, calls, query, n=1) == await _count(client, calls, query, n=100)


@pytest.mark.parametrize("name", LISTS)
async def test_calls_of_a_list_are_those_of_its_stores(
    client: Client, calls: list[str], name: str
) -> None:
    query, expected = LISTS[name]
    counted = await _count(client, calls, query, n=100)

    # An embedded index answers one search by several statements.
    assert counted <= expected if name == "search" else counted == expected, counted


@pytest.mark.parametrize("name", STAFF_LISTS)
async def test_calls_for_the_stock_are_those_of_its_kinds(
    client: Client, calls: list[str], name: str
) -> None:
    query, expected = STAFF_LISTS[name]

    assert await _count(client, calls, query, "mia", n=1) == expected
    assert await _count(client, calls, query, "mia", n=100) == expected


async def test_tree_with_products_costs_a_call_for_each_kind_of_thing(
    client: Client, calls: list[str]
) -> None:
    # Top, which has no parents, children, pages, counts, variants, specs.
    assert await _count(client, calls, TREE) == 6


async def test_nodes_cost_as_many_calls_as_one(client: Client, calls: list[str]) -> None:
    shown = await client.ask("{ products(first: 100, sort: TITLE) { nodes { id } } }")
    ids = [node["id"] for node in shown["products"]["nodes"]]

    one = await _count(client, calls, NODES, ids=ids[:1])
    assert one == await _count(client, calls, NODES, ids=ids) == 3


async def test_twin_without_batches_asks_for_each_object(
    client: Client, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def each(self: KeyLoader[Any, Any], keys: Sequence[Any]) -> list[Any]:
        return [(await self._fetch([key])).get(key, self._missing) for key in keys]

    monkeypatch.setattr(KeyLoader, "many", each)
    query, _ = LISTS["products"]

    assert await _count(client, calls, query, n=1) < await _count(client, calls, query, n=20)
