"""An order is placed in GraphiQL, with the operations that the page offers."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.buying import ADDRESS
from tests.graphiql_window import Window, open_window

AGAIN = "Send the same key again"

pytestmark = pytest.mark.slow


@pytest.fixture
async def window(tmp_path: Path, small_folder: Path) -> AsyncGenerator[Window]:
    """GraphiQL with the token of a shopper in Headers."""
    async with open_window(tmp_path, small_folder) as opened:
        opened.token = opened.token_of("ann")
        await opened.sign_in()
        yield opened


async def run(window: Window, title: str, variables: object = None) -> Any:
    """Open an offered operation, fill it in, run it, and return what its first field answered."""
    await window.offered(title)
    if variables is not None:
        await window.variables(variables)
    (answered,) = (await window.run())["data"].values()
    return answered


async def test_order_is_placed_once_however_often_its_key_is_sent(window: Window) -> None:
    shelves = await run(window, "Shelf")
    tea = next(one for one in shelves if one["name"] == "茶叶")["products"]["nodes"][0]
    line = {"variantId": tea["variants"][0]["id"], "quantity": 2}
    filled = await run(window, "Fill the cart", {"input": {"lines": [line]}})
    begun = await run(window, "Begin checkout")
    where = {"number": begun["checkout"]["orderNumber"], "address": {"address": ADDRESS}}
    known = await run(window, "Deliver where", where)
    where["option"] = known["deliveryOptions"][0]["id"]
    priced = await run(window, "Deliver where", where)
    wanted = {
        "orderNumber": where["number"],
        "deliveryOptionId": where["option"],
        "shippingAddress": where["address"],
        "expectedTotal": priced["preview"]["totals"]["total"],
    }
    first = await run(window, "Place the order", {"input": wanted})
    again = (await window.run(AGAIN))["data"]["placeOrder"]
    fresh = (await window.run())["data"]["placeOrder"]
    mine = (await run(window, "My orders"))["orders"]

    assert (filled["cart"]["itemCount"], first["order"]["number"]) == (2, where["number"])
    assert (first["isReplay"], first["userErrors"]) == (False, [])
    assert again == first | {"isReplay": True}
    assert [error["code"] for error in fresh["userErrors"]] == ["ORDER_NUMBER_USED"]
    assert [order["id"] for order in mine["nodes"]] == [first["order"]["id"]]
    keys = [sent["variables"]["key"] for sent in window.sent if "PlaceOrder" in sent["query"]]
    assert keys[0] == keys[1] != keys[2]
    assert window.complaints == []


async def test_placeholder_that_is_not_filled_in_is_told(window: Window) -> None:
    payload = await run(window, "Fill the cart")

    assert [(one["code"], one["message"]) for one in payload["userErrors"]] == [
        ("INVALID", "This is no ID; send one that the shop has given, as it was given.")
    ]
