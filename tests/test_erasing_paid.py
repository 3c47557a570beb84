"""Erasing whoever has paid: no money vanishes, and no words of a price are kept."""

from typing import Any

import pytest

from graph import nodes
from jobs import payments
from stores import payment_traces
from tests.buying import key
from tests.paying import Payer
from tests.shipping import codes
from tests.shopping import Client
from tests.test_accounts import ME, paid_in
from tests.test_erasing import traces
from tests.test_price_changes import change, priced
from tests.user_writing import send

pytestmark = pytest.mark.parametrize("shop", ["embedded"], indirect=True)


async def _erase(shop: Client, user_id: str, used: str) -> list[Any]:
    told = {"userId": user_id, "reason": "Asked for it."}
    return codes(await send(shop, "eraseCustomer", used, "ola", 1, **told))


async def _cancelled(shop: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a shopper whose balance has paid an order that is cancelled, and not given back."""

    async def idle(_mall: object) -> int:
        return 0

    zoe = Payer(shop, "zoe")
    order = await zoe.buyer.buy({"L2-S": 1})
    await paid_in(shop, "2.50", key(), "zoe")
    assert codes(await zoe.start(order, "BALANCE")) == []
    monkeypatch.setattr(payments, "go_on", idle)
    assert codes(await zoe.buyer.cancel(await zoe.order(order["number"]))) == []
    return nodes.encode("User", await zoe.buyer.user_id())


async def test_money_that_goes_back_by_itself_is_waited_for(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        user_id = await _cancelled(shop, patched)
        refused = await _erase(shop, user_id, "early")
    await payments.go_on(shop.mall)
    account = (await shop.ask(ME, "zoe"))["me"]["account"]

    assert refused == ["FORBIDDEN"]
    assert account["balance"] == {"amount": "2.50"}


async def test_twin_that_waits_for_no_money_gives_it_to_nobody(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: object) -> int:
        return 0

    monkeypatch.setattr(payment_traces, "open_ones", none)
    with monkeypatch.context() as patched:
        user_id = await _cancelled(shop, patched)
        assert await _erase(shop, user_id, "early") == []
    await payments.go_on(shop.mall)
    query = "query ($id: ID!) { node(id: $id) { ... on User { account { balance { amount } } } } }"
    found = (await shop.ask(query, "ola", id=user_id))["node"]

    assert found["account"]["balance"] == {"amount": "2.50"}


async def test_words_about_a_price_go_from_the_audit_log_too(shop: Client) -> None:
    zoe = Payer(shop, "zoe")
    order = await zoe.buyer.buy({"L5-S": 1})
    seen = await priced(shop, order["number"], "zoe")
    assert codes(await change(shop, seen, "-1.00", reason="Zebulon was kind.")) == []
    left = await traces(shop, "Zebulon")
    assert codes(await zoe.buyer.cancel(await zoe.order(order["number"]))) == []
    erased = await _erase(shop, nodes.encode("User", await zoe.buyer.user_id()), "erase")

    assert left == {"order_discounts.title", "order_events.note", "audit_entries.reason"}
    assert erased == []
    assert await traces(shop, "Zebulon") == set()
