"""Erasing a customer: nothing is left that tells who it was, and the books stay."""

import asyncio
import json
from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from sqlalchemy import String, Text, TypeDecorator, select, update

import resolvers
from graph import nodes
from jobs.verify import verify
from resolvers import erasing
from resolvers.mutations import Mutation
from resolvers.viewers import Viewers
from stores import (
    audit,
    fulfillments,
    idempotency,
    ledger_accounts,
    order_returns,
    order_traces,
    saved_addresses,
    users,
    wishes,
)
from stores.audit import audit_entries
from stores.columns import Key, Plain, as_row, metadata
from stores.fulfillments import Fulfillment
from stores.ids import utc_now
from stores.order_returns import OrderReturn
from stores.orders import order_lines
from stores.payments import payments
from stores.refunds import refunds
from stores.sql import WriteSession
from stores.users import Role
from stores.users import users as users_table
from tests.buying import Buyer
from tests.eventually import eventually
from tests.paying import euros
from tests.shipping import APPROVE, ASK, COMPLETE, RECEIVE, Dispatcher, lines_of
from tests.shopping import Client
from tests.user_writing import codes, done, send

ORDER = """query ($n: String!) { order(number: $n) { number version status note
  customer { id displayName email phone roles addresses { id } }
  shippingAddress { name countryCode city line1 postalCode phone }
  totals { total { amount } tax { amount } }
  lines { title quantity total { amount } snapshot { title contentHash } }
  events { sequence toStatus note } } }"""


class Person:
    """A customer who leaves traces wherever one can; `word` is in all of them."""

    def __init__(self, shop: Client, word: str) -> None:
        self.shop, self.word = shop, word
        self.subject = f"{word}-subject"
        self.buyer = Buyer(shop, self.subject, address=self.address())

    def address(self) -> dict[str, str]:
        return {
            "name": f"{self.word} Quimby",
            "countryCode": "DE",
            "city": f"{self.word}ville",
            "line1": f"{self.word} Street 7",
            "postalCode": "20457",
        }

    async def act(self) -> str:
        """Do what customers do; return the number of an order that was cancelled."""
        self.id = nodes.encode("User", await self.buyer.user_id())
        lamp = nodes.encode("Product", await self.shop.product_key("lamp-1"))
        word, who = self.word, self.subject
        told = {"displayName": f"{word} Quimby", "phone": f"+{word}"}
        await done(self.shop, "updateProfile", f"{word}-1", who, 1, **told)
        await done(self.shop, "createAddress", f"{word}-2", who, address=self.address())
        await done(self.shop, "updateWishlist", f"{word}-3", who, addProductIds=[lamp])
        await self._mail()
        await self.buyer.fill({"L2-S": 1})
        await self.buyer.begin()
        order = (await self.buyer.place(f"{word}-4", note=f"{word} rings twice."))["order"]
        await self._cancel(order)
        await self._send_back(str(order["number"]))
        await eventually(self.buyer.cart, {})
        await self.buyer.fill({"L3-S": 1})
        return str(order["number"])

    async def _cancel(self, order: dict[str, Any]) -> None:
        query = """mutation ($key: ID!, $input: CancelOrderInput!) {
          cancelOrder(idempotencyKey: $key, version: 1, input: $input) { userErrors { code } } }"""
        input_ = {"orderId": order["id"], "reason": f"{self.word} has moved."}
        await self.shop.ask(query, self.subject, key=f"{self.word}-5", input=input_)

    async def _send_back(self, number: str) -> None:
        # The words of a parcel and of a return, without a unit in them: the order was cancelled.
        now, its = utc_now(), self.shop.mall.ids.next
        word = f"{self.word} likes it no more."

        async def write(session: WriteSession) -> None:
            columns = order_lines.c
            first = select(columns.id, columns.merchant_id).where(columns.number == number)
            ((line, whose),) = await session.rows(lambda *values: values, first)
            parcel = Fulfillment(
                its(), 1, now, number, whose, 1, "CANCELLED", "Post", self.word, [[line, 0]], now
            )
            back = OrderReturn(
                its(), 1, now, number, whose, "REJECTED", word, [[line, 0]], [], [], word
            )
            await fulfillments.add(session, parcel)
            await order_returns.add(session, back)

        await self.shop.mall.stores.database.transact(write)

    async def _mail(self) -> None:
        # Nothing writes it yet.
        its = update(users_table).where(users_table.c.subject == self.subject)
        mail = its.values(email=f"{self.word}@quimby.example")
        await self.shop.mall.stores.database.transact(lambda session: session.update(mail))

    async def erase(self, key: str = "erase", version: int = 2) -> dict[str, Any]:
        input_ = {"userId": self.id, "reason": "Asked for it by mail."}
        return await send(self.shop, "eraseCustomer", key, "ola", version, **input_)


def _is_text(column: Any) -> bool:
    of = column.type
    return isinstance(of, String | Text | Key | Plain) or (
        isinstance(of, TypeDecorator) and isinstance(of.impl, String | Text)
    )


async def traces(shop: Client, word: str) -> set[str]:
    """Return every text column of every table that holds a word somewhere."""
    found = set()
    async with shop.mall.stores.database.read(fresh=True) as session:
        for table in metadata.sorted_tables:
            for column in filter(_is_text, table.columns):
                values = await session.rows(lambda value: value, select(column))
                if word in json.dumps(values, ensure_ascii=False):
                    found.add(f"{table.name}.{column.name}")
    return found


#: Where a person leaves traces in the relational store.
EVERYWHERE = {
    "users.subject",
    "users.email",
    "users.phone",
    "users.display_name",
    "saved_addresses.address",
    "orders.shipping_address",
    "orders.note",
    "order_events.note",
    "order_returns.reason",
    "order_returns.note",
    "fulfillments.tracking_number",
    "idempotency_keys.key",
    "audit_entries.idempotency_key",
}


@pytest.fixture(autouse=True)
def _nobody_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Viewers, "_remember", lambda *_: None)


async def test_nothing_tells_of_who_was_erased_and_the_books_stay(shop: Client) -> None:
    person = Person(shop, "Zebulon")
    number = await person.act()
    before = (await shop.ask(ORDER, "ola", n=number))["order"]
    assert await traces(shop, "Zebulon") == EVERYWHERE
    payload = await person.erase()
    replay = await person.erase()
    again = await person.erase("another", 3)
    after = (await shop.ask(ORDER, "ola", n=number))["order"]

    assert payload == {"erasedUserId": person.id, "isReplay": False, "userErrors": []}
    assert (replay["isReplay"], replay["erasedUserId"]) == (True, person.id)
    assert codes(again) == [("NOT_FOUND", ["userId"])]
    assert await traces(shop, "Zebulon") == set()
    blank = {"name": "—", "city": "—", "line1": "—", "postalCode": None, "phone": None}
    gone: dict[str, Any] = {
        "displayName": None,
        "email": None,
        "phone": None,
        "roles": [],
        "addresses": [],
    }
    steps = [one | {"note": None} for one in before["events"]]
    assert after == before | {
        "note": None,
        "customer": {"id": person.id, **gone},
        "shippingAddress": {"countryCode": "DE", **blank},
        "events": steps,
    }
    await _assert_that_it_is_kept_in_mind(shop, person)


async def _assert_that_it_is_kept_in_mind(shop: Client, person: Person) -> None:
    """Assert that the audit log tells of it, the cart went, and the subject is somebody new."""
    key = nodes.decode(person.id)[1]

    async def cart() -> Any:
        return await shop.mall.stores.carts.with_orders(key)

    await eventually(cart, None)
    columns = audit_entries.c
    its = select(columns.reason, columns.target, columns.version_after)
    async with shop.mall.stores.database.read(fresh=True) as session:
        told = await session.rows(lambda *row: row, its.where(columns.mutation == "eraseCustomer"))
    assert told == [("Asked for it by mail.", f"User:{key}", 3)]
    assert (await verify(shop.mall)).differences == []
    me = (await shop.ask("{ me { id displayName roles addresses { id } } }", person.subject))["me"]
    assert me["id"] != person.id
    assert (me["displayName"], me["roles"], me["addresses"]) == (None, ["SHOPPER"], [])


async def _nothing(*_told: object) -> None:
    """Forget nothing."""


#: What an erasure forgets -> where a word of the person is left without it.
PARTS: dict[str, tuple[Any, str, set[str]]] = {
    "addresses": (saved_addresses, "forget", {"saved_addresses.address"}),
    "orders": (
        order_traces,
        "clear",
        {
            "orders.shipping_address",
            "orders.note",
            "order_events.note",
            "order_returns.reason",
            "order_returns.note",
            "fulfillments.tracking_number",
        },
    ),
    "keys": (idempotency, "forget", {"idempotency_keys.key"}),
    "audit": (audit, "forget", {"audit_entries.idempotency_key"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_leaves_one_table_out_is_found(shop: Client) -> None:
    found = {}
    for part, (module, name, _) in PARTS.items():
        person = Person(shop, f"Zebulon{part}")
        await person.act()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, name, _nothing)
            assert codes(await person.erase(f"erase-{part}")) == []
        found[part] = await traces(shop, person.word)

    assert found == {part: left for part, (_, _, left) in PARTS.items()}


async def test_wishlist_goes_too(shop: Client) -> None:
    person = Person(shop, "Zebulon")
    await person.act()
    key = nodes.decode(person.id)[1]
    async with shop.mall.stores.database.read(fresh=True) as session:
        assert len(await wishes.known(session, key)) == 1
    await person.erase()
    async with shop.mall.stores.database.read(fresh=True) as session:
        assert await wishes.known(session, key) == set()


async def test_staff_stale_versions_and_open_orders_are_refused(shop: Client) -> None:
    ann = Buyer(shop)
    await ann.buy({"L2-S": 1})
    ids = {name: (await shop.ask("{ me { id version } }", name))["me"] for name in ("ann", "mia")}

    async def erase(key: str, name: str, version: int = 0, user: str = "ola") -> Any:
        told = {"userId": ids[name]["id"], "reason": "Asked."}
        at = version or ids[name]["version"]
        return codes(await send(shop, "eraseCustomer", key, user, at, **told))

    before = await shop.ask("{ me { id version roles } }", "ann")
    assert await erase("k1", "ann") == [("FORBIDDEN", None)]
    assert await erase("k2", "mia") == [("FORBIDDEN", None)]
    assert await erase("k3", "ann", 7) == [("VERSION_CONFLICT", ["version"])]
    assert await shop.ask("{ me { id version roles } }", "ann") == before


async def _written_behind(shop: Client) -> list[Any]:
    """Write by a process that still takes the erased for who it was; return what comes of it."""
    person = Person(shop, "Zebulon")
    await person.act()
    await person.buyer.begin()
    key = nodes.decode(person.id)[1]
    async with shop.mall.stores.database.read(fresh=True) as session:
        before = (await users.by_ids(session, [key]))[key]
    await person.erase()

    async def known(*_told: object) -> Any:
        return before

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("resolvers.viewers.known_user", known)
        query = """mutation ($key: ID!, $address: AddressInput!) {
          createAddress(idempotencyKey: $key, input: {address: $address}) {
            userErrors { code } } }"""
        told = await shop.send(query, person.subject, key="late", address=person.address())
        sent = {"key": "late", "input": person.buyer.order_input()}
        query = """mutation ($key: ID!, $input: PlaceOrderInput!) {
          placeOrder(idempotencyKey: $key, input: $input) { userErrors { code } } }"""
        placed = await shop.send(query, person.subject, **sent)
    assert ("errors" in told) == ("errors" in placed)
    return sorted(await traces(shop, "Zebulon"))


async def test_nothing_is_written_behind_an_erasure(shop: Client) -> None:
    assert await _written_behind(shop) == []


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_holds_nobody_writes_behind_it(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def everybody(*_told: object) -> bool:
        return True

    monkeypatch.setattr(users, "hold", everybody)
    assert await _written_behind(shop) == ["orders.shipping_address", "saved_addresses.address"]


def test_whatever_shoppers_write_holds_their_row() -> None:
    modules = [import_module(f"resolvers.{one.name}") for one in iter_modules(resolvers.__path__)]
    written = {
        one.name: one.is_personal
        for module in modules
        for one in vars(module).values()
        if isinstance(one, Mutation) and Role.SHOPPER in one.roles
    }

    # A checkout holds IDs, prices and codes, and nothing that somebody wrote.
    assert {name for name, is_personal in written.items() if not is_personal} == {"beginCheckout"}


async def test_of_an_erasure_and_what_is_written_at_once_nothing_is_left(shop: Client) -> None:
    person = Person(shop, "Zebulon")
    await person.act()
    query = """mutation ($key: ID!, $address: AddressInput!) {
      createAddress(idempotencyKey: $key, input: {address: $address}) { userErrors { code } } }"""
    sent = [
        shop.send(query, person.subject, key=f"Zebulon-at-once-{n}", address=person.address())
        for n in range(5)
    ]
    erased = person.erase()
    *_, payload = await asyncio.gather(*sent, erased)
    me = (await shop.ask("{ me { id } }", person.subject))["me"]["id"]
    left = await traces(shop, "Zebulon")

    assert (payload["userErrors"], me == person.id) == ([], False)
    # Who came behind it is somebody new, with addresses of its own.
    async with shop.mall.stores.database.read(fresh=True) as session:
        kept = await saved_addresses.by_users(session, [nodes.decode(person.id)[1]])
    assert kept == {}
    assert left <= {
        "users.subject",
        "saved_addresses.address",
        "idempotency_keys.key",
        "audit_entries.idempotency_key",
    }
    assert erasing.BLANK == "—"


async def test_what_was_written_with_a_return_is_not_kept_by_the_ledger(shop: Client) -> None:
    person, desk = Person(shop, "Zebulon"), Dispatcher(shop)
    who, database = person.subject, shop.mall.stores.database
    order = await desk.paid({"L3-S": 1}, who)
    person.id = nodes.encode("User", await person.buyer.user_id())
    await desk.ship(order)
    order = await desk.order(order["number"], who)
    await desk.send(COMPLETE, who, order["version"], {"orderId": order["id"]})
    order = await desk.order(order["number"], who)
    back = {"orderId": order["id"], "lines": lines_of(order, {"L3-S": 1})}
    asked = await desk.send(ASK, who, order["version"], back | {"reason": "Zebulon is ill."})
    of_it = {"returnId": asked["orderReturns"][0]["id"]}
    refused = [codes(await person.erase("k1", 1))]
    await desk.send(APPROVE, "ola", 1, of_it)
    refused.append(codes(await person.erase("k2", 1)))
    came = {**of_it, "lines": back["lines"], "refundAmount": euros("3.50")}
    closed = (await desk.send(RECEIVE, "ola", 2, came))["orderReturn"]["status"]
    paid_out = update(ledger_accounts.ledger_accounts).values(debits_minor=0, credits_minor=0)
    await database.transact(lambda session: session.update(paid_out))
    left = await traces(shop, "Zebulon is ill.")

    assert refused == [[("FORBIDDEN", None)]] * 2
    assert closed == "CLOSED"
    assert left == {"order_returns.reason", "refunds.reason"}
    assert codes(await person.erase("k3", 1)) == []
    assert await traces(shop, "Zebulon") == set()


def _payment(user_id: int, **more: Any) -> dict[str, Any]:
    """Return the row of a payment, as far as a table asks."""
    now = utc_now()
    numbers = [one.name for one in payments.columns if one.name.endswith("_minor")]
    told = {"method": "CARD", "status": "PAID", "request_id": "r1", "is_late": False}
    times = {"created_at": now, "updated_at": now}
    return dict.fromkeys(numbers, 0) | told | times | {"version": 1, "user_id": user_id} | more


async def test_money_that_is_open_is_waited_for_and_payments_tell_nothing_then(
    shop: Client,
) -> None:
    person, database = Person(shop, "Zebulon"), shop.mall.stores.database
    await person.act()
    id_ = nodes.decode(person.id)[1]
    url = "https://shop.example/?back=Zebulon"
    row = _payment(id_, id=1, return_url=url, ask_at=utc_now() + timedelta(days=1))
    refund = {"id": 2, "payment_id": 1, "sequence": 1, "status": "SUCCEEDED", "lines": []}
    sums = {"amount_minor": 0, "tax_minor": 0, "shipping_minor": 0}
    told = {"reason": "Zebulon asked.", "created_at": utc_now(), "request_id": "r2"}
    account = ledger_accounts.empty(ledger_accounts.of_user(id_), "EUR")

    async def work(session: WriteSession) -> None:
        await session.insert(payments, row)
        await session.insert(refunds, refund | sums | told)
        balance = as_row(account) | {"credits_minor": 5}
        await session.insert(ledger_accounts.ledger_accounts, balance)

    await database.transact(work, seconds=30)
    refused = [codes(await person.erase("k1"))]
    await database.transact(lambda session: session.update(update(payments).values(ask_at=None)))
    refused.append(codes(await person.erase("k2")))
    paid_out = update(ledger_accounts.ledger_accounts).values(debits_minor=5, credits_minor=5)
    await database.transact(lambda session: session.update(paid_out))

    assert refused == [[("FORBIDDEN", None)]] * 2
    assert {"payments.return_url", "refunds.reason"} < await traces(shop, "Zebulon")
    assert codes(await person.erase("k3")) == []
    assert await traces(shop, "Zebulon") == set()
