"""Temporary carts over HTTP: what their tokens hold, which are refused, and who carries them."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from stores.carts import Cart, line
from stores.ids import MAX_ID
from tests.shopping import Client
from tests.trolley import ADD, READ, Trolley, ann, fresh, held, refusals, visitor

__all__ = ["ann", "visitor"]


async def test_same_edit_of_a_token_gives_the_same_cart(visitor: Trolley) -> None:
    first = (await visitor.add("k1", L3_S=1))["cart"]
    once = await Trolley(visitor.shop, token=first["token"]).add("k2", L4_S=1)
    twice = await Trolley(visitor.shop, token=first["token"]).add("k2", L4_S=1)
    anew = (await Trolley(visitor.shop).add("k1", L3_S=1))["cart"]

    assert [one["cart"]["version"] for one in (once, twice)] == [2, 2]
    assert held(once["cart"]) == held(twice["cart"]) == {"L3-S": 1, "L4-S": 1}
    assert anew["id"] == first["id"]
    assert (await Trolley(visitor.shop).add("k9", L3_S=1))["cart"]["id"] != first["id"]


async def test_visitor_without_a_token_has_no_cart(visitor: Trolley) -> None:
    assert await visitor.shop.ask(READ, None) == {"cart": None}


async def test_shopper_with_a_token_fills_the_temporary_cart(ann: Trolley) -> None:
    visitor = Trolley(ann.shop)
    await visitor.add("k1", L3_S=1)
    temporary = Trolley(ann.shop, ann.user, visitor.token)
    await temporary.add("k1", L4_S=1)

    assert await temporary.held() == {"L3-S": 1, "L4-S": 1}
    assert (await ann.read())["lines"] == []


async def test_temporary_cart_lives_thirty_days_however_often_it_is_edited(
    visitor: Trolley,
) -> None:
    first = (await visitor.add("k1", L3_S=1))["cart"]
    second = (await visitor.add("k2", L3_S=1))["cart"]

    assert first["expiresAt"] == second["expiresAt"]


async def test_temporary_cart_holds_fifty_lines(visitor: Trolley) -> None:
    mall = visitor.shop.mall
    lines = tuple(line(5, MAX_ID - n, 100_000, 10**15) for n in range(50))
    now = mall.clock()
    tokens = mall.stores.cart_tokens
    full = tokens.sign(Cart(5, 0, 2**31 - 1, now, lines), now + tokens.lifetime)
    visitor.token = full.token

    # A cookie is no longer than 4096 bytes, its name included.
    assert len(full.token) < 4_000
    assert len((await visitor.read())["lines"]) == 50
    assert refusals(await visitor.add("k1", L3_S=1)) == [("LIMIT_EXCEEDED", ["lines"])]


def forged(token: str) -> list[str]:
    """Return what looks like a token and is none."""
    body, _, signature = token.partition(".")
    content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    content[4][0][2] = 1
    cheap = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    return [
        f"{cheap}.{signature}",
        f"{body}.{signature[:-1]}",
        f"{body}.{signature}=",
        f"{body}.",
        f"{body}.{body}",
        body,
        token.swapcase(),
        f" {token}",
        f"{token}.{signature}",
        "",
        ".",
        "é.é",
        "x" * 100_000,
    ]


async def test_forged_token_is_refused_everywhere(visitor: Trolley) -> None:
    await visitor.add("k1", L3_S=1)
    assert visitor.token
    user = fresh()
    for token in forged(visitor.token):
        bad = Trolley(visitor.shop, user, token)
        told = [("CART_TOKEN_INVALID", ["cartToken"])]
        assert refusals(await bad.add("k2", L3_S=1)) == told, token
        assert refusals(await bad.update("k2")) == told
        assert refusals(await Trolley(visitor.shop, user).merge("k2", token)) == told
        answer = await visitor.shop.send(READ, None, token=token)
        assert [one["extensions"]["code"] for one in answer["errors"]] == ["CART_TOKEN_INVALID"]
    assert (await Trolley(visitor.shop, user).read())["lines"] == []


async def test_twin_that_compares_no_signature_sells_at_any_price(
    visitor: Trolley, monkeypatch: pytest.MonkeyPatch
) -> None:
    await visitor.add("k1", L3_S=1)
    monkeypatch.setattr("stores.cart_tokens.hmac.compare_digest", lambda *_: True)
    cheap = Trolley(visitor.shop, token=forged(visitor.token or "")[0])

    assert (await cheap.read())["lines"][0]["priceWhenAdded"] == {"amount": "0.01"}


async def test_expired_token_is_refused(visitor: Trolley) -> None:
    mall = visitor.shop.mall
    now = mall.clock()
    old = mall.stores.cart_tokens.sign(Cart(5, 0, 1, now), now - timedelta(seconds=1))
    bad = Trolley(visitor.shop, fresh(), old.token)
    payload = await bad.add("k1", L3_S=1)

    assert refusals(payload) == [("CART_TOKEN_INVALID", ["cartToken"])]
    assert "expired at" in payload["userErrors"][0]["message"]
    merged = await Trolley(visitor.shop, fresh()).merge("k2", old.token)
    assert refusals(merged) == [("CART_TOKEN_INVALID", ["cartToken"])]


async def test_browser_carries_its_cart_in_a_cookie(client: Client) -> None:
    visitor = Trolley(client)
    await visitor.variant("L3-S")
    body = {"query": ADD, "variables": {"key": "k1", "input": await lines_of(visitor, "L3-S")}}
    answer = await client.http.post("/graphql", json=body)
    cookie = answer.headers["set-cookie"]

    assert cookie.startswith(
        f"mallgraph_cart={answer.json()['data']['addCartLines']['cart']['token']};"
    )
    for word in ("HttpOnly", "SameSite=lax", "Path=/", "expires="):
        assert word in cookie
    assert "Secure" not in cookie
    # The client keeps it and sends it from now on.
    body["variables"] = {"key": "k2", "input": await lines_of(visitor, "T-1")}
    await client.http.post("/graphql", json=body)
    assert held((await client.ask(READ))["cart"]) == {"L3-S": 1, "T-1": 1}
    ann = Trolley(client, fresh())
    merged = await ann.merge("m", None)
    assert held(merged["cart"]) == {"L3-S": 1, "T-1": 1}
    assert (await client.ask(READ))["cart"]["lines"] == []
    # Signed in, she sees her own cart, whatever the cookie says.
    assert await ann.held() == {"L3-S": 1, "T-1": 1}


async def lines_of(visitor: Trolley, sku: str) -> dict[str, Any]:
    return {"lines": [{"variantId": await visitor.variant(sku), "quantity": 1}]}


async def test_cookie_is_for_secure_connections_where_there_is_one(client: Client) -> None:
    visitor = Trolley(client)
    body = {"query": ADD, "variables": {"key": "k1", "input": await lines_of(visitor, "L3-S")}}
    answer = await client.http.post("https://shop/graphql", json=body)

    assert "Secure" in answer.headers["set-cookie"]


async def test_app_carries_its_cart_in_a_header_that_counts_before_the_cookie(
    client: Client,
) -> None:
    visitor = Trolley(client)
    token = (await visitor.add("k1", L3_S=1))["cart"]["token"]
    await Trolley(client).add("k2", T_1=1)
    answer = await client.http.post(
        "/graphql", json={"query": READ}, headers={"X-Cart-Token": token}
    )

    assert held(answer.json()["data"]["cart"]) == {"L3-S": 1}
    assert "set-cookie" not in answer.headers


async def test_cookie_that_is_no_token_is_told_and_taken_back(client: Client) -> None:
    client.http.cookies.set("mallgraph_cart", "forged.forged", domain="shop.local")
    answer = await client.http.post("/graphql", json={"query": READ})

    assert answer.json()["errors"][0]["extensions"] == {
        "code": "CART_TOKEN_INVALID",
        "field": ["cartToken"],
    }
    assert 'mallgraph_cart=""' in answer.headers["set-cookie"]
    assert await client.ask(READ) == {"cart": None}


async def test_token_in_an_argument_counts_before_the_cookie(client: Client) -> None:
    token = (await Trolley(client).add("k1", L3_S=1))["cart"]["token"]
    client.http.cookies.clear()
    await Trolley(client).add("k2", T_1=1)

    assert await Trolley(client, token=token).held() == {"L3-S": 1}
    answer = await client.http.post(
        "/graphql", json={"query": READ, "variables": {"token": "forged"}}
    )
    # The cookie is good, and stays.
    assert "set-cookie" not in answer.headers
