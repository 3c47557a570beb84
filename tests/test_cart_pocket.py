"""The temporary cart that a client carries: within one document, and between requests."""

import itertools
import os
from typing import Any

import pytest

from resolvers.context import Context
from stores.cart_tokens import TemporaryCart
from tests.shopping import Client
from tests.trolley import READ, Trolley, held, refusals

_numbers = itertools.count()

LINES = "lines { id quantity variant { sku } }"
TOLD = f"cart {{ token version {LINES} }} isReplay userErrors {{ code field message }}"


@pytest.fixture
def user() -> str:
    """A shopper that nobody was before: the shop is that of all tests."""
    return f"carrier-{os.getpid()}-{next(_numbers)}"


def edit(alias: str, mutation: str, input: str = "{}", version: str = "") -> str:
    """Return one field of a document."""
    key = f'idempotencyKey: "{alias}"'
    return f"{alias}: {mutation}({key} {version} input: {input}) {{ {TOLD} }}"


async def add(shop: Client, alias: str, sku: str, token: str | None = None) -> str:
    """Return the field that adds one unit, to the cart that the client carries or to another."""
    lines = f'lines: [{{ variantId: "{await Trolley(shop).variant(sku)}" }}]'
    named = "" if token is None else f'cartToken: "{token}"'
    return edit(alias, "addCartLines", f"{{ {named} {lines} }}")


async def ask(
    shop: Client, *fields: str, user: str | None = None, header: str | None = None
) -> tuple[dict[str, Any], str | None]:
    """Send fields as one document; return their payloads, and the cookie that came back."""
    headers = {"authorization": f"Bearer {shop.token(user)}"} if user else {}
    headers |= {"x-cart-token": header} if header else {}
    body = {"query": f"mutation {{ {' '.join(fields)} }}"}
    answer = await shop.http.post("/graphql", json=body, headers=headers)
    assert "errors" not in answer.json(), answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data, answer.headers.get("set-cookie")


async def token_of(shop: Client, key: str, **units: int) -> str:
    """Return the token of a new temporary cart, and forget its cookie."""
    visitor = Trolley(shop)
    await visitor.add(key, **units)
    shop.http.cookies.clear()
    assert visitor.token
    return visitor.token


async def two_adds(shop: Client, **carried: str) -> tuple[dict[str, Any], str | None]:
    return await ask(shop, await add(shop, "a", "L3-S"), await add(shop, "b", "T-1"), **carried)


BOTH = {"L3-S": 1, "T-1": 1}


async def test_second_edit_of_a_document_goes_on_from_the_first(client: Client) -> None:
    told, cookie = await two_adds(client)

    assert [held(one["cart"]) for one in told.values()] == [{"L3-S": 1}, BOTH]
    assert cookie
    assert cookie.startswith(f"mallgraph_cart={told['b']['cart']['token']};")
    assert held((await client.ask(READ))["cart"]) == BOTH


async def test_twin_that_reads_what_came_with_the_request_loses_the_first_edit(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sent(ctx: Context, _token: str | None) -> TemporaryCart | None:
        came = ctx.pocket.sent
        return None if came is None else ctx.stores.cart_tokens.read(came, ctx.clock())

    monkeypatch.setattr("resolvers.cart_edits.temporary", sent)
    told, _ = await two_adds(client)

    assert held(told["b"]["cart"]) == {"T-1": 1}


async def test_two_edits_of_a_cart_in_a_header_are_both_kept(client: Client) -> None:
    told, _ = await two_adds(client, header=await token_of(client, "k", L4_S=1))

    assert held(told["b"]["cart"]) == {"L4-S": 1, **BOTH}
    assert [one["cart"]["version"] for one in told.values()] == [2, 3]


async def test_two_edits_of_a_cart_in_a_cookie_are_both_kept(client: Client) -> None:
    client.http.cookies.set("mallgraph_cart", await token_of(client, "k", L4_S=1))
    told, _ = await two_adds(client)

    assert held(told["b"]["cart"]) == {"L4-S": 1, **BOTH}
    assert held((await client.ask(READ))["cart"]) == {"L4-S": 1, **BOTH}


async def test_same_document_sent_again_gives_the_same_cart(client: Client) -> None:
    first, _ = await two_adds(client)
    client.http.cookies.clear()
    again, _ = await two_adds(client)

    assert [again["b"]["cart"][name] for name in ("version", "lines")] == [
        first["b"]["cart"][name] for name in ("version", "lines")
    ]


async def test_line_that_was_just_added_is_updated(client: Client) -> None:
    """Its ID is that of the first call: a cart of the same key and lines is the same one."""
    first, _ = await ask(client, await add(client, "a", "L3-S"))
    client.http.cookies.clear()
    line = first["a"]["cart"]["lines"][0]["id"]
    more = edit("b", "updateCart", f'{{ lines: [{{ lineId: "{line}", quantity: 3 }}] }}')
    told, _ = await ask(client, await add(client, "a", "L3-S"), more)

    assert held(told["b"]["cart"]) == {"L3-S": 3}


async def test_version_is_that_of_the_edit_before(client: Client) -> None:
    version = "version: 1"
    told, _ = await ask(
        client, await add(client, "a", "L3-S"), edit("b", "updateCart", version=version)
    )

    assert (told["b"]["userErrors"], held(told["b"]["cart"])) == ([], {"L3-S": 1})


async def test_merge_after_an_edit_moves_what_was_just_added(client: Client, user: str) -> None:
    token = await token_of(client, "k", L4_S=1)
    edited = await add(client, "a", "L3-S", token)
    told, _ = await ask(client, edited, edit("m", "mergeCart"), user=user, header=token)

    assert held(told["m"]["cart"]) == {"L4-S": 1, "L3-S": 1}
    assert (await client.ask(READ))["cart"]["lines"] == []


async def test_edit_that_was_refused_leaves_the_one_before(client: Client) -> None:
    told, cookie = await ask(client, await add(client, "a", "L3-S"), await add(client, "b", "L3-L"))

    assert refusals(told["b"]) == [("INSUFFICIENT_STOCK", ["lines", "0", "quantity"])]
    assert cookie
    assert cookie.startswith(f"mallgraph_cart={told['a']['cart']['token']};")


GONE = 'mallgraph_cart=""'
INVALID = [("CART_TOKEN_INVALID", ["cartToken"])]


async def logged_in_twice(shop: Client, user: str) -> str | None:
    """Merge the cart of a cookie whose answer never came, then again; return the last cookie."""
    token = await token_of(shop, f"k-{user}", L4_S=1)
    await ask(shop, edit("m", "mergeCart", f'{{ cartToken: "{token}" }}'), user=user)
    shop.http.cookies.clear()
    shop.http.cookies.set("mallgraph_cart", token, domain="shop.local")
    told, cookie = await ask(shop, edit("n", "mergeCart"), user=user)
    assert refusals(told["n"]) == INVALID
    return cookie


async def test_cookie_of_a_cart_that_is_merged_already_is_taken_back(
    client: Client, user: str
) -> None:
    cookie = await logged_in_twice(client, user)
    assert cookie
    assert cookie.startswith(GONE)

    # So the next temporary cart is merged.
    await ask(client, await add(client, "a", "L3-S"))
    told, _ = await ask(client, edit("o", "mergeCart"), user=user)
    assert held(told["o"]["cart"]) == {"L4-S": 1, "L3-S": 1}


async def test_twin_that_keeps_a_refused_cookie_merges_nothing_any_more(
    client: Client, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.cart_edits.let_go", lambda _ctx: None)
    assert await logged_in_twice(client, user) is None

    await ask(client, await add(client, "a", "L3-S"))
    told, _ = await ask(client, edit("o", "mergeCart"), user=user)
    assert refusals(told["o"]) == INVALID


async def test_cookie_stays_when_a_merge_named_its_own_token(client: Client, user: str) -> None:
    token = await token_of(client, f"k-{user}", L4_S=1)
    named = f'{{ cartToken: "{token}" }}'
    await ask(client, edit("m", "mergeCart", named), user=user)
    client.http.cookies.clear()
    await ask(client, await add(client, "a", "L3-S"))
    told, cookie = await ask(client, edit("n", "mergeCart", named), user=user)

    assert (refusals(told["n"]), cookie) == (INVALID, None)


async def test_edit_of_a_merged_cart_is_no_cookie_after_its_merge_was_refused(
    client: Client, user: str
) -> None:
    token = await token_of(client, f"k-{user}", L4_S=1)
    await ask(client, edit("m", "mergeCart", f'{{ cartToken: "{token}" }}'), user=user)
    client.http.cookies.clear()
    told, cookie = await ask(
        client, await add(client, "a", "L3-S", token), edit("n", "mergeCart"), user=user
    )

    assert (refusals(told["n"]), cookie) == (INVALID, None)


async def test_bad_cookie_is_taken_back_though_a_later_field_names_a_bad_token(
    client: Client,
) -> None:
    client.http.cookies.set("mallgraph_cart", "forged.forged", domain="shop.local")
    told, cookie = await ask(
        client, await add(client, "a", "L3-S"), await add(client, "b", "L3-S", "forged.too")
    )

    assert [refusals(one) for one in told.values()] == [INVALID, INVALID]
    assert cookie
    assert cookie.startswith(GONE)


async def bad_header(shop: Client) -> str | None:
    """Send a bad header beside a good cookie; return the cookie that came back."""
    await ask(shop, await add(shop, "a", "L3-S"))
    told, cookie = await ask(shop, await add(shop, "b", "L3-S"), header="forged.forged")
    assert refusals(told["b"]) == INVALID
    return cookie


async def test_bad_header_takes_no_good_cookie_back(client: Client) -> None:
    assert await bad_header(client) is None
    assert held((await client.ask(READ))["cart"]) == {"L3-S": 1}


async def test_twin_that_looks_only_whether_there_is_a_cookie_takes_a_good_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.cart_cookie.was_sent", lambda request, _: bool(request.cookies))
    assert (await bad_header(client) or "").startswith(GONE)
    assert await client.ask(READ) == {"cart": None}
