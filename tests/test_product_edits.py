"""Products, written and edited by their staff."""

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import func, select

from stores import idempotency
from stores.products import products
from stores.search import SearchStore
from tests.product_writing import CREATE, create, done, euros, everything, read, update
from tests.search_shelf import settle
from tests.shopping import Client

PICTURE = {"url": "https://pictures.example/kettle.png"}
WHOLE: dict[str, Any] = {
    "title": "  Swan kettle ",
    "subtitle": "Pours drop by drop",
    "description": "<p>A thin neck.</p><script>alert(1)</script>",
    "brand": "Morrowbean",
    "status": "ACTIVE",
    "media": [{"source": PICTURE, "alt": "A kettle"}],
    "specs": [
        {"key": "capacity", "value": {"number": "0.90"}, "unit": "L", "group": "Size"},
        {"key": "dishwasher_safe", "value": {"isTrue": False}},
        {"key": "hobs", "label": "Hobs", "value": {"items": ["Gas", "Induction"]}},
        {"key": "handle", "value": {"text": "Beech"}},
    ],
    "variants": [
        {
            "sku": "K-900",
            "barcode": "2047000000367",
            "options": [{"name": "Colour", "value": "Black"}],
            "price": euros("59.00"),
            "compareAtPrice": euros("69.00"),
            "weightGrams": 820,
            "media": PICTURE,
        },
        {"sku": "K-901", "title": "White one", "price": euros("64.5")},
    ],
}
SHEET: list[dict[str, Any]] = [
    {
        "key": "capacity",
        "label": "Capacity",
        "group": "Size",
        "unit": "L",
        "value": {"number": "0.90"},
    },
    {
        "key": "dishwasher_safe",
        "label": "Dishwasher safe",
        "group": None,
        "unit": None,
        "value": {"isTrue": False},
    },
    {
        "key": "hobs",
        "label": "Hobs",
        "group": None,
        "unit": None,
        "value": {"items": ["Gas", "Induction"]},
    },
    {
        "key": "handle",
        "label": "Handle",
        "group": None,
        "unit": None,
        "value": {"text": "Beech"},
    },
]
SEARCH = "query ($words: String) { search(query: $words) { nodes { slug title } } }"


async def test_product_is_created_with_all_that_belongs_to_it(shop: Client) -> None:
    payload = await create(shop, **WHOLE)

    product = done(payload)
    assert payload["isReplay"] is False
    assert all(variant.pop("id") for variant in product["variants"])
    assert product.pop("id")
    assert product == {
        "version": 1,
        "revision": 1,
        "slug": "swan-kettle",
        "title": "Swan kettle",
        "subtitle": "Pours drop by drop",
        "description": "A thin neck.",
        "brand": "Morrowbean",
        "status": "ACTIVE",
        "merchant": {"name": "Harbour"},
        "category": {"slug": "lamps"},
        "media": [
            {
                "objectKey": None,
                "url": PICTURE["url"],
                "kind": "IMAGE",
                "alt": "A kettle",
                "width": None,
                "height": None,
            }
        ],
        "specs": SHEET,
        "variants": [
            {
                "sku": "K-900",
                "barcode": "2047000000367",
                "title": "Black",
                "options": [{"name": "Colour", "value": "Black"}],
                "price": euros("59.00"),
                "compareAtPrice": {"amount": "69.00"},
                "weightGrams": 820,
                "media": PICTURE,
                "availableQuantity": 0,
            },
            {
                "sku": "K-901",
                "barcode": None,
                "title": "White one",
                "options": [],
                "price": euros("64.50"),
                "compareAtPrice": None,
                "weightGrams": None,
                "media": None,
                "availableQuantity": 0,
            },
        ],
        "priceRange": {"min": {"amount": "59.00"}, "max": {"amount": "64.50"}},
    }


async def test_new_product_stands_in_the_lists_of_its_shelf(shop: Client) -> None:
    done(await create(shop, status="ACTIVE"))

    found = await shop.ask(
        '{ category(slug: "lamps") { products(first: 1) { nodes { slug } } }'
        '  products(filter: {query: "swan"}) { nodes { slug } } }'
    )
    assert found["category"]["products"]["nodes"] == [{"slug": "swan-kettle"}]
    assert found["products"]["nodes"] == [{"slug": "swan-kettle"}]


async def test_draft_is_seen_by_its_staff_only(shop: Client) -> None:
    done(await create(shop))
    asked = '{ product(by: {slug: "swan-kettle"}) { status } }'

    assert (await shop.ask(asked, "mia"))["product"] == {"status": "DRAFT"}
    assert (await shop.ask(asked, "ola"))["product"] == {"status": "DRAFT"}
    assert [(await shop.ask(asked, user))["product"] for user in (None, "ann", "moe")] == [None] * 3


async def test_slug_is_made_from_the_title_and_grows_until_it_is_free(shop: Client) -> None:
    slugs = [
        done(await create(shop, variants=[{"sku": f"K-{n}", "price": euros("1.00")}]))["slug"]
        for n in range(2)
    ]
    assert slugs == ["swan-kettle", "swan-kettle-k-1"]
    nothing = [{"sku": "!?", "price": euros("0")}]
    assert done(await create(shop, title="!?", variants=nothing))["slug"] == "product"


async def test_owner_says_whose_product_it_is(shop: Client) -> None:
    payload = await create(shop, "ola", merchantId=await shop.merchant_id("Hill"))
    assert done(payload)["merchant"] == {"name": "Hill"}

    (error,) = (await create(shop, "ola"))["userErrors"]
    assert (error["code"], error["field"]) == ("REQUIRED", ["merchantId"])


async def test_two_merchants_may_use_one_sku(shop: Client) -> None:
    done(await create(shop, "mia"))
    assert done(await create(shop, "moe"))["slug"] == "swan-kettle-k-1"


async def found_by_search(shop: Client, words: str, title: str) -> float:
    """Return after how many seconds search shows the product under this title."""
    store: SearchStore = shop.mall.stores.search
    began = time.monotonic()
    while time.monotonic() < began + 10:
        await settle(store)
        nodes = (await shop.ask(SEARCH, words=words))["search"]["nodes"]
        if title in [node["title"] for node in nodes]:
            break
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def test_search_shows_a_new_product_and_its_edit_within_two_seconds(shop: Client) -> None:
    product = done(await create(shop, status="ACTIVE"))
    assert await found_by_search(shop, "swan", "Swan kettle") < 2

    done(await update(shop, product, title="Heron kettle"))
    assert await found_by_search(shop, "heron", "Heron kettle") < 2
    assert (await shop.ask(SEARCH, words="swan"))["search"]["nodes"] == []


async def test_retry_is_a_replay_and_shows_what_it_asks_for(shop: Client) -> None:
    first = await create(shop, key_="k1", **WHOLE)
    before = await everything(shop)
    again = await create(shop, key_="k1", **WHOLE)

    assert again == first | {"isReplay": True}
    assert await everything(shop) == before
    other = """mutation ($key: ID!, $input: CreateProductInput!) {
      createProduct(idempotencyKey: $key, input: $input) { isReplay product { name: title } } }"""
    whole = WHOLE | {"categoryId": await _category(shop)}
    answer = await shop.ask(other, "mia", key="k1", input=whole)
    assert answer["createProduct"] == {"isReplay": True, "product": {"name": "Swan kettle"}}


async def _category(shop: Client) -> str:
    found = await shop.ask('{ category(slug: "lamps") { id } }')
    id_: str = found["category"]["id"]
    return id_


async def storm(shop: Client, keys: list[str]) -> tuple[int, int]:
    """Create one product many times at once; return how many acted, and how many there are."""
    before = await _count(shop)
    answers = await asyncio.gather(*(create(shop, key_=key_, **WHOLE) for key_ in keys))
    acted = [one for one in answers if one["product"] and not one["isReplay"]]
    return len(acted), await _count(shop) - before


async def _count(shop: Client) -> int:
    async with shop.mall.stores.database.read(fresh=True) as session:
        return await session.row(int, select(func.count()).select_from(products)) or 0


async def test_equal_keys_at_once_make_one_product(shop: Client) -> None:
    assert await storm(shop, ["k1"] * 12) == (1, 1)


async def test_other_keys_at_once_make_one_product_of_one_sku(shop: Client) -> None:
    assert await storm(shop, [f"k{n}" for n in range(8)]) == (1, 1)


async def test_twin_without_the_claim_acts_again(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unguarded(_session: object, wanted: object) -> object:
        return wanted

    monkeypatch.setattr(idempotency, "claim", unguarded)
    monkeypatch.setattr(idempotency, "find", _nothing)
    done(await create(shop, key_="k1"))
    other = [{"sku": "K-2", "price": euros("59.00")}]
    assert (await create(shop, key_="k1", variants=other))["isReplay"] is False
    assert await read(shop, "swan-kettle-k-2")


async def _nothing(*_key: object) -> None:
    return None


@pytest.mark.parametrize("user", [None, "ann"])
async def test_buyers_create_no_products(shop: Client, user: str | None) -> None:
    whole = WHOLE | {"categoryId": await _category(shop)}
    answer = await shop.send(CREATE, user, key="k1", input=whole)

    assert answer["data"] == {"createProduct": None}
    code = "FORBIDDEN" if user else "UNAUTHENTICATED"
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
