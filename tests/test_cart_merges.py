"""Merges over HTTP: a temporary cart is moved into the shopper's, once."""

import asyncio

import pytest

from tests.shopping import Client
from tests.trolley import MERGE, Trolley, ann, archive, held, refusals

__all__ = ["ann"]


async def test_merge_moves_every_line_and_says_how(shop: Client) -> None:
    ann, visitor = Trolley(shop, "ann"), Trolley(shop)
    await visitor.add("k1", L3_S=2, L4_S=3, L5_S=1, T_1=1)
    await ann.add("k1", L3_S=2, T_1=1)
    await archive(ann.shop, "lamp-5")
    payload = await ann.merge("k2", visitor.token)

    assert (payload["userErrors"], payload["isReplay"]) == ([], False)
    assert payload["outcomes"] == [
        {"kind": "CLAMPED", "requestedQuantity": 2, "quantity": 3, "variant": {"sku": "L3-S"}},
        {"kind": "MERGED", "requestedQuantity": 3, "quantity": 3, "variant": {"sku": "L4-S"}},
        {"kind": "UNAVAILABLE", "requestedQuantity": 1, "quantity": 0, "variant": None},
        {"kind": "MERGED", "requestedQuantity": 1, "quantity": 2, "variant": {"sku": "T-1"}},
    ]
    assert held(payload["cart"]) == {"L3-S": 3, "T-1": 2, "L4-S": 3}
    emptied = payload["temporaryCart"]
    assert (emptied["version"], emptied["lines"]) == (0, [])
    assert emptied["token"]


MODES = {"SUM": (3, 3), "KEEP_LARGER": (2, 3), "KEEP_SHOPPER": (1, 3), "KEEP_TEMPORARY": (2, 1)}


@pytest.mark.parametrize("mode", MODES)
async def test_mode_says_which_quantity_counts(ann: Trolley, mode: str) -> None:
    visitor = Trolley(ann.shop)
    await visitor.add("k1", L3_S=2, L4_S=1, T_1=1)
    await ann.add("k1", L3_S=1, L4_S=3)
    payload = await ann.merge("k2", visitor.token, mode)

    lamp, other = MODES[mode]
    assert held(payload["cart"]) == {
        "L3-S": lamp,
        "L4-S": other if mode != "SUM" else 4,
        "T-1": 1,
    }
    assert {one["kind"] for one in payload["outcomes"]} == {"MERGED"}


async def test_merge_happens_once(ann: Trolley) -> None:
    visitor = Trolley(ann.shop)
    await visitor.add("k1", L4_S=1)
    older = visitor.token
    await visitor.add("k2", L4_S=1)
    first = await ann.merge("m", visitor.token)
    again = await ann.merge("m", visitor.token)

    # An empty cart begins anew whenever it is asked for.
    assert again["temporaryCart"]["id"] == first["temporaryCart"]["id"]
    assert again == first | {"isReplay": True, "temporaryCart": again["temporaryCart"]}
    merged = [("CART_TOKEN_INVALID", ["cartToken"])]
    # Another key, an older token of the same cart, and one that was edited since.
    assert refusals(await ann.merge("other", visitor.token)) == merged
    assert refusals(await ann.merge("other", older)) == merged
    await visitor.add("k3", L4_S=1)
    assert refusals(await ann.merge("other", visitor.token)) == merged
    assert refusals(await ann.merge("m", visitor.token)) == [
        ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])
    ]
    assert await ann.held() == {"L4-S": 2}
    # A new temporary cart is merged as ever.
    assert (await visitor.add("k4", L3_S=1))["userErrors"] == []
    anew = Trolley(ann.shop, token=first["temporaryCart"]["token"])
    await anew.add("k5", L3_S=1)
    assert (await ann.merge("n", anew.token))["userErrors"] == []
    assert await ann.held() == {"L4-S": 2, "L3-S": 1}


async def test_merge_that_a_cart_cannot_remember_is_refused_and_moves_nothing(
    ann: Trolley, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stores.cart_records.KEPT_MERGES", 1)
    first, second = Trolley(ann.shop), Trolley(ann.shop)
    await first.add("k1", L4_S=1)
    await second.add("k2", L3_S=1)
    await ann.merge("m", first.token)
    payload = await ann.merge("n", second.token)

    assert refusals(payload) == [("LIMIT_EXCEEDED", ["cartToken"])]
    assert "add the lines by addCartLines" in payload["userErrors"][0]["message"]
    assert await ann.held() == {"L4-S": 1}


async def test_merges_at_once_happen_once(ann: Trolley) -> None:
    visitor = Trolley(ann.shop)
    await visitor.add("k1", L4_S=1)
    sent = [ann.merge(f"m{n % 2}", visitor.token) for n in range(10)]
    payloads = await asyncio.gather(*sent)

    assert sum(bool(one["cart"]) and not one["isReplay"] for one in payloads) == 1
    assert await ann.held() == {"L4-S": 1}


@pytest.mark.parametrize("user", [None, "mia"])
async def test_only_shoppers_merge(client: Client, user: str | None) -> None:
    answer = await client.send(MERGE, user, key="k", input={"cartToken": "x"})

    assert answer["data"] == {"mergeCart": None}
    code = "FORBIDDEN" if user else "UNAUTHENTICATED"
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_merge_without_a_token_says_what_is_missing(ann: Trolley) -> None:
    assert refusals(await ann.merge("k", None)) == [("REQUIRED", ["cartToken"])]
