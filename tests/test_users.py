"""Users: their profile, what they keep, and who may see and do what."""

import asyncio
from typing import Any

import pytest

from graph import nodes
from resolvers import address_edits
from stores import saved_addresses, wishes
from tests.buying import Buyer
from tests.shopping import Client
from tests.user_writing import ADDRESS, codes, done, send

ME = """{ me { id version displayName phone locale roles merchant { name }
  addresses { id version isDefault address { line1 } }
  wishlist { totalCount nodes { slug } pageInfo { hasNextPage } } } }"""


async def me(shop: Client, user: str = "ann") -> Any:
    return (await shop.ask(ME, user))["me"]


async def product_id(shop: Client, slug: str) -> str:
    return nodes.encode("Product", await shop.product_key(slug))


async def test_profile_is_changed_once_and_by_the_version_that_was_read(shop: Client) -> None:
    before = await me(shop)
    first = await done(
        shop, "updateProfile", "k1", version=1, displayName=" Ann ", phone="1", locale="zh-CN"
    )
    again = await done(
        shop, "updateProfile", "k1", version=1, displayName=" Ann ", phone="1", locale="zh-CN"
    )
    late = await send(shop, "updateProfile", "k2", version=1, displayName="Anna")
    cleared = await done(shop, "updateProfile", "k3", version=2, phone=None)

    told = {"displayName": "Ann", "phone": "1", "locale": "zh-CN", "version": 2}
    assert {name: first["user"][name] for name in told} == told
    assert (again["isReplay"], again["user"]) == (True, first["user"])
    assert codes(late) == [("VERSION_CONFLICT", ["version"])]
    assert late["userErrors"][0]["details"] == {
        "currentVersion": 2,
        "current": {"id": before["id"], "__typename": "User"},
    }
    assert (cleared["user"]["phone"], cleared["user"]["displayName"]) == (None, "Ann")


async def test_addresses_are_kept_with_one_default(shop: Client) -> None:
    first = await done(shop, "createAddress", "k1", address=ADDRESS, isDefault=True)
    second = await done(shop, "createAddress", "k2", address=ADDRESS | {"line1": "Quay 2"})
    id_ = second["savedAddress"]["id"]
    other = await done(shop, "updateAddress", "k3", version=1, addressId=id_, isDefault=True)
    stale = await send(
        shop, "updateAddress", "k4", version=1, addressId=first["savedAddress"]["id"]
    )
    gone = await done(shop, "deleteAddress", "k5", version=2, addressId=id_)
    replay = await done(shop, "deleteAddress", "k5", version=2, addressId=id_)
    missing = await send(shop, "deleteAddress", "k6", version=2, addressId=id_)

    shown = [(one["address"]["line1"], one["isDefault"]) for one in other["user"]["addresses"]]
    assert shown == [("Quay 2", True), ("Quay 1", False)]
    # It was the default, and is not any more: that is a change of it.
    assert codes(stale) == [("VERSION_CONFLICT", ["version"])]
    assert [one["address"]["line1"] for one in gone["user"]["addresses"]] == ["Quay 1"]
    assert (replay["isReplay"], replay["deletedAddressId"]) == (True, id_)
    assert codes(missing) == [("NOT_FOUND", ["addressId"])]


async def _defaults_at_once(shop: Client) -> int:
    """Add ten addresses at once, each as the default; return how many are."""
    await me(shop)
    sent = [
        send(shop, "createAddress", f"k{n}", address=ADDRESS, isDefault=True) for n in range(10)
    ]
    assert [codes(one) for one in await asyncio.gather(*sent)] == [[]] * 10
    found = (await me(shop))["addresses"]
    assert len(found) == 10
    return sum(one["isDefault"] for one in found)


async def test_of_ten_defaults_at_once_one_is_left(shop: Client) -> None:
    assert await _defaults_at_once(shop) == 1


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_takes_it_from_nobody_leaves_all(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_told: object) -> None:
        return None

    monkeypatch.setattr(saved_addresses, "no_other_default", nothing)
    assert await _defaults_at_once(shop) == 10


async def test_there_is_an_end_to_what_one_keeps(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_edits, "MAX_ADDRESSES", 1)
    monkeypatch.setattr("resolvers.wishes.MAX_WISHES", 1)
    ids = [await product_id(shop, slug) for slug in ("lamp-1", "lamp-2")]
    await done(shop, "createAddress", "k1", address=ADDRESS)
    second = await send(shop, "createAddress", "k2", address=ADDRESS)
    many = await send(shop, "updateWishlist", "k3", addProductIds=ids)

    assert codes(second) == [("LIMIT_EXCEEDED", None)]
    assert codes(many) == [("LIMIT_EXCEEDED", ["addProductIds"])]
    assert (saved_addresses.MAX_ADDRESSES, wishes.MAX_WISHES) == (50, 1_000)


async def test_order_goes_to_an_address_that_is_kept_and_keeps_it(shop: Client) -> None:
    ann = Buyer(shop)
    kept = (await done(shop, "createAddress", "k1", address=ADDRESS))["savedAddress"]["id"]
    await ann.fill({"L2-S": 1})
    await ann.begin()
    preview = """query ($n: String!, $id: ID!) { checkout(orderNumber: $n) {
      deliveryOptions(shippingAddress: {addressId: $id}) { id }
      preview(shippingAddress: {addressId: $id}) { totals { total { amount } } } } }"""
    shown = await shop.ask(preview, "ann", n=ann.number, id=kept)
    placed = await ann.place("place", shippingAddress={"addressId": kept})
    await done(shop, "deleteAddress", "k2", version=1, addressId=kept)
    replay = await ann.place("place", shippingAddress={"addressId": kept})
    query = "query ($n: String!) { order(number: $n) { shippingAddress { name line1 city } } }"
    order = (await shop.ask(query, "ann", n=ann.number))["order"]

    assert shown["checkout"]["deliveryOptions"] == [{"id": ann.option}]
    assert (placed["userErrors"], replay["isReplay"]) == ([], True)
    assert order["shippingAddress"] == {"name": "Ann Buyer", "line1": "Quay 1", "city": "Hamburg"}


async def test_addresses_of_others_look_like_missing_ones(shop: Client) -> None:
    anns = (await done(shop, "createAddress", "k1", address=ADDRESS))["savedAddress"]["id"]
    bob = Buyer(shop, "bob")
    await bob.fill({"L2-S": 1})
    await bob.begin()
    node = "query ($id: ID!) { node(id: $id) { __typename } }"
    wrong = []
    for id_ in (anns, nodes.encode("SavedAddress", 7)):
        answers = [
            codes(await send(shop, "updateAddress", "k2", "bob", 1, addressId=id_)),
            codes(await send(shop, "deleteAddress", "k3", "bob", 1, addressId=id_)),
            codes(await bob.place(shippingAddress={"addressId": id_})),
            [((await shop.ask(node, user, id=id_))["node"]) for user in ("bob", "mia", None)],
        ]
        wrong.append(answers)

    missing = [("NOT_FOUND", ["addressId"])]
    ordered = [("NOT_FOUND", ["shippingAddress", "addressId"])]
    assert wrong == [[missing, missing, ordered, [None, None, None]]] * 2
    assert (await shop.ask(node, "ola", id=anns))["node"] == {"__typename": "SavedAddress"}


async def test_wishlist_is_ones_own_newest_first_and_in_pages(shop: Client) -> None:
    slugs = ["lamp-1", "tea", "lamp-2"]
    ids = [await product_id(shop, slug) for slug in slugs]
    await done(shop, "updateWishlist", "k1", addProductIds=ids)
    again = await done(shop, "updateWishlist", "k2", addProductIds=[ids[0]])
    page = """query ($after: String) { me { wishlist(first: 2, after: $after) { totalCount
      edges { cursor node { slug } } pageInfo { hasNextPage endCursor } } } }"""
    first = (await shop.ask(page, "ann"))["me"]["wishlist"]
    end = first["pageInfo"]["endCursor"]
    second = (await shop.ask(page, "ann", after=end))["me"]["wishlist"]
    foreign = await shop.send(page, "bob", after=end)
    off = await done(shop, "updateWishlist", "k3", removeProductIds=[ids[1], ids[1]])
    draft = await send(
        shop, "updateWishlist", "k4", addProductIds=[await product_id(shop, "draft-lamp")]
    )

    assert [one["slug"] for one in again["user"]["wishlist"]["nodes"]] == slugs[::-1]
    assert [one["node"]["slug"] for one in first["edges"]] == ["lamp-2", "tea"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert [one["node"]["slug"] for one in second["edges"]] == ["lamp-1"]
    assert foreign["errors"][0]["extensions"]["code"] == "INVALID"
    assert [one["slug"] for one in off["user"]["wishlist"]["nodes"]] == ["lamp-2", "lamp-1"]
    assert codes(draft) == [("NOT_FOUND", ["addProductIds", "0"])]


async def test_what_one_keeps_is_seen_by_nobody_else(shop: Client) -> None:
    ann, bob = Buyer(shop), Buyer(shop, "bob")
    await done(shop, "createAddress", "k1", address=ADDRESS)
    await done(shop, "updateWishlist", "k2", addProductIds=[await product_id(shop, "lamp-1")])
    # Of the harbour.
    await ann.buy({"L3-S": 1})
    anns, bobs = [(await me(shop, name))["id"] for name in ("ann", bob.name)]
    query = """query ($id: ID!) { customer(id: $id) {
      id addresses { address { line1 } } wishlist { totalCount } } }"""
    hidden = {"id": anns, "addresses": None, "wishlist": None}

    assert (await shop.ask(query, "mia", id=anns))["customer"] == hidden
    assert (await shop.ask(query, "moe", id=anns))["customer"] is None
    assert (await shop.ask(query, "mia", id=bobs))["customer"] is None
    kept = [{"address": {"line1": "Quay 1"}}]
    assert (await shop.ask(query, "ola", id=anns))["customer"] == hidden | {"addresses": kept}


WRONG: dict[str, tuple[dict[str, Any], tuple[str, list[str]]]] = {
    "updateProfile": ({"displayName": " "}, ("INVALID", ["displayName"])),
    "createAddress": (
        {"address": ADDRESS | {"countryCode": "de"}},
        ("INVALID", ["address", "countryCode"]),
    ),
    "updateAddress": ({"addressId": "x"}, ("INVALID", ["addressId"])),
    "deleteAddress": ({"addressId": "x"}, ("INVALID", ["addressId"])),
    "updateWishlist": ({}, ("REQUIRED", ["addProductIds"])),
}


async def test_bad_input_is_told_where_it_is(shop: Client) -> None:
    more = [
        ("updateProfile", {"phone": "1\n2"}, ("INVALID", ["phone"])),
        ("updateProfile", {"locale": "Chinese (China)"}, ("INVALID", ["locale"])),
    ]
    asked = [*((name, *one) for name, one in WRONG.items()), *more]
    found = [
        (name, codes(await send(shop, name, "k1", version=1, **input_)))
        for name, input_, _ in asked
    ]

    assert found == [(name, [expected]) for name, _, expected in asked]
