"""Orders that cannot be: each refusal tells where and why, and changes nothing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from graph import nodes
from graph.checkouts import OPTION
from stores.checkouts import checkouts
from stores.merchants import merchants
from stores.products import ProductStatus, products
from stores.products import variants as variant_table
from tests.buying import ADDRESS, BEGIN, CANCEL, PLACE, Buyer, by_sku, key, state
from tests.eventually import eventually
from tests.shopping import Client

CREATE_RATE = """mutation($key: ID!, $input: CreateDeliveryRateInput!) {
  createDeliveryRate(idempotencyKey: $key, input: $input) {
    deliveryRate { title price { amount } regions } userErrors { code message field } } }"""

STRANGE = nodes.encode("Product", 5)


def address(**changed: object) -> dict[str, Any]:
    return {"shippingAddress": {"address": ADDRESS | changed}}


def euros(amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {"expectedTotal": {"amount": amount, "currencyCode": currency}}


#: What is changed in a good input of placeOrder, the code, and the path of what is wrong.
BAD_PLACES: list[tuple[dict[str, Any], str, str | None]] = [
    ({"orderNumber": ""}, "INVALID", "orderNumber"),
    ({"orderNumber": "1" * 18}, "INVALID", "orderNumber"),
    ({"orderNumber": "x" * 300}, "INVALID", "orderNumber"),
    ({"orderNumber": "261127000000019999"}, "INVALID", "orderNumber"),
    ({"orderNumber": "261127999999999997"}, "NOT_FOUND", "orderNumber"),
    ({"deliveryOptionId": "x"}, "INVALID", "deliveryOptionId"),
    ({"deliveryOptionId": STRANGE}, "INVALID", "deliveryOptionId"),
    ({"deliveryOptionId": nodes.encode(OPTION, 7)}, "NOT_FOUND", "deliveryOptionId"),
    (euros("2.49"), "PRICE_CHANGED", "expectedTotal"),
    (euros("0"), "PRICE_CHANGED", "expectedTotal"),
    (euros("-2.50"), "INVALID", "expectedTotal.amount"),
    (euros("2.505"), "INVALID", "expectedTotal.amount"),
    (euros("9" * 20), "INVALID", "expectedTotal.amount"),
    (euros("2.50", "USD"), "INVALID", "expectedTotal.currencyCode"),
    (address(countryCode="Germany"), "INVALID", "shippingAddress.address.countryCode"),
    (address(countryCode="de"), "INVALID", "shippingAddress.address.countryCode"),
    (address(name=" "), "INVALID", "shippingAddress.address.name"),
    (address(city="x" * 101), "INVALID", "shippingAddress.address.city"),
    (address(line1="a\nb"), "INVALID", "shippingAddress.address.line1"),
    (address(line2="\u0000"), "INVALID", "shippingAddress.address.line2"),
    (address(postalCode="1" * 17), "INVALID", "shippingAddress.address.postalCode"),
    (address(phone="1" * 33), "INVALID", "shippingAddress.address.phone"),
    ({"note": "x" * 1_001}, "INVALID", "note"),
]

BAD_KEYS = ["", " ", "a b", "k" * 256, "schlüssel", "a\tb", "键"]


@pytest.fixture
async def ann(shop: Client) -> Buyer:
    """A shopper whose checkout is ready to be placed."""
    ann = Buyer(shop)
    await ann.fill({"L2-S": 1})
    assert (await ann.begin())["userErrors"] == []
    return ann


async def refused(payload: dict[str, Any], code: str, field: str | None) -> None:
    (error,) = payload["userErrors"]
    told = ".".join(error["field"] or ()) or None
    assert (error["code"], told) == (code, field), error
    assert len(error["message"]) > 15
    assert payload["isReplay"] is False


async def unchanged(shop: Client, call: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    before = await state(shop)
    payload = await call()
    assert await state(shop) == before
    return payload


async def test_bad_orders_are_told_where_and_place_nothing(shop: Client, ann: Buyer) -> None:
    for changed, code, field in BAD_PLACES:

        async def call(changed: dict[str, Any] = changed) -> dict[str, Any]:
            return await ann.place(**changed)

        payload = await unchanged(shop, call)
        assert payload["order"] is None
        await refused(payload, code, field)
    # Nothing of it has taken the checkout.
    assert (await ann.place())["userErrors"] == []


@pytest.mark.parametrize("bad", BAD_KEYS)
async def test_bad_keys_do_nothing(shop: Client, ann: Buyer, bad: str) -> None:
    await refused(await unchanged(shop, lambda: ann.place(bad)), "INVALID", "idempotencyKey")
    await refused(await unchanged(shop, lambda: ann.begin(bad)), "INVALID", "idempotencyKey")


async def test_reused_key_does_nothing_and_shows_nothing(shop: Client, ann: Buyer) -> None:
    used = key()
    placed = await ann.place(used)
    payload = await unchanged(shop, lambda: ann.place(used, note="Another."))

    assert payload["order"] is None
    await refused(payload, "IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
    same = await ann.place(used)
    assert (same["order"], same["isReplay"]) == (placed["order"], True)


async def test_key_of_another_shopper_is_another_key(shop: Client, ann: Buyer) -> None:
    used = key()
    await ann.place(used)
    zoe = Buyer(shop, "zoe")
    await zoe.fill({"L4-S": 1})
    await zoe.begin()

    placed = await zoe.place(used)
    assert (placed["isReplay"], placed["userErrors"]) == (False, [])


async def test_foreign_checkout_is_not_there(shop: Client, ann: Buyer) -> None:
    zoe = Buyer(shop, "zoe", number=ann.number, option=ann.option, total=ann.total)
    payload = await unchanged(shop, zoe.place)

    await refused(payload, "NOT_FOUND", "orderNumber")
    assert (await ann.place())["userErrors"] == []


async def test_expired_checkout_places_nothing(shop: Client, ann: Buyer) -> None:
    past = shop.mall.clock() - timedelta(seconds=1)
    overdue = update(checkouts).where(checkouts.c.number == ann.number).values(expires_at=past)
    await shop.mall.stores.database.transact(lambda session: session.update(overdue))

    await refused(await unchanged(shop, ann.place), "CHECKOUT_EXPIRED", "orderNumber")


#: Input of beginCheckout, the code, and the path of what is wrong.
BAD_BEGINNINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"lineIds": ["x"]}, "INVALID", "lineIds.0"),
    ({"lineIds": [STRANGE]}, "INVALID", "lineIds.0"),
    ({"lineIds": [nodes.encode("CartLine", 7)]}, "NOT_FOUND", "lineIds.0"),
    ({"lineIds": [nodes.encode("CartLine", 7)] * 2}, "INVALID", "lineIds"),
    ({"lineIds": [nodes.encode("CartLine", n) for n in range(2_001)]}, "INVALID", "lineIds"),
    ({"cartVersion": 0}, "VERSION_CONFLICT", "cartVersion"),
    ({"cartVersion": 99}, "VERSION_CONFLICT", "cartVersion"),
    ({"cartVersion": -1}, "VERSION_CONFLICT", "cartVersion"),
]


async def test_bad_checkouts_are_told_where(shop: Client, ann: Buyer) -> None:
    for bad, code, field in BAD_BEGINNINGS:

        async def call(bad: dict[str, Any] = bad) -> dict[str, Any]:
            data = await shop.ask(BEGIN, "ann", key=key(), input=bad)
            payload: dict[str, Any] = data["beginCheckout"]
            return payload

        payload = await unchanged(shop, call)
        assert payload["checkout"] is None
        await refused(payload, code, field)


async def test_nothing_selected_is_no_checkout(shop: Client) -> None:
    zoe = Buyer(shop, "zoe")
    empty: list[dict[str, Any]] = [{}, {"lineIds": []}]
    for input_ in empty:
        payload = await zoe.begin(**input_)
        assert [one["code"] for one in payload["userErrors"]] == ["CART_EMPTY"]


async def _off_sale(shop: Client) -> None:
    archived = update(products).where(products.c.slug == "lamp-2")
    changed = archived.values(status=ProductStatus.ARCHIVED.value)
    await shop.mall.stores.database.transact(lambda session: session.update(changed))


async def _deleted(shop: Client) -> None:
    gone = delete(variant_table).where(variant_table.c.sku == "L2-S")
    await shop.mall.stores.database.transact(lambda session: session.update(gone))


async def _closed(shop: Client) -> None:
    shut = update(merchants).values(is_active=False)
    await shop.mall.stores.database.transact(lambda session: session.update(shut))


@pytest.mark.parametrize("end", [_off_sale, _deleted, _closed])
async def test_what_is_not_on_sale_is_not_checked_out(
    shop: Client, end: Callable[[Client], Awaitable[None]]
) -> None:
    ann = Buyer(shop)
    await ann.fill({"L2-S": 1})
    await end(shop)

    payload = await unchanged(shop, ann.begin)
    await refused(payload, "VARIANT_UNAVAILABLE", "lines.0.variant")


async def test_cart_that_changes_during_the_checkout_changes_no_order(
    shop: Client, ann: Buyer
) -> None:
    await ann.fill({"L2-S": 1, "L4-S": 1})
    placed = await ann.place()

    assert placed["order"]["totals"]["total"]["amount"] == "2.50"
    found = await by_sku(shop, {"L2-S": 1, "L4-S": 1})
    left = {found["L2-S"].id: 1, found["L4-S"].id: 1}
    await eventually(ann.cart, left)


#: What is changed in a good input of cancelOrder, the code, and the path of what is wrong.
BAD_CANCELS: list[tuple[dict[str, Any], str, str]] = [
    ({"orderId": "x"}, "INVALID", "orderId"),
    ({"orderId": STRANGE}, "INVALID", "orderId"),
    ({"orderId": nodes.encode("Order", 261127999999999997)}, "NOT_FOUND", "orderId"),
    ({"reason": ""}, "INVALID", "reason"),
    ({"reason": "  "}, "INVALID", "reason"),
    ({"reason": "x" * 1_001}, "INVALID", "reason"),
    ({"version": 0}, "VERSION_CONFLICT", "version"),
    ({"version": 2}, "VERSION_CONFLICT", "version"),
    ({"version": -(2**31)}, "VERSION_CONFLICT", "version"),
]


async def test_bad_cancels_are_told_where_and_change_nothing(shop: Client, ann: Buyer) -> None:
    order = (await ann.place())["order"]
    for bad, code, field in BAD_CANCELS:

        async def call(bad: dict[str, Any] = bad) -> dict[str, Any]:
            whole = {"orderId": order["id"], "reason": "No.", "version": 1} | bad
            version = whole.pop("version")
            data = await shop.ask(CANCEL, "ann", key=key(), version=version, input=whole)
            payload: dict[str, Any] = data["cancelOrder"]
            return payload

        payload = await unchanged(shop, call)
        assert payload["order"] is None
        await refused(payload, code, field)


#: Input of createDeliveryRate, the code, and the path of what is wrong.
BAD_RATES: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "title"),
    ({"title": "x" * 101}, "title"),
    ({"carrier": "\n"}, "carrier"),
    ({"regions": ["Germany"]}, "regions.0"),
    ({"regions": ["DE", "US-CALIF"]}, "regions.1"),
    ({"regions": ["DE"] * 301}, "regions"),
    ({"estimatedDays": -1}, "estimatedDays"),
    ({"estimatedDays": 366}, "estimatedDays"),
    ({"price": {"amount": "-1", "currencyCode": "EUR"}}, "price.amount"),
    ({"price": {"amount": "1.001", "currencyCode": "EUR"}}, "price.amount"),
    ({"price": {"amount": "1", "currencyCode": "JPY"}}, "price.currencyCode"),
    ({"pricePerKg": {"amount": "-1", "currencyCode": "EUR"}}, "pricePerKg.amount"),
    ({"freeAbove": {"amount": "1", "currencyCode": "EURO"}}, "freeAbove.currencyCode"),
]


async def test_bad_rates_are_told_where(shop: Client) -> None:
    good = {"title": "Post", "regions": [], "price": {"amount": "1.00", "currencyCode": "EUR"}}
    for bad, field in BAD_RATES:
        before = await shop.ask("{ deliveryRates { id } }", "ola")
        answer = await shop.ask(CREATE_RATE, "ola", key=key(), input=good | bad)
        payload = answer["createDeliveryRate"]
        assert payload["deliveryRate"] is None
        told = [(one["code"], ".".join(one["field"])) for one in payload["userErrors"]]
        assert told == [("INVALID", field)]
        assert await shop.ask("{ deliveryRates { id } }", "ola") == before


async def test_rate_prices_the_delivery_where_it_reaches(shop: Client, ann: Buyer) -> None:
    rate = {
        "title": "Post",
        "regions": ["DE"],
        "price": {"amount": "4.90", "currencyCode": "EUR"},
        "pricePerKg": {"amount": "1.00", "currencyCode": "EUR"},
        "freeAbove": {"amount": "10.00", "currencyCode": "EUR"},
    }
    await shop.ask(CREATE_RATE, "ola", key=key(), input=rate)
    query = """query($n: String!, $to: ShippingAddressInput) { checkout(orderNumber: $n) {
      deliveryOptions(shippingAddress: $to) { id title price { amount } } } }"""

    async def offered(country: str) -> list[tuple[str, str]]:
        to = {"address": ADDRESS | {"countryCode": country}}
        found = (await shop.ask(query, "ann", n=ann.number, to=to))["checkout"]["deliveryOptions"]
        ann.option = found[-1]["id"]
        return [(one["title"], one["price"]["amount"]) for one in found]

    # 1.5 kg begin two kilograms.
    assert await offered("DE") == [("Standard delivery", "0.00"), ("Post", "6.90")]
    await refused(await ann.place(), "PRICE_CHANGED", "expectedTotal")
    elsewhere = await ann.place(**address(countryCode="FR"))
    await refused(elsewhere, "NOT_FOUND", "deliveryOptionId")
    assert await offered("FR") == [("Standard delivery", "0.00")]
    await offered("DE")
    placed = await ann.place(**euros("9.40"))
    assert placed["order"]["totals"]["total"]["amount"] == "9.40"


@pytest.mark.parametrize("user", [None, "mia"])
async def test_who_may_not_buy_is_told_so(shop: Client, user: str | None) -> None:
    before = await state(shop)
    for document, name in ((BEGIN, "beginCheckout"), (PLACE, "placeOrder")):
        input_ = {} if name == "beginCheckout" else Buyer(shop, option="x", total="1").order_input()
        answer = await shop.send(document, user, key=key(), input=input_)
        assert answer["data"] == {name: None}
        code = "UNAUTHENTICATED" if user is None else "FORBIDDEN"
        assert [one["extensions"]["code"] for one in answer["errors"]] == [code]
    assert await state(shop) == before
