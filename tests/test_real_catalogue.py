"""The real catalogue, embedded and on real servers: twenty queries, the same answers.

The source lies beside the checkout, or where MALLGRAPH_TEST_DATA says; without it these tests are
skipped.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from jobs.import_catalogue import import_file
from stores.settings import Settings
from tests import shopping
from tests.kept_shops import dropped
from tests.servers import missing
from tests.shopping import open_mall, open_shop
from tests.test_converters import DATA, SCRIPT

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

PRODUCTS = 9_394 + 3_291 + 239
CARD = """slug title brand isAvailable priceRange { min { amount currencyCode } max { amount } }
  category { slug name } merchant { name }"""
SHEET = """specs { key label group unit value { __typename ... on SpecText { text }
  ... on SpecNumber { number } ... on SpecBoolean { isTrue } ... on SpecList { items } } }"""
VARIANTS = (
    "variants { sku barcode title options { name value } price { amount } availableQuantity }"
)
LIST = "query { products(%s) { totalCount nodes { %s } pageInfo { hasNextPage hasPreviousPage } } }"
#: Hits of equal rank may come in any order, so pages of search are wide enough for all.
SEARCH = """query { search(first: 100, %s) { totalCount nodes { slug title } edges { node { slug } }
  facets { key label unit values { value label count isSelected min max } } } }"""
BRANDS = '{key: "brand", match: {anyOf: ["HP", "Xerox"]}}'
COLOURS = '{key: "spec.product_colour", match: {anyOf: ["Silver"]}}'
QUERIES = {
    "page of a product": f"query {{ product(by: {{slug: SLUG}}) {{ {CARD} {VARIANTS} {SHEET} }} }}",
    "newest": LIST % ("first: 100", f"{CARD} {SHEET}"),
    "cheapest": LIST % ("first: 50, sort: PRICE_ASC", CARD),
    "dearest": LIST % ("first: 50, sort: PRICE_DESC", f"{CARD} {VARIANTS}"),
    "by title": LIST % ("first: 100, sort: TITLE", CARD),
    "by title, from the end": LIST % ("last: 100, sort: TITLE", CARD),
    "a brand": LIST % ('first: 100, sort: TITLE, filter: {brands: ["HP"]}', f"{CARD} {SHEET}"),
    "a price": LIST % ('first: 100, sort: TITLE, filter: {price: {min: "10", max: "20"}}', CARD),
    "words of titles": LIST % ('first: 100, sort: TITLE, filter: {query: "usb cable"}', CARD),
    "Han words of titles": LIST % ('first: 100, sort: TITLE, filter: {query: "羊毛"}', CARD),
    "start of a SKU": LIST % ('first: 100, sort: TITLE, filter: {query: "39205"}', CARD),
    "what is left": LIST % ("first: 100, sort: TITLE, filter: {isAvailable: true}", CARD),
    "the tree": """query { categories { slug name position children { slug name
      children { slug products(first: 3, sort: TITLE) { totalCount nodes { slug title } } }
      products(first: 5, sort: PRICE_DESC) { totalCount nodes { slug } } } } }""",
    "a category": f"""query {{ category(slug: "notebooks") {{ name parent {{ name }}
      products(first: 30, sort: PRICE_ASC) {{ totalCount nodes {{ {CARD} }} }} }} }}""",
    "search": SEARCH % 'query: "hp laserjet toner cartridge cyan"',
    "search in Chinese": SEARCH % 'query: "羊毛被"',
    "search a code": SEARCH % 'query: "006R90321"',
    "search with filters": SEARCH % f'query: "notebook silver intel core i7", filters: [{BRANDS}]',
    "search by specs": SEARCH
    % (
        f'filters: [{COLOURS}, {BRANDS}], sort: TITLE, facets: [{{key: "spec.product_colour"}}, '
        '{key: "spec.display_diagonal"}, {key: "brand"}, {key: "category"}]'
    ),
    "search, cheapest": SEARCH % 'query: "usb", sort: PRICE_ASC',
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The real catalogue in the format of the import."""
    if not DATA.exists():
        missing("The real catalogue", f"{DATA} does not exist.")
    folder = tmp_path_factory.mktemp("catalogue")
    command = [sys.executable, str(SCRIPT), "all", str(DATA), "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return sorted(folder.glob("*.jsonl"))


async def _import(chosen: Settings, files: list[Path]) -> int:
    async with open_mall(chosen) as mall:
        return sum([(await import_file(mall, path)).added for path in files])


@pytest.fixture(scope="module")
def shops(
    new_settings: Callable[[], Settings],
    files: list[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[tuple[Settings, Settings]]:
    """The whole catalogue in two shops: embedded, and on MariaDB, MongoDB and Elasticsearch."""
    embedded = shopping.settings(tmp_path_factory.mktemp("embedded"))
    with dropped(new_settings()) as real:
        assert asyncio.run(_import(embedded, files)) == PRODUCTS
        assert asyncio.run(_import(real, files)) == PRODUCTS
        yield embedded, real


async def _answer(chosen: Settings, query: str) -> dict[str, Any]:
    async with open_shop(chosen) as client:
        if "SLUG" in query:
            found = await client.ask('{ search(query: "dv7-1211ea", first: 1) { nodes { slug } } }')
            slug = found["search"]["nodes"][0]["slug"]
            query = query.replace("SLUG", f'"{slug}"')
        return await client.ask(query)


def _as_sets(answer: dict[str, Any]) -> dict[str, Any]:
    found = answer.get("search")
    if found is None:
        return answer
    nodes = sorted(found["nodes"], key=lambda node: str(node["slug"]))
    return {"search": {**found, "nodes": nodes, "edges": len(found["edges"])}}


@pytest.mark.parametrize("name", QUERIES)
async def test_embedded_and_real_stores_answer_alike(
    shops: tuple[Settings, Settings], name: str
) -> None:
    embedded, real = [_as_sets(await _answer(chosen, QUERIES[name])) for chosen in shops]

    assert embedded == real
    assert '"slug"' in json.dumps(embedded), "An empty answer compares nothing."
