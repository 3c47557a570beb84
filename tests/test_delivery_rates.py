"""Delivery rates are changed; parcels have links, and the shop tells how it is paid."""

from typing import Any

import pytest
from pydantic import ValidationError

from graph import nodes
from graph.checkouts import OPTION
from stores.settings_parcels import ParcelSettings, tracking_pages
from tests.buying import Buyer, key
from tests.paying import cards_of, euros
from tests.shipping import Dispatcher, codes
from tests.shopping import Client

RATES = """{ deliveryRates { id version title carrier regions price { amount }
  pricePerKg { amount } freeAbove { amount } estimatedDays isActive } }"""
CREATE = """mutation ($key: ID!, $input: CreateDeliveryRateInput!) {
  createDeliveryRate(idempotencyKey: $key, input: $input) { deliveryRate { id version } } }"""
UPDATE = """mutation ($key: ID!, $version: Int!, $input: UpdateDeliveryRateInput!) {
  updateDeliveryRate(idempotencyKey: $key, version: $version, input: $input) {
    deliveryRate { id version title } isReplay userErrors { code field details {
      ... on VersionConflictDetails { currentVersion current { id } } } } } }"""
METHODS = "{ shop { paymentMethods { code title } } }"
LINK = "query ($n: String!) { order(number: $n) { fulfillments { trackingUrl } } }"
#: Changes, the code, and the path of what is wrong.
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"title": None}, "REQUIRED", "title"),
    ({"title": " "}, "INVALID", "title"),
    ({"regions": None}, "REQUIRED", "regions"),
    ({"regions": ["DE", "Germany"]}, "INVALID", "regions.1"),
    ({"price": None}, "REQUIRED", "price"),
    ({"price": euros("-1")}, "INVALID", "price.amount"),
    ({"isActive": None}, "REQUIRED", "isActive"),
    ({"estimatedDays": 366}, "INVALID", "estimatedDays"),
    ({"deliveryRateId": "x"}, "INVALID", "deliveryRateId"),
    ({"deliveryRateId": "RGVsaXZlcnlSYXRlOjE"}, "NOT_FOUND", "deliveryRateId"),
]


async def _rate(shop: Client, id_: str) -> dict[str, Any]:
    found = (await shop.ask(RATES, "ola"))["deliveryRates"]
    return next(one for one in found if one["id"] == id_)


async def _change(
    shop: Client, rate: dict[str, Any], used: str = "", **changes: Any
) -> dict[str, Any]:
    input_ = {"deliveryRateId": rate["id"], **changes}
    told = {"key": used or key(), "version": rate["version"], "input": input_}
    payload: dict[str, Any] = (await shop.ask(UPDATE, "mia", **told))["updateDeliveryRate"]
    return payload


async def test_rate_is_changed_for_orders_to_come_and_whoever_saw_another_price_is_told(
    shop: Client,
) -> None:
    new = {
        "title": "Post",
        "carrier": "Gull Post",
        "regions": ["DE"],
        "price": euros("0.00"),
        "pricePerKg": euros("1.00"),
    }
    made = (await shop.ask(CREATE, "ola", key=key(), input=new))["createDeliveryRate"]
    rate, used = made["deliveryRate"], key()
    ann = Buyer(shop)
    await ann.fill({"L5-S": 1})
    await ann.begin()
    ann.option = nodes.encode(OPTION, nodes.decode(rate["id"])[1])
    told = []
    for bad, code, field in BAD:
        (error,) = (await _change(shop, rate, **bad))["userErrors"]
        told += [] if (error["code"], ".".join(error["field"])) == (code, field) else [(bad, error)]
    before = await _rate(shop, rate["id"])
    changes: dict[str, Any] = {
        "price": euros("3.90"),
        "carrier": None,
        "pricePerKg": None,
        "regions": [],
    }
    done, again = [await _change(shop, rate, used, **changes) for _ in range(2)]
    stale = await _change(shop, rate, price=euros("1.00"))
    placed = await ann.place()
    ann.total = "9.40"
    dearer = await ann.place()

    assert told == []
    assert (before["version"], before["price"]) == (1, {"amount": "0.00"})
    assert codes(done) == codes(again) == []
    assert (done["isReplay"], again["isReplay"]) == (False, True)
    assert await _rate(shop, rate["id"]) == {
        "id": rate["id"],
        "version": 2,
        "title": "Post",
        "carrier": None,
        "regions": [],
        "price": {"amount": "3.90"},
        "pricePerKg": None,
        "freeAbove": None,
        "estimatedDays": None,
        "isActive": True,
    }
    assert codes(stale) == ["VERSION_CONFLICT"]
    assert stale["userErrors"][0]["details"]["current"] == {"id": rate["id"]}
    assert codes(placed) == ["PRICE_CHANGED"]
    assert dearer["order"]["totals"]["total"]["amount"] == "9.40"


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_shop_tells_every_way_to_pay(shop: Client) -> None:
    balance = {"code": "BALANCE", "title": "Balance"}
    alone = (await shop.ask(METHODS))["shop"]["paymentMethods"]
    async with cards_of(shop):
        told = (await shop.ask(METHODS))["shop"]["paymentMethods"]

    assert alone == [balance]
    assert [one["code"] for one in told] == ["BALANCE", "CARD", "CARD_LATER"]


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_parcel_has_a_link_where_its_carrier_is_known(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 1})
    await desk.ship(order)
    unknown = (await shop.ask(LINK, "ann", n=order["number"]))["order"]["fulfillments"]
    pages = dict(tracking_pages("Gull+Post=https://gull.example/?of={number}&x=1"))
    monkeypatch.setattr(shop.mall, "_tracking_pages", pages)
    known = (await shop.ask(LINK, "ann", n=order["number"]))["order"]["fulfillments"]

    assert unknown == [{"trackingUrl": None}]
    assert known == [{"trackingUrl": "https://gull.example/?of=GP%201&x=1"}]


@pytest.mark.parametrize(
    "wrong", ["Gull", "Gull=gull.example/{number}", "Gull=https://gull.example/"]
)
def test_page_of_a_carrier_has_an_address_and_a_place_for_the_number(wrong: str) -> None:
    with pytest.raises(ValidationError):
        ParcelSettings(tracking_urls=wrong)
