"""The ledger over HTTP: who sees which account, and what the owner posts by hand."""

from typing import Any

from graph import nodes
from stores.ledger_accounts import AccountKind, of_shop
from tests.ledger_books import faults
from tests.shopping import Client

POST = """
mutation ($key: ID!, $logId: BigInt, $input: PostLedgerTransactionInput!) {
  postLedgerTransaction(idempotencyKey: $key, logId: $logId, input: $input) {
    transaction { id reference kind entries { logId side amount { amount } balanceAfter { amount }
      memo account { kind } } reversedBy { id } reverses { id } }
    account { logId balance { amount } }
    isReplay
    userErrors { code field message details {
      ... on LogIdConflictDetails { currentLogId account { logId balance { amount } } }
      ... on AmountDetails { maximum { amount currencyCode } } } } } }
"""
REVERSE = """
mutation ($key: ID!, $input: ReverseLedgerTransactionInput!) {
  reverseLedgerTransaction(idempotencyKey: $key, input: $input) {
    transaction { id kind reference reverses { reference reversedBy { kind } }
      entries { side amount { amount } balanceAfter { amount } } }
    isReplay userErrors { code field message } } }
"""
ACCOUNT = """
query ($id: ID!, $first: Int, $after: String, $at: DateTime) { account(id: $id) {
  kind stripe currencyCode logId headHash balance { amount } then: balance(at: $at) { amount }
  user { id } merchant { name }
  entries(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { logId side hash previousHash transaction { reference entries { logId } } } } } }
"""
ME = "{ me { id account { id kind balance { amount } entries { totalCount } } } }"

CASH = nodes.encode("Account", of_shop(AccountKind.PROVIDER_CLEARING, 0).id)
REVENUE = nodes.encode("Account", of_shop(AccountKind.REVENUE, 0).id)


def entry(account: str, side: str, amount: str, **more: Any) -> dict[str, Any]:
    return {
        "accountId": account,
        "side": side,
        "amount": {"amount": amount, "currencyCode": "EUR"},
        **more,
    }


def posting(*entries: Any, reference: str = "r", **more: Any) -> dict[str, Any]:
    return {"reference": reference, "kind": "ADJUSTMENT", "entries": list(entries), **more}


async def post(shop: Client, key: str, input_: Any, **more: Any) -> dict[str, Any]:
    """Return the payload of postLedgerTransaction, sent by the owner."""
    answer = await shop.ask(POST, "ola", key=key, input=input_, **more)
    payload: dict[str, Any] = answer["postLedgerTransaction"]
    return payload


async def wallet(shop: Client, user: str = "ann") -> str:
    """Return the ID of a shopper's account, which is there before anything was posted."""
    me = (await shop.ask(ME, user))["me"]
    assert me["account"]["kind"] == "CUSTOMER_BALANCE"
    id_: str = me["account"]["id"]
    return id_


async def paid_in(shop: Client, amount: str, key: str = "pay-in", user: str = "ann") -> str:
    """Give a shopper something to pay with, and return the ID of the account."""
    account = await wallet(shop, user)
    entries = entry(CASH, "DEBIT", amount), entry(account, "CREDIT", amount, memo="A gift")
    assert (await post(shop, key, posting(*entries, reference=key)))["userErrors"] == []
    return account


async def test_owner_posts_once_per_key_and_the_shopper_sees_the_own_side_only(
    shop: Client,
) -> None:
    account = await wallet(shop)
    wanted = posting(entry(CASH, "DEBIT", "10.00"), entry(account, "CREDIT", "10.00", memo="Gift"))
    first, again = await post(shop, "k", wanted), await post(shop, "k", wanted)
    shown = (await shop.ask(ACCOUNT, "ann", id=account, first=1))["account"]
    earlier = await shop.ask(ACCOUNT, "ann", id=account, at="2026-01-01T00:00:00Z")
    of_owner = await shop.ask('{ ledgerTransaction(reference: "r") { entries { logId } } }', "ola")

    assert first["userErrors"] == []
    assert (first["isReplay"], again["isReplay"]) == (False, True)
    assert first["transaction"] == again["transaction"]
    assert first["transaction"]["entries"] == [
        {
            "logId": "1",
            "side": "DEBIT",
            "amount": {"amount": "10.00"},
            "balanceAfter": {"amount": "10.00"},
            "memo": None,
            "account": {"kind": "PROVIDER_CLEARING"},
        },
        {
            "logId": "1",
            "side": "CREDIT",
            "amount": {"amount": "10.00"},
            "balanceAfter": {"amount": "10.00"},
            "memo": "Gift",
            "account": {"kind": "CUSTOMER_BALANCE"},
        },
    ]
    (line,) = shown["entries"]["nodes"]
    assert (shown["balance"], shown["logId"], shown["user"] is None) == (
        {"amount": "10.00"},
        "1",
        False,
    )
    assert line["transaction"] == {"reference": "r", "entries": [{"logId": "1"}]}
    assert line["hash"] == shown["headHash"]
    assert earlier["account"]["then"] == {"amount": "0.00"}
    assert len(of_owner["ledgerTransaction"]["entries"]) == 2
    assert (await shop.ask(ACCOUNT, "moe", id=account))["account"] is None
    assert (await shop.ask(ACCOUNT, "ann", id=CASH))["account"] is None
    assert await faults(shop.mall.stores.database) == []


async def test_refused_postings_say_why_and_change_nothing(shop: Client) -> None:
    account = await paid_in(shop, "5.00")
    good = entry(CASH, "DEBIT", "1.00"), entry(account, "CREDIT", "1.00")
    spend = entry(account, "DEBIT", "5.01"), entry(REVENUE, "CREDIT", "5.01")
    nobody = nodes.encode("Account", 2**62)
    cases: list[tuple[str, list[str] | None, Any, dict[str, Any]]] = [
        ("UNBALANCED_ENTRIES", ["entries"], posting(good[0]), {}),
        ("UNBALANCED_ENTRIES", ["entries"], posting(), {}),
        ("INSUFFICIENT_BALANCE", None, posting(*spend), {}),
        ("DUPLICATE", ["reference"], posting(*good, reference="pay-in"), {}),
        ("INVALID", ["reference"], posting(*good, reference="shop:x"), {}),
        ("INVALID", ["reference"], posting(*good, reference=" "), {}),
        ("INVALID", ["kind"], posting(*good, kind="REVERSAL"), {}),
        ("LIMIT_EXCEEDED", ["entries"], posting(*(good * 51)), {}),
        ("REQUIRED", ["comparedAccountId"], posting(*good), {"logId": "1"}),
        ("REQUIRED", ["logId"], posting(*good, comparedAccountId=CASH), {}),
        (
            "INVALID",
            ["comparedAccountId"],
            posting(*good, comparedAccountId=REVENUE),
            {"logId": "0"},
        ),
        ("LOG_ID_CONFLICT", ["logId"], posting(*good, comparedAccountId=account), {"logId": "0"}),
        (
            "NOT_FOUND",
            ["entries", "1", "accountId"],
            posting(good[0], entry(nobody, "CREDIT", "1.00")),
            {},
        ),
        (
            "INVALID",
            ["entries", "0", "amount"],
            posting(entry(CASH, "DEBIT", "0.00"), good[1]),
            {},
        ),
        (
            "INVALID",
            ["entries", "0", "memo"],
            posting(entry(CASH, "DEBIT", "1.00", memo="x" * 201), good[1]),
            {},
        ),
    ]
    found = [await post(shop, "wrong", input_, **more) for _, _, input_, more in cases]

    told = [(one["userErrors"][0]["code"], one["userErrors"][0]["field"]) for one in found]
    assert told == [(code, field) for code, field, _, _ in cases]
    details = [one["userErrors"][0]["details"] for one in found]
    assert details[2] == {"maximum": {"amount": "5.00", "currencyCode": "EUR"}}
    assert details[11] == {
        "currentLogId": "1",
        "account": {"logId": "1", "balance": {"amount": "5.00"}},
    }
    # The key was free all the time.
    wanted = posting(*good, comparedAccountId=account)
    done = await post(shop, "wrong", wanted, logId="1")
    assert (done["account"], done["userErrors"]) == (
        {"logId": "2", "balance": {"amount": "6.00"}},
        [],
    )
    assert await faults(shop.mall.stores.database) == []


async def test_transaction_is_reversed_once(shop: Client) -> None:
    account = await paid_in(shop, "5.00")
    found = await shop.ask('{ ledgerTransaction(reference: "pay-in") { id } }', "ola")
    input_ = {"transactionId": found["ledgerTransaction"]["id"], "reason": "A mistake"}
    sent = [await shop.ask(REVERSE, "ola", key=key, input=input_) for key in ("a", "a", "b")]
    first, again, other = (one["reverseLedgerTransaction"] for one in sent)
    of_the_shop = {"transactionId": first["transaction"]["id"], "reason": "Undo"}
    refused = await shop.ask(REVERSE, "ola", key="c", input=of_the_shop)

    assert first["transaction"]["entries"] == [
        {"side": "CREDIT", "amount": {"amount": "5.00"}, "balanceAfter": {"amount": "0.00"}},
        {"side": "DEBIT", "amount": {"amount": "5.00"}, "balanceAfter": {"amount": "0.00"}},
    ]
    assert first["transaction"]["reverses"] == {
        "reference": "pay-in",
        "reversedBy": {"kind": "REVERSAL"},
    }
    assert (first["isReplay"], again["isReplay"]) == (False, True)
    assert [one["code"] for one in other["userErrors"]] == ["TRANSITION_FORBIDDEN"]
    errors = refused["reverseLedgerTransaction"]["userErrors"]
    assert [one["code"] for one in errors] == ["FORBIDDEN"]
    assert (await shop.ask(ACCOUNT, "ann", id=account))["account"]["logId"] == "2"


async def test_books_of_the_shop_are_the_owners_alone(shop: Client, statements: list[str]) -> None:
    await paid_in(shop, "5.00")
    for number in range(3):
        await paid_in(shop, "1.00", f"more-{number}", "moe")
    listed = """query ($first: Int) { accounts { id kind stripe balance { amount }
      entries(first: $first) { totalCount nodes { logId account { id } transaction { kind
        entries { side } reversedBy { id } } } } } }"""
    calls = []
    for first in (1, 20):
        statements.clear()
        accounts = (await shop.ask(listed, "ola", first=first))["accounts"]
        calls.append(len(statements))
    sums = await shop.ask(
        "query ($at: DateTime) { trialBalance(asOf: $at) { isBalanced lines { kind debit { amount }"
        " credit { amount } } } }",
        "ola",
    )
    then = await shop.ask(
        '{ trialBalance(asOf: "2026-01-01T00:00:00Z") { isBalanced lines { debit { amount } } } }',
        "ola",
    )
    lines = {one["kind"]: one for one in sums["trialBalance"]["lines"]}
    refused = [
        (await shop.send(query, user))["errors"][0]["extensions"]["code"]
        for query in ("{ accounts { id } }", "{ trialBalance { isBalanced } }")
        for user in ("ann", "mia")
    ]

    assert len(accounts) == 96
    assert calls[0] == calls[1]
    assert [one["balance"]["amount"] for one in accounts if one["id"] == CASH] == ["8.00"]
    assert sums["trialBalance"]["isBalanced"]
    assert lines["PROVIDER_CLEARING"]["debit"] == {"amount": "8.00"}
    assert lines["CUSTOMER_BALANCE"]["credit"] == {"amount": "8.00"}
    assert len(lines) == 8
    assert {one["debit"]["amount"] for one in then["trialBalance"]["lines"]} == {"0.00"}
    assert refused == ["FORBIDDEN"] * 4
    found = await shop.ask("{ nodes(ids: []) { id } me { account { id } } }", "mia")
    assert found["me"]["account"] is None
