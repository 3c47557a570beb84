"""Orders with parcels and returns ask the relational store as often as one of them."""

import pytest

from jobs import expiry, payments
from tests.shipping import ASK, Dispatcher, lines_of
from tests.shopping import Client

SHOWN = """query ($n: Int) { me { orders(first: $n) { nodes {
  fulfillments { carrier merchant { name } order { number } lines { quantity line { sku } } }
  returns { reason merchant { name } order { number } refund { id } lines { quantity }
    receivedLines { quantity } restockedLines { quantity } }
  lines { sku refundableQuantity }
  events { kind fulfillment { id } orderReturn { id } } } } } }"""


async def _calls(shop: Client, statements: list[str], first: int) -> tuple[int, int]:
    """Return how many orders are shown, and how often the store is asked for them."""
    statements.clear()
    found = (await shop.ask(SHOWN, "ann", n=first))["me"]["orders"]["nodes"]
    assert all(one["fulfillments"] and one["returns"] for one in found)
    return len(found), len(statements)


@pytest.mark.slow
async def test_parcels_and_returns_of_three_orders_cost_as_many_calls_as_of_one(
    shop: Client, statements: list[str]
) -> None:
    desk, costs = Dispatcher(shop), list[int]()
    for wanted in ({"L5-S": 1}, {"L5-S": 1, "L3-S": 1}, {"L5-S": 1, "L3-S": 1, "T-1": 2}):
        order = await desk.paid(wanted)
        statements.clear()
        await desk.ship(order, "mia")
        costs.append(len(statements))
        seen = await desk.order(order["number"])
        back = {"orderId": order["id"], "reason": "No.", "lines": lines_of(order, {"L5-S": 1})}
        await desk.send(ASK, "ann", seen["version"], back)
    await _calls(shop, statements, 1)
    one, three = await _calls(shop, statements, 1), await _calls(shop, statements, 3)

    # The first operation of a kind asks what a process asks once.
    assert costs[1] == costs[2] > 0
    assert (one[0], three[0]) == (1, 3)
    # Lines of parcels and those of returns are asked for by one statement if both are known in the
    # same moment, else by two; two orders more would be two statements more at least.
    assert one[1] > 0
    assert abs(three[1] - one[1]) <= 1


async def test_what_jobs_ask_beside_is_not_counted(shop: Client, statements: list[str]) -> None:
    await Dispatcher(shop).paid({"L5-S": 1})
    statements.clear()
    await payments.go_on(shop.mall)
    await expiry.expire(shop.mall)
    by_jobs = len(statements)
    await shop.ask("{ shop { name } }")

    assert (by_jobs, len(statements)) == (0, 1)
