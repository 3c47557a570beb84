"""One store away: the others are served, in time, and it comes back without a restart."""

import secrets
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from stores.settings import Settings
from tests import shopping
from tests.buying import Buyer
from tests.proxy import Door, door
from tests.servers import free_port
from tests.shopping import Client, open_shop
from tests.trolley import READ, Trolley, refusals

EVERYTHING = """{
  shop { name }
  product(by: {slug: "lamp-7"}) { title isAvailable specs { key } }
  products(first: 20) { nodes { slug specs { key } variants { availableQuantity } } }
  search(query: "lamp 007") { nodes { slug } }
}"""
#: Attribute of the settings -> a server that nobody runs.
NOBODY = {
    "documents_url": "mongodb://127.0.0.1:{port}/shop",
    "carts_url": "redis://127.0.0.1:{port}/0",
    "search_url": "http://127.0.0.1:{port}/shop",
    "sql_url": "mysql+asyncmy://root@127.0.0.1:{port}/shop",
}
#: What a shop may take to answer, whatever is away.
LIMIT_SECONDS = 5


def codes(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the root field and the code of each error."""
    told = answer.get("errors", [])
    return sorted(
        (error["path"][0], error["extensions"]["code"]) for error in told if "path" in error
    )


async def timed(client: Client, query: str = EVERYTHING) -> dict[str, Any]:
    began = time.monotonic()
    answer = await client.http.post("/graphql", json={"query": query})
    assert time.monotonic() - began < LIMIT_SECONDS
    result: dict[str, Any] = answer.json()
    return result


def without(settings: Settings, store: str) -> Settings:
    url = SecretStr(NOBODY[store].format(port=free_port()))
    return settings.model_copy(update={store: url, "store_timeout_seconds": 0.5})


async def test_documents_away_leave_everything_but_specs(embedded_settings: Settings) -> None:
    async with open_shop(without(embedded_settings, "documents_url")) as client:
        answer = await timed(client)

    assert answer["data"]["product"] == {"title": "Lamp 007", "isAvailable": True, "specs": None}
    nodes = answer["data"]["products"]["nodes"]
    assert [node["specs"] for node in nodes] == [None] * 20
    assert all(len(node["variants"]) > 0 for node in nodes)
    assert answer["data"]["search"]["nodes"] == [{"slug": "lamp-7"}]
    # One call of the store served both fields, or two did: each failed call is told once.
    assert {code for _, code in codes(answer)} == {"STORE_UNAVAILABLE"}
    assert len(codes(answer)) <= 2


async def test_search_away_leaves_everything_but_search(embedded_settings: Settings) -> None:
    async with open_shop(without(embedded_settings, "search_url")) as client:
        answer = await timed(client)

    assert answer["data"]["search"] is None
    assert len(answer["data"]["product"]["specs"]) == 4
    assert codes(answer) == [("search", "STORE_UNAVAILABLE")]


async def test_order_is_placed_while_all_other_stores_are_away(tmp_path: Path) -> None:
    chosen = shopping.settings(tmp_path)
    await shopping.fill(chosen, shopping.few())
    async with open_shop(chosen) as client:
        ann = Buyer(client)
        await ann.fill({"T-1": 2})
        assert (await ann.begin())["userErrors"] == []
    away = chosen
    for store in ("documents_url", "search_url", "carts_url"):
        away = without(away, store)
    async with open_shop(away) as client:
        payload = await replace(ann, client=client).place()

    assert (payload["order"]["number"], payload["userErrors"]) == (ann.number, [])


async def test_relational_store_away_is_a_coded_error(embedded_settings: Settings) -> None:
    async with open_shop(without(embedded_settings, "sql_url")) as client:
        answer = await timed(client)
        ready = await client.http.get("/readyz")
        alive = await client.http.get("/healthz")

    assert answer["data"] is None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"STORE_UNAVAILABLE"}
    assert (ready.status_code, alive.status_code) == (503, 200)
    assert ready.json()["stores"]["relational"]["state"] == "down"
    assert ready.json()["stores"]["documents"]["state"] == "up"


@dataclass(frozen=True)
class Doors:
    """The shop on real servers, each behind a door."""

    client: Client
    doors: dict[str, Door]


@pytest.fixture
async def behind_doors(server_settings: Settings) -> AsyncGenerator[Doors]:
    chosen = server_settings
    async with (
        door(chosen.sql()) as (sql, sql_url),
        door(chosen.documents()) as (documents, documents_url),
        door(chosen.search()) as (search, search_url),
        door(chosen.carts()) as (carts, carts_url),
    ):
        urls = {"sql_url": sql_url, "documents_url": documents_url, "search_url": search_url}
        urls |= {"carts_url": carts_url}
        update: dict[str, Any] = {name: SecretStr(url) for name, url in urls.items()}
        async with open_shop(chosen.model_copy(update=update)) as client:
            doors = {"relational": sql, "documents": documents, "search": search, "carts": carts}
            yield Doors(client, doors)


@pytest.mark.server
@pytest.mark.parametrize("how", ["shut", "stuck"])
@pytest.mark.parametrize("store", ["relational", "documents", "search"])
async def test_store_that_comes_back_is_used_without_a_restart(
    behind_doors: Doors, store: str, how: str
) -> None:
    client, its = behind_doors.client, behind_doors.doors[store]
    whole = await timed(client)
    if how == "stuck":
        its.stick()
    else:
        await its.shut()
    broken = await timed(client)
    if how == "stuck":
        await its.shut()
    await its.open()
    began, again = time.monotonic(), await timed(client)
    while again != whole and time.monotonic() - began < LIMIT_SECONDS:
        again = await timed(client)

    assert "errors" not in whole
    assert {error["extensions"]["code"] for error in broken["errors"]} == {"STORE_UNAVAILABLE"}
    assert again == whole


def bare(cart: dict[str, Any]) -> list[object]:
    """Return what a cart shows of itself, and all that others say about it."""
    told = [cart["totals"], cart["problems"], *(line["variant"] for line in cart["lines"])]
    told += [line[name] for line in cart["lines"] for name in ("unitPrice", "total")]
    return [[line["quantity"] for line in cart["lines"]], *told]


@pytest.mark.server
@pytest.mark.parametrize("how", ["shut", "stuck"])
async def test_cart_is_shown_and_lessened_while_the_database_is_away(
    behind_doors: Doors, how: str
) -> None:
    client, its = behind_doors.client, behind_doors.doors["relational"]
    ann = Trolley(client, f"shopper-{secrets.token_hex(8)}")
    (line,) = (await ann.add("k1", L3_S=2))["cart"]["lines"]
    its.stick() if how == "stuck" else await its.shut()
    began = time.monotonic()
    shown = await client.send(READ, ann.user)
    assert time.monotonic() - began < LIMIT_SECONDS

    assert bare(shown["data"]["cart"]) == [[2], None, None, None, None, None]
    assert {code for _, code in codes(shown)} == {"STORE_UNAVAILABLE"}
    assert len(codes(shown)) == 5
    if how == "shut":
        await still_sold(ann, line["id"])
    else:
        await its.shut()
    await its.open()


async def still_sold(ann: Trolley, line_id: str) -> None:
    """Edit a cart for as long as a viewer is remembered: what needs no price goes on."""
    ask = "mutation ($key: ID!, $input: {0}!) {{ {1}(idempotencyKey: $key, input: $input) {{"
    ask += " cart {{ itemCount }} isReplay userErrors {{ code field message }} }} }}"
    add, update = (
        ask.format("AddCartLinesInput", "addCartLines"),
        ask.format("UpdateCartInput", "updateCart"),
    )
    lines = {"lines": [{"variantId": ann.ids["L3-S"], "quantity": 2}]}
    again = await ann.run(add, "k1", None, lines)
    assert (again["isReplay"], again["cart"]) == (True, {"itemCount": 2})
    assert refusals(await ann.run(add, "k2", None, lines)) == [("STORE_UNAVAILABLE", None)]
    less = {"lines": [{"lineId": line_id, "quantity": 0}]}
    gone = await ann.run(update, "k3", None, less)
    assert (gone["cart"], gone["userErrors"]) == ({"itemCount": 0}, [])


@pytest.mark.server
@pytest.mark.parametrize("how", ["shut", "stuck"])
async def test_carts_away_leave_the_catalogue_and_come_back(behind_doors: Doors, how: str) -> None:
    client, its = behind_doors.client, behind_doors.doors["carts"]
    ann = Trolley(client, f"shopper-{secrets.token_hex(8)}")
    await ann.add("k1", L3_S=2)
    its.stick() if how == "stuck" else await its.shut()
    began = time.monotonic()
    answer = await client.send('{ cart { id } product(by: {slug: "lamp-7"}) { title } }', ann.user)
    refused = refusals(await ann.add("k2", L3_S=1))
    visitor = Trolley(client)
    await visitor.add("k1", T_1=1)
    assert time.monotonic() - began < 2 * LIMIT_SECONDS
    if how == "stuck":
        await its.shut()
    await its.open()

    assert answer["data"] == {"cart": None, "product": {"title": "Lamp 007"}}
    assert codes(answer) == [("cart", "STORE_UNAVAILABLE")]
    assert refused == [("STORE_UNAVAILABLE", None)]
    assert await ann.held() in ({"L3-S": 2}, {"L3-S": 3})
    await ann.add("k2", L3_S=1)
    assert await ann.held() == {"L3-S": 3}
