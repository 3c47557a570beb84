"""What is another shopper's looks like what is not there, wherever an ID can be sent."""

from typing import Any

import pytest
from graphql import build_schema

from graph import nodes
from graph.schema import sdl
from stores.order_numbers import number
from tests.buying import Buyer, key
from tests.foreign import NUMBERS, Place, places
from tests.shopping import Client

# Rights are checked above the stores, and are those of every home.
pytestmark = pytest.mark.parametrize("shop", ["embedded"], indirect=True)

SCHEMA = build_schema(sdl())

HERS = """{ me { id orders { nodes { id number version } } }
  cart { id version lines { id } } }"""
OF_STAFF = """{ products(filter: {statuses: [DRAFT]}) { nodes { id variants { id } } }
  warehouses { id } deliveryRates { id } stockMovements(first: 3) { nodes { id level { id } } } }"""


async def hers(shop: Client) -> dict[str, list[str]]:
    """Return what ann has and bob may not see, and what is the staff's: IDs by their kind."""
    ann = Buyer(shop)
    await ann.buy({"L1-S": 1})
    await ann.fill({"L2-S": 1})
    begun = (await ann.begin())["checkout"]
    told = [await shop.ask(HERS, "ann"), await shop.ask(OF_STAFF, "ola"), begun]
    found: dict[str, list[str]] = {"number": [ann.number]}
    for id_ in _ids(told):
        found.setdefault(nodes.decode(id_)[0], []).append(id_)
    return found


def _ids(told: Any) -> list[str]:
    if isinstance(told, list):
        return [id_ for one in told for id_ in _ids(one)]
    if not isinstance(told, dict):
        return []
    own = [told["id"]] if isinstance(told.get("id"), str) else []
    return own + [id_ for one in told.values() for id_ in _ids(one)]


async def answer(shop: Client, place: Place, id_: str, known: dict[str, Any]) -> str:
    """Return what bob is told of an ID, without the ID itself and without its key."""
    query, sent = place.request(SCHEMA, id_, **known, idempotencyKey=key())
    told = str(await shop.send(query, "bob", **sent))
    return told.replace(id_, "ID")


async def test_what_is_anothers_looks_like_what_is_not_there(shop: Client) -> None:
    foreign = await hers(shop)
    bob = Buyer(shop, "bob")
    await bob.fill({"L3-S": 1})
    await bob.begin()
    known = bob.order_input() | {"merchantId": await shop.merchant_id("Harbour")}
    found, wrong = list(places(SCHEMA)), []
    for place in found:
        is_number = place.steps[-1] in NUMBERS
        for kind, ids in foreign.items():
            if is_number != (kind == "number"):
                continue
            missing = number("260101", 77, 5) if is_number else str(nodes.encode(kind, 77))
            nothing = await answer(shop, place, missing, known)
            told = [await answer(shop, place, id_, known) for id_ in ids[:2]]
            wrong += [(place, kind, one, nothing) for one in told if one != nothing]

    assert wrong == []
    assert len(found) > 30
    assert len(foreign) > 8


async def test_twin_that_asks_for_no_owner_shows_orders_of_others(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = await hers(shop)
    (place,) = [one for one in places(SCHEMA) if one.field == "node"]
    (order,) = foreign["Order"]
    hidden = await answer(shop, place, order, {})
    monkeypatch.setattr("resolvers.orders.may_see", lambda *_: True)

    assert await answer(shop, place, order, {}) != hidden
