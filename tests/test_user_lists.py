"""Customers, staff and merchants: who is listed to whom, and what the owner sets."""

from typing import Any

import pytest

from graph import nodes
from resolvers.viewers import Viewers
from tests.buying import Buyer
from tests.shopping import HARBOUR, HILL, Client
from tests.user_writing import codes, done, send


async def me(shop: Client, user: str) -> Any:
    return (await shop.ask("{ me { id version roles } }", user))["me"]


CUSTOMERS = """query ($first: Int, $after: String, $query: String, $role: Role, $of: ID) {
  customers(first: $first, after: $after, query: $query, role: $role, merchantId: $of) {
    totalCount nodes { displayName phone roles } pageInfo { hasNextPage endCursor } } }"""


async def test_customers_are_listed_by_name_to_those_who_may(shop: Client) -> None:
    for name, called in (("ann", "Ännchen"), ("bob", "anton"), ("cid", "Zoe")):
        await me(shop, name)
        await done(shop, "updateProfile", "k", name, 1, displayName=called, phone=f"+{called[0]}")
    await Buyer(shop, "bob").buy({"L3-S": 1})

    async def names(user: str = "ola", **asked: Any) -> list[str | None]:
        found = (await shop.ask(CUSTOMERS, user, **asked))["customers"]
        assert found["totalCount"] == len(found["nodes"])
        return [one["displayName"] for one in found["nodes"]]

    assert await names() == [None, None, None, "Ännchen", "anton", "Zoe"]
    assert await names(query="AN") == ["Ännchen", "anton"]
    assert await names(query="+Z") == ["Zoe"]
    assert await names(query="%") == []
    assert await names(role="OWNER") == [None]
    assert await names(role="SHOPPER") == [None, "Ännchen", "anton", "Zoe"]
    assert await names(of=await shop.merchant_id(HILL)) == [None]
    assert (await names("mia"), await names("moe")) == (["anton"], [])
    refused = await shop.send(CUSTOMERS, "ann")
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_pages_of_customers_show_everybody_once(shop: Client) -> None:
    for name in ("ann", "bob", "cid", "dan"):
        await me(shop, name)
        await done(shop, "updateProfile", "k", name, 1, displayName="Same", phone=name)
    seen, after = [], None
    while True:
        page = (await shop.ask(CUSTOMERS, "ola", first=2, after=after, query="sam"))["customers"]
        seen += [one["phone"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert sorted(seen) == ["ann", "bob", "cid", "dan"]


async def test_roles_are_set_by_the_owner(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Viewers, "_remember", lambda *_: None)
    anns, olas = [(await me(shop, name))["id"] for name in ("ann", "ola")]
    hill = await shop.merchant_id(HILL)
    both = {"roles": ["MERCHANT", "SHOPPER"], "merchantId": hill}
    made = await done(shop, "setUserRoles", "k1", "ola", 1, userId=anns, **both)
    refused = {
        "stale": await send(shop, "setUserRoles", "k2", "ola", 1, userId=anns, roles=[]),
        "whose": await send(shop, "setUserRoles", "k3", "ola", 2, userId=anns, roles=["MERCHANT"]),
        "for": await send(
            shop, "setUserRoles", "k4", "ola", 2, userId=anns, roles=[], merchantId=hill
        ),
        "out": await send(shop, "setUserRoles", "k5", "ola", 2, userId=olas, roles=["SHOPPER"]),
        "nobody": await send(
            shop, "setUserRoles", "k6", "ola", 1, userId=nodes.encode("User", 7), roles=[]
        ),
    }

    assert made["user"] == {
        "id": anns,
        "version": 2,
        "roles": ["SHOPPER", "MERCHANT"],
        "merchant": {"name": HILL},
    }
    assert (await shop.ask("{ warehouses { merchant { name } } }", "ann"))["warehouses"] == [
        {"merchant": {"name": HILL}}
    ]
    assert {name: codes(one) for name, one in refused.items()} == {
        "stale": [("VERSION_CONFLICT", ["version"])],
        "whose": [("REQUIRED", ["merchantId"])],
        "for": [("INVALID", ["merchantId"])],
        "out": [("FORBIDDEN", ["roles"])],
        "nobody": [("NOT_FOUND", ["userId"])],
    }


MERCHANTS = """query ($query: String, $first: Int, $after: String) {
  merchants(query: $query, first: $first, after: $after) {
    totalCount nodes { name isActive } pageInfo { hasNextPage endCursor } } }"""


async def test_merchants_come_and_rest_and_are_listed_by_name(shop: Client) -> None:
    made = (await done(shop, "createMerchant", "k1", "ola", name="harvest"))["merchant"]
    rests = await done(
        shop, "updateMerchant", "k2", "ola", 1, merchantId=made["id"], isActive=False
    )
    stale = await send(shop, "updateMerchant", "k3", "ola", 1, merchantId=made["id"], name="New")

    async def names(user: str | None = None, **asked: Any) -> list[str]:
        found = (await shop.ask(MERCHANTS, user, **asked))["merchants"]
        return [one["name"] for one in found["nodes"]]

    assert made == {"id": made["id"], "version": 1, "name": "harvest", "isActive": True}
    assert rests["merchant"] == made | {"version": 2, "isActive": False}
    assert codes(stale) == [("VERSION_CONFLICT", ["version"])]
    assert await names() == [HARBOUR, HILL]
    assert await names("mia") == [HARBOUR, "harvest", HILL]
    assert await names("mia", query="HAR") == [HARBOUR, "harvest"]
    assert await names("mia", query="?") == []
    first = (await shop.ask(MERCHANTS, "mia", first=2))["merchants"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert await names("mia", first=2, after=first["pageInfo"]["endCursor"]) == [HILL]
