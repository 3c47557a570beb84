"""An order of several merchants: what each of them may see, and may not reckon."""

import base64
import json
from typing import Any

import pytest

from resolvers import order_lists
from tests.buying import Buyer
from tests.shopping import Client

LIST = """query ($sort: OrderSort!) { orders(sort: $sort) {
  edges { cursor node { totals { total { amount } } } } } }"""
OF_ANN = """query ($id: ID!, $sort: OrderSort!) { node(id: $id) { ... on User {
  orders(sort: $sort) { edges { cursor } } } } }"""
NOTE = "query ($n: String!) { order(number: $n) { note } }"


async def shared(shop: Client) -> str:
    """Let ann buy of two merchants, with a message; return the number."""
    ann = Buyer(shop)
    await ann.fill({"L3-S": 1, "L2-S": 2})
    await ann.begin()
    payload = await ann.place(note="Ring twice.")
    assert payload["userErrors"] == []
    return ann.number


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_message_to_the_merchants_is_seen_by_each_of_them_and_by_no_other(
    shop: Client,
) -> None:
    number = await shared(shop)
    told = {who: (await shop.ask(NOTE, who, n=number))["order"] for who in ("mia", "moe", "bob")}

    assert told == {"mia": {"note": "Ring twice."}, "moe": {"note": "Ring twice."}, "bob": None}


async def _asked(shop: Client, who: str, sort: str = "TOTAL_DESC") -> Any:
    answer = await shop.send(LIST, who, sort=sort)
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    return codes or _told(answer["data"]["orders"]["edges"])


def _told(edges: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """Return the total of each order, and whether its cursor tells that of the whole order."""
    whole = 850
    return [
        (one["node"]["totals"]["total"]["amount"], whole in _values(one["cursor"])) for one in edges
    ]


def _values(cursor: str) -> list[Any]:
    values: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return values


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_no_list_tells_a_merchant_what_others_sold_in_an_order(shop: Client) -> None:
    await shared(shop)
    me = (await shop.ask("{ me { id } }", "ann"))["me"]["id"]
    of_ann = await shop.send(OF_ANN, "mia", id=me, sort="TOTAL_DESC")
    by_time = [await _asked(shop, "mia", sort) for sort in ("NEWEST", "RECENTLY_UPDATED")]

    assert await _asked(shop, "mia") == ["FORBIDDEN"]
    assert [error["extensions"]["code"] for error in of_ann["errors"]] == ["FORBIDDEN"]
    assert by_time == [[("3.50", False)]] * 2
    assert await _asked(shop, "ola") == [("8.50", True)]


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_lets_merchants_sort_by_totals_tells_the_whole_one(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shared(shop)
    monkeypatch.setattr(order_lists, "check_sort", lambda *_: None)

    assert await _asked(shop, "mia") == [("3.50", True)]
