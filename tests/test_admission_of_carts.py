"""Carts and orders have places of their own: neither stops the other."""

from typing import Any

import pytest

from graph import admission, view
from stores.settings import Settings
from tests.crowd import MUTATION, SHORT_DEADLINE, busy, codes

CART: dict[str, Any] = {
    "query": """mutation($input: AddCartLinesInput!) {
      addCartLines(idempotencyKey: "k", input: $input) { userErrors { code } } }""",
    "variables": {"input": {"lines": [], "cartToken": "none"}},
}
#: Its second field needs a place among the others.
MIXED: dict[str, Any] = {
    "query": """mutation($input: AddCartLinesInput!, $more: CancelOrderInput!) {
      addCartLines(idempotencyKey: "k", input: $input) { userErrors { code } }
      cancelOrder(idempotencyKey: "k", version: 1, input: $more) { userErrors { code } } }""",
    "variables": {**CART["variables"], "more": {"orderId": "", "reason": ""}},
}
#: What a fragment holds is not looked at.
HIDDEN: dict[str, Any] = {
    "query": """mutation($input: AddCartLinesInput!) { ...cart }
      fragment cart on Mutation {
        addCartLines(idempotencyKey: "k", input: $input) { userErrors { code } } }""",
    "variables": CART["variables"],
}


async def _beside(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    first: dict[str, Any],
    second: dict[str, Any],
) -> list[str]:
    """Send a mutation while another holds the only place of its kind; return what it is told."""
    monkeypatch.setattr(admission, "PLACES", 1)
    monkeypatch.setattr(view, "DEADLINE_SECONDS", SHORT_DEADLINE)
    async with busy(settings, monkeypatch, first) as (shop, slow, running):
        told = codes(await shop.http.post("/graphql", json=second))
        slow.let_go.set()
        await running
    return told


@pytest.mark.parametrize(("stuck", "wanted"), [(MUTATION, CART), (CART, MUTATION)])
async def test_carts_and_orders_do_not_wait_for_each_other(
    embedded_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    stuck: dict[str, Any],
    wanted: dict[str, Any],
) -> None:
    assert "OVERLOADED" not in await _beside(embedded_settings, monkeypatch, stuck, wanted)
    assert await _beside(embedded_settings, monkeypatch, stuck, stuck) == ["OVERLOADED"]


@pytest.mark.parametrize("other", [MIXED, HIDDEN])
async def test_what_is_not_plainly_of_carts_waits_with_the_others(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    assert await _beside(embedded_settings, monkeypatch, MUTATION, other) == ["OVERLOADED"]


@pytest.mark.parametrize(("stuck", "wanted"), [(MUTATION, CART), (CART, MUTATION)])
async def test_twin_with_one_queue_stops_carts_by_orders_and_orders_by_carts(
    embedded_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    stuck: dict[str, Any],
    wanted: dict[str, Any],
) -> None:
    monkeypatch.setattr(admission, "OF_CARTS", frozenset())
    assert await _beside(embedded_settings, monkeypatch, stuck, wanted) == ["OVERLOADED"]
