"""What an edit of a product changes, what it leaves, and who wins."""

import asyncio
from dataclasses import asdict
from typing import Any

import pytest
from sqlalchemy import update as sql_update

from resolvers import product_edits, product_states
from resolvers.product_writes import Overtaken
from stores import products
from stores.errors import StoreUnavailable
from stores.products import Product
from stores.specs import STORE
from stores.sql import WriteSession
from tests.product_writing import UPDATE, create, done, euros, everything, key, read, update
from tests.shopping import Client

LAMP = "lamp-1"
#: Whoever is told so sends the same again.
AGAIN = {"STORE_UNAVAILABLE", "IDEMPOTENCY_IN_PROGRESS"}
WEIGHT = {"key": "weight", "value": {"number": "9.9"}}
SPEC = {"group": None, "unit": None}


async def test_edit_changes_what_it_names_and_nothing_else(shop: Client) -> None:
    before = await read(shop, LAMP)
    after = done(await update(shop, before, title="Lamp one", brand=None))

    assert after == before | {"version": 2, "revision": 2, "title": "Lamp one", "brand": None}
    assert await read(shop, LAMP) == after


async def test_edit_that_changes_nothing_is_a_version_and_no_revision(shop: Client) -> None:
    before = await read(shop, LAMP)
    assert done(await update(shop, before)) == before | {"version": 2}


async def test_null_clears_what_may_be_empty(shop: Client) -> None:
    before = await read(shop, LAMP)
    null: dict[str, Any] = {"subtitle": None, "description": None, "brand": None}
    after = done(await update(shop, before, **null, media=None))
    variants = [variant | {"media": None} for variant in before["variants"]]
    assert after == before | null | {
        "version": 2,
        "revision": 2,
        "media": [],
        "variants": variants,
    }


async def test_specs_are_added_changed_and_removed_and_others_stay(shop: Client) -> None:
    before = await read(shop, LAMP)
    after = done(
        await update(
            shop,
            before,
            specs=[
                {"key": "weight", "value": {"number": "1.20"}},
                {"key": "colour", "value": {"text": "blue"}, "group": None, "label": "Paint"},
                {"key": "ip-class", "value": {"text": "IP44"}},
            ],
            removeSpecKeys=["includes"],
        )
    )
    assert after == before | {
        "version": 2,
        "revision": 2,
        "specs": [
            SPEC | {"key": "weight", "label": "Weight", "unit": "kg", "value": {"number": "1.20"}},
            SPEC | {"key": "colour", "label": "Paint", "value": {"text": "blue"}},
            SPEC | {"key": "dimmable", "label": "Dimmable", "value": {"isTrue": False}},
            SPEC | {"key": "ip-class", "label": "Ip class", "value": {"text": "IP44"}},
        ],
    }


async def test_variants_are_added_changed_and_removed(shop: Client) -> None:
    before = await read(shop, LAMP)
    small, large = before["variants"]
    after = done(
        await update(
            shop,
            before,
            variants=[
                {"sku": "L1-XL", "price": euros("2.00"), "options": [_size("XL")]},
                {"variantId": large["id"], "price": euros("7.00"), "compareAtPrice": None},
            ],
            removeVariantIds=[small["id"]],
        )
    )
    added = after["variants"][1]
    assert after == before | {
        "version": 2,
        "revision": 2,
        "priceRange": {"min": {"amount": "2.00"}, "max": {"amount": "7.00"}},
        "variants": [
            large | {"price": euros("7.00"), "compareAtPrice": None},
            {
                "id": added["id"],
                "sku": "L1-XL",
                "barcode": None,
                "title": "XL",
                "options": [_size("XL")],
                "price": euros("2.00"),
                "compareAtPrice": None,
                "weightGrams": None,
                "media": None,
                "availableQuantity": 0,
            },
        ],
    }


def _size(value: str) -> dict[str, str]:
    return {"name": "Size", "value": value}


async def test_variants_may_swap_their_skus(shop: Client) -> None:
    before = await read(shop, LAMP)
    small, large = before["variants"]
    swapped = [
        {"variantId": small["id"], "sku": large["sku"]},
        {"variantId": large["id"], "sku": small["sku"]},
    ]
    after = done(await update(shop, before, variants=swapped))
    assert [one["sku"] for one in after["variants"]] == ["L1-L", "L1-S"]
    assert [one["id"] for one in after["variants"]] == [small["id"], large["id"]]


async def test_title_made_for_a_variant_follows_what_it_is_made_of(shop: Client) -> None:
    before = done(await create(shop))
    after = done(await update(shop, before, title="Heron kettle"))
    assert [one["title"] for one in after["variants"]] == ["Heron kettle"]

    edit = {"variantId": after["variants"][0]["id"], "options": [_size("L")]}
    again = done(await update(shop, after, variants=[edit]))
    assert [one["title"] for one in again["variants"]] == ["L"]


async def test_picture_of_a_variant_follows_the_media_of_its_product(shop: Client) -> None:
    before = await read(shop, LAMP)
    old = {"source": {"url": before["media"][0]["url"]}, "alt": "Again"}
    new = {"source": {"url": "https://pictures.example/new.png"}}
    after = done(await update(shop, before, media=[new, old]))

    assert [one["alt"] for one in after["media"]] == [None, "Again"]
    assert after["variants"] == before["variants"]
    other = {"variantId": before["variants"][0]["id"], "media": new["source"]}
    again = done(await update(shop, after, variants=[other], media=[new]))
    assert [one["media"] for one in again["variants"]] == [new["source"], None]


async def test_stored_picture_is_named_by_its_key(shop: Client) -> None:
    object_key = shop.mall.stores.media.put(b"<svg/>", "svg")
    before = await read(shop, LAMP)
    after = done(await update(shop, before, media=[{"source": {"objectKey": object_key}}]))
    assert [one["objectKey"] for one in after["media"]] == [object_key]


async def test_product_moves_to_another_shelf_and_its_lists(shop: Client) -> None:
    before = await read(shop, LAMP)
    tea = (await shop.ask('{ category(slug: "绿茶") { id } }'))["category"]["id"]
    after = done(await update(shop, before, categoryId=tea, slug="tea-lamp"))

    assert after == before | {
        "version": 2,
        "revision": 2,
        "slug": "tea-lamp",
        "category": {"slug": "绿茶"},
    }
    asked = "query ($slug: String!) { category(slug: $slug) { products { nodes { slug } } } }"
    for slug, is_there in {"茶叶": True, "绿茶": True, "lamps": False, "desk-lamps": False}.items():
        found = (await shop.ask(asked, slug=slug))["category"]["products"]["nodes"]
        assert ({"slug": "tea-lamp"} in found) is is_there, slug


async def test_archived_product_leaves_the_shop_and_comes_back(shop: Client) -> None:
    before = await read(shop, LAMP)
    asked = '{ product(by: {slug: "lamp-1"}) { slug } }'
    archived = done(await update(shop, before, status="ARCHIVED"))
    assert (await shop.ask(asked))["product"] is None
    again = done(await update(shop, archived, status="ACTIVE"))
    assert (await shop.ask(asked))["product"] == {"slug": LAMP}
    assert (again["version"], again["revision"]) == (3, 3)


async def test_merchant_edits_only_its_own_products(shop: Client) -> None:
    theirs = await read(shop, "lamp-2")
    (error,) = (await update(shop, theirs, "mia", title="Mine"))["userErrors"]
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["productId"])
    assert await read(shop, "lamp-2") == theirs
    assert done(await update(shop, theirs, "ola", title="The owner's"))["version"] == 2


async def test_conflict_carries_the_product_as_it_is_now(shop: Client) -> None:
    before = await read(shop, LAMP)
    done(await update(shop, before, title="First"))
    payload = await update(shop, before, title="Second")

    (error,) = payload["userErrors"]
    assert error.pop("message")
    assert error == {
        "code": "VERSION_CONFLICT",
        "field": ["version"],
        "details": {
            "currentVersion": 2,
            "current": {"id": before["id"], "title": "First", "version": 2},
        },
    }
    assert payload["product"] is None


async def test_retry_with_the_old_version_is_a_replay(shop: Client) -> None:
    before = await read(shop, LAMP)
    sheet = [{"key": "weight", "value": {"number": "9"}}]
    first = await update(shop, before, key_="k1", title="First", specs=sheet)
    again = await update(shop, before, key_="k1", title="First", specs=sheet)
    assert again == first | {"isReplay": True}


async def test_equal_edits_at_once_are_one_edit(shop: Client) -> None:
    before = await read(shop, LAMP)
    edit: dict[str, Any] = {"title": "First", "removeSpecKeys": ["weight"]}
    sent = [update(shop, before, key_="k1", **edit) for _ in range(10)]
    answers = await asyncio.gather(*sent)
    assert sorted(one["isReplay"] for one in answers) == [False] + [True] * 9
    assert {done(one)["version"] for one in answers} == {2}


async def race(shop: Client, attempts: int = 64, clients: int = 32) -> list[tuple[str, int]]:
    """Edit four products by many clients at once; return the version of each success."""
    slugs = [f"lamp-{number}" for number in (1, 2, 3, 5)]
    seen = {slug: await read(shop, slug) for slug in slugs}
    won: list[tuple[str, int]] = []
    tries = iter(range(attempts))

    async def client() -> None:
        for number in tries:
            product = seen[slugs[number % 4]]
            sheet = [{"key": "edit", "value": {"text": str(number)}}]
            payload = await patiently(shop, product, title=f"Edit {number}", specs=sheet)
            if payload["product"]:
                won.append((product["slug"], product["version"] + 1))
                seen[product["slug"]] = payload["product"]
            for error in payload["userErrors"]:
                assert error["code"] == "VERSION_CONFLICT", error
                current = error["details"]["currentVersion"]
                seen[product["slug"]] = product | {"version": current}

    await asyncio.gather(*(client() for _ in range(clients)))
    return won


async def patiently(shop: Client, product: dict[str, Any], **edit: Any) -> dict[str, Any]:
    """Return what becomes of an edit, sent again with its key until the shop tells."""
    variables = {
        "key": key(),
        "version": product["version"],
        "input": {"productId": product["id"], **edit},
    }
    headers = {"authorization": f"Bearer {shop.token('ola')}"}
    while True:
        body = {"query": UPDATE, "variables": variables}
        answer = (await shop.http.post("/graphql", json=body, headers=headers)).json()
        payload: dict[str, Any] | None = (answer.get("data") or {}).get("updateProduct")
        if payload and not {error["code"] for error in payload["userErrors"]} & AGAIN:
            return payload


async def test_every_version_is_given_once(shop: Client) -> None:
    won = await race(shop)

    assert len(set(won)) == len(won)
    for slug in {slug for slug, _ in won}:
        now = await read(shop, slug)
        mine = [version for each, version in won if each == slug]
        assert sorted(mine) == list(range(2, now["version"] + 1))
        # Title and data sheet are of one edit: two never mix.
        (spec,) = [one for one in now["specs"] if one["key"] == "edit"]
        assert now["title"] == f"Edit {spec['value']['text']}"


async def test_twin_that_does_not_compare_gives_versions_twice(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unguarded(session: WriteSession, product: Product) -> bool:
        same = sql_update(products.products).where(products.products.c.id == product.id)
        await session.update(same.values(asdict(product)))
        return True

    monkeypatch.setattr(products, "change", unguarded)
    monkeypatch.setattr(product_edits, "_is_at", lambda *_: True)
    won = await race(shop, attempts=12, clients=6)
    assert len(set(won)) < len(won)


async def test_without_the_documents_nothing_is_half_written(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp = await read(shop, LAMP)
    before = await everything(shop)

    async def away(_documents: object) -> None:
        raise StoreUnavailable(STORE)

    with monkeypatch.context() as patch:
        patch.setattr(shop.mall.stores.specs, "put", away)
        for payload in (
            await create(shop, key_="k1", specs=[WEIGHT]),
            await update(shop, lamp, key_="k2", specs=[WEIGHT]),
        ):
            (error,) = payload["userErrors"]
            assert (error["code"], payload["product"]) == ("STORE_UNAVAILABLE", None)
        assert await everything(shop) == before

    assert done(await create(shop, key_="k1", specs=[WEIGHT]))["version"] == 1
    assert done(await update(shop, lamp, key_="k2", specs=[WEIGHT]))["version"] == 2


async def test_lost_answers_are_looked_up(shop: Client) -> None:
    created = done(await create(shop, key_="k1"))
    done(await update(shop, created, key_="k2", title="Heron kettle"))
    asked = """query ($key: ID!, $mutation: String!) {
      operationStatus(idempotencyKey: $key, mutation: $mutation) {
        state object { ... on Product { title version } } } }"""
    for key_, mutation in (("k1", "createProduct"), ("k2", "updateProduct")):
        status = await shop.ask(asked, "mia", key=key_, mutation=mutation)
        assert status["operationStatus"] == {
            "state": "COMPLETED",
            "object": {"title": "Heron kettle", "version": 2},
        }


async def test_product_overtaken_by_its_shelf_is_written_by_the_next_attempt(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = (await create(shop))["product"]
    real, times = product_states.write, iter(range(100))

    async def overtaken_once(*told: Any) -> None:
        await real(*told)
        if next(times) == 0:
            raise Overtaken

    monkeypatch.setattr(product_states, "write", overtaken_once)
    payload = await update(shop, made, title="Second")

    assert payload["userErrors"] == []
    assert (payload["product"]["title"], payload["product"]["version"]) == ("Second", 2)
    assert next(times) == 2
