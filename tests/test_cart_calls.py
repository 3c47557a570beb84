"""What a cart costs: as many store calls with fifty lines as with one."""

import pytest

from tests.shopping import Client
from tests.trolley import ADD, READ


@pytest.fixture
async def full(client: Client) -> dict[int, str]:
    """Temporary carts of 1 and of 50 lines."""
    found = await client.ask(
        "{ products(first: 60) { nodes { variants { id availableQuantity } } } }"
    )
    ids = [
        one["id"]
        for node in found["products"]["nodes"]
        for one in node["variants"]
        if one["availableQuantity"]
    ]
    tokens = {}
    for count in (1, 50):
        lines = {"lines": [{"variantId": id_} for id_ in ids[:count]]}
        payload = (await client.ask(ADD, key=f"k{count}", input=lines))["addCartLines"]
        tokens[count] = payload["cart"]["token"]
        client.http.cookies.clear()
    return tokens


async def test_fifty_lines_cost_as_many_calls_as_one(
    client: Client, full: dict[int, str], statements: list[str]
) -> None:
    counted = []
    for count in (1, 50):
        statements.clear()
        cart = (await client.ask(READ, token=full[count]))["cart"]
        assert len(cart["lines"]) == count
        counted.append(len(statements))
    # Variants with stock, products and the shop; which promotions apply is known.
    assert counted == [1, 1]


CHANGE = """mutation ($input: UpdateCartInput!) {
  updateCart(idempotencyKey: "k", input: $input) { cart { version } } }"""


async def test_edit_of_fifty_lines_costs_as_many_calls_as_of_one(
    client: Client, full: dict[int, str], statements: list[str]
) -> None:
    counted = []
    for count in (1, 50):
        cart = (await client.ask(READ, token=full[count]))["cart"]
        changes = [{"lineId": one["id"], "quantity": 1} for one in cart["lines"]]
        statements.clear()
        told = {"cartToken": full[count], "lines": changes}
        await client.ask(CHANGE, input=told)
        counted.append(len(statements))
    assert counted == [2, 2]
