"""Accounts in a database of their own: the same shop, by each way in which two databases agree."""

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import pytest

from jobs import payments as going_on
from jobs import transfers as carrying_out
from stores import transfers
from stores.ids import utc_now
from stores.transfers import Transfer, TransferKind
from tests import ledger_books
from tests.accounts_apart import WAYS, agrees, away, balance, home, unread, way_of
from tests.buying import key
from tests.eventually import eventually
from tests.paying import REFUND, Payer, cards_of, euros
from tests.shopping import Client, open_shop
from tests.test_accounts import CASH, ME, entry, paid_in, post, posting
from tests.test_payments import codes, later

ERASE = """mutation ($key: ID!, $input: EraseCustomerInput!) {
  eraseCustomer(idempotencyKey: $key, version: 1, input: $input) { userErrors { message } } }"""
STATUS = """query ($key: ID!) {
  operationStatus(mutation: "postLedgerTransaction", idempotencyKey: $key) { state } }"""


@pytest.fixture(params=WAYS)
async def shop(
    request: pytest.FixtureRequest, tmp_path: Path, small_folder: Path, migrated_folder: Path
) -> AsyncGenerator[Client]:
    """Whoever buys in a small shop that keeps its accounts elsewhere."""
    folders = small_folder, migrated_folder
    async with home(request, tmp_path, folders) as chosen, open_shop(chosen) as opened:
        yield opened


@pytest.mark.slow
async def test_balance_is_paid_into_pays_is_refunded_and_refuses(shop: Client) -> None:
    ann = Payer(shop)
    order, other = await ann.buyer.buy({"L2-S": 1}), await ann.buyer.buy({"L3-S": 1})
    async with cards_of(shop):
        await ann.decide(await ann.top_up("3.00"))
        await going_on.go_on(later(shop, minutes=2))
    await eventually(partial(balance, shop), "3.00")
    paid, again = [await ann.start(order, "BALANCE", "pay") for _ in range(2)]
    refused = await ann.start(other, "BALANCE", "too-much")
    same = await ann.start(other, "BALANCE", "too-much")
    left = await balance(shop)
    payment = paid["payment"]
    wanted = {"paymentId": payment["id"], "amount": euros("1.00"), "reason": "A scratch."}
    back = await ann.send(REFUND, key(), wanted, by="ola", version=payment["version"])

    assert [codes(one) for one in (paid, again, back)] == [[], [], []]
    assert (paid["isReplay"], again["isReplay"]) == (False, True)
    assert paid["payment"] == again["payment"]
    assert (payment["status"], paid["order"]["status"]) == ("PAID", "PAID")
    assert codes(refused) == codes(same) == ["INSUFFICIENT_BALANCE"]
    assert refused["userErrors"][0]["details"] == {"maximum": {"amount": "0.50"}}
    assert (left, await balance(shop)) == ("0.50", "1.50")
    assert await ann.status(other["number"]) == ("PENDING_PAYMENT", "UNPAID")
    await paid_in(shop, "2.00")
    assert (await ann.start(await ann.order(other["number"]), "BALANCE"))["userErrors"] == []
    assert await balance(shop) == "0.00"
    await agrees(shop)


async def test_owner_posts_by_hand_beside_the_ledger_once_per_key(shop: Client) -> None:
    account = await paid_in(shop, "5.00", "gift")
    entries = entry(CASH, "DEBIT", "5.00"), entry(account, "CREDIT", "5.00", memo="A gift")
    again = await post(shop, "gift", posting(*entries, reference="gift"))
    used = await post(shop, "other", posting(*entries, reference="gift"))
    back = entry(account, "DEBIT", "5.01"), entry(CASH, "CREDIT", "5.01")
    refused = await post(shop, "back", posting(*back, reference="back"))
    states = [
        (await shop.ask(STATUS, "ola", key=one))["operationStatus"]["state"]
        for one in ("gift", "back")
    ]

    assert (again["isReplay"], codes(again)) == (True, [])
    assert (codes(used), codes(refused)) == (["DUPLICATE"], ["INSUFFICIENT_BALANCE"])
    assert states == ["COMPLETED", "UNKNOWN"]
    assert await balance(shop) == "5.00"
    await agrees(shop)


async def _erase(shop: Client, user_id: str) -> list[str]:
    """Return why nobody is erased."""
    wanted = {"userId": user_id, "reason": "Asked for it."}
    told = (await shop.ask(ERASE, "ola", key=key(), input=wanted))["eraseCustomer"]
    return [one["message"] for one in told["userErrors"]]


@pytest.mark.parametrize("shop", ["tcc"], indirect=True)
async def test_shopper_with_a_balance_elsewhere_is_not_erased(shop: Client) -> None:
    await paid_in(shop, "5.00")
    user_id = (await shop.ask(ME, "ann"))["me"]["id"]

    assert await _erase(shop, user_id) == ["This user has a balance; pay it out first."]


@pytest.mark.parametrize("shop", ["tcc"], indirect=True)
async def test_shopper_whose_money_is_on_its_way_is_not_erased(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Payer(shop)
    user_id = (await shop.ask(ME, "ann"))["me"]["id"]
    order = await ann.buyer.buy({"L2-S": 1})
    await paid_in(shop, "2.50")
    await ann.start(order, "BALANCE")
    with monkeypatch.context() as patched:
        away(patched, shop)
        await ann.buyer.cancel(await ann.order(order["number"]))
        # The second time nothing is left that is to go back.
        for _ in range(2):
            await going_on.go_on(shop.mall)
        on_its_way = await _erase(shop, user_id)
    await carrying_out._once(later(shop, seconds=12))
    there = await _erase(shop, user_id)

    assert on_its_way == ["Money of this user is on its way; wait until it has arrived."]
    assert there == ["This user has a balance; pay it out first."]
    await agrees(shop)


async def test_payment_waits_for_accounts_that_are_away(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Payer(shop)
    order = await ann.buyer.buy({"L2-S": 1})
    await paid_in(shop, "10.00")
    with monkeypatch.context() as patched:
        away(patched, shop)
        waiting = await ann.start(order, "BALANCE", "pay")
        status = await ann.status(order["number"])
    mall = later(shop, seconds=12)
    await going_on.go_on(mall)
    await carrying_out._once(mall)
    # By XA, nothing was begun; it is sent again.
    paid = await ann.start(order, "BALANCE", "pay")

    is_xa = way_of(shop) == "xa"
    assert codes(waiting) == ["STORE_UNAVAILABLE" if is_xa else "PAYMENT_PENDING"]
    assert status == ("PENDING_PAYMENT", "UNPAID")
    assert (codes(paid), paid["isReplay"]) == ([], not is_xa)
    assert await ann.status(order["number"]) == ("PAID", "PAID")
    assert await balance(shop) == "7.50"
    await agrees(shop)


@pytest.mark.slow
@pytest.mark.parametrize("shop", ["tcc"], indirect=True)
async def test_shop_that_is_open_carries_out_what_was_left(shop: Client) -> None:
    row = Transfer(1, TransferKind.CANCEL.value, "shop:capture:1", None, utc_now(), utc_now())
    await shop.mall.stores.database.transact(partial(transfers.add, transfer=row))

    async def waiting() -> int:
        return len(await ledger_books.rows(shop.mall.stores.database, transfers.transfers))

    await eventually(waiting, 0, seconds=10)


STATUS_OF = """query ($mutation: String!, $key: ID!) {
  operationStatus(mutation: $mutation, idempotencyKey: $key) { state } }"""


@pytest.mark.parametrize("shop", ["tcc"], indirect=True)
async def test_while_accounts_are_away_everything_else_is_told(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Payer(shop)
    order = await ann.buyer.buy({"L2-S": 1})
    refused = await ann.start(order, "BALANCE", "pay")
    unread(monkeypatch, shop)
    replay = await ann.start(order, "BALANCE", "pay")
    asked = [("placeOrder", "never"), ("startPayment", "pay"), ("postLedgerTransaction", "never")]
    told = [await shop.send(STATUS_OF, "ola", mutation=one, key=its) for one, its in asked]
    me = await shop.send("{ me { roles account { id } orders { totalCount } } }", "ann")

    assert codes(refused) == ["INSUFFICIENT_BALANCE"]
    # The payment has failed, and how much there is nobody can say.
    assert (codes(replay), replay["payment"]["status"]) == (["STORE_UNAVAILABLE"], "FAILED")
    states = [one["data"]["operationStatus"] for one in told if "errors" not in one]
    assert states == [{"state": "UNKNOWN"}] * 2
    assert told[2]["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"
    assert me["data"] == {
        "me": {"roles": ["SHOPPER"], "account": None, "orders": {"totalCount": 1}}
    }
