"""How a shop is damaged behind the counter, as no client can, and put right again."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Delete, Insert, Table, Update, delete, select, update

from stores import order_numbers
from stores.account_branches import account_branches
from stores.categories import categories
from stores.checkouts import checkouts
from stores.coupons import coupons
from stores.fulfillments import fulfillments
from stores.idempotency import idempotency_keys
from stores.inventory import inventory_levels, stock_movements
from stores.ledger import credit, debit, ledger_entries, ledger_transactions
from stores.ledger_accounts import AccountKind, ledger_accounts, of_shop, of_user
from stores.listing_tables import listings, product_words
from stores.order_discounts import order_discounts
from stores.order_events import order_events
from stores.order_returns import order_returns
from stores.orders import order_lines, order_merchants, orders
from stores.outbox import outbox
from stores.payment_events import payment_events
from stores.payments import payments
from stores.products import products, variants
from stores.promotions import promotion_scopes, promotions
from stores.refunds import refunds
from stores.reservations import reservations
from stores.snapshots import product_snapshots
from stores.sql import WriteSession
from stores.transfers import transfers
from tests.buying import Buyer, by_sku
from tests.ledger_books import Clerk
from tests.paying import REFUND, Payer, euros
from tests.promoting import Promoter, money, product_id, set_codes
from tests.shipping import APPROVE, ASK, RECEIVE, Dispatcher, lines_of
from tests.shopping import Client
from tests.test_accounts import paid_in

#: Two accounts in the ledger of a scene.
WALLET, CASH = of_user(777), of_shop(AccountKind.PROVIDER_CLEARING, 0)
#: What nothing has for an id, and no order for a number.
NOBODY, GHOST = 999, order_numbers.number("260101", 77, 5)


@dataclass(frozen=True)
class Scene:
    """A shop with two orders, the second one cancelled; a variant of the first, and its level."""

    shop: Client
    buyer: Buyer
    number: str
    cancelled: str
    variant_id: int
    product_id: int
    level_id: int

    async def write(self, statement: Update | Delete | Insert) -> None:
        """Change rows behind the counter."""
        await self.shop.mall.stores.database.transact(lambda session: session.update(statement))


async def open_scene(shop: Client, *, is_paid: bool = False) -> Scene:
    """Buy a lamp and two others, these with a coupon, and three more that are sent back.

    Another order is paid, if that is wanted.
    """
    ann, ola = Buyer(shop), Promoter(shop)
    scope = {"productIds": [await product_id(shop, "lamp-3")]}
    await ola.unlocked("SCENE", {"amountOff": money("1")}, scope=scope, name="Scene")
    await set_codes(ann, "SCENE")
    bought = await ann.buy({"L2-S": 1, "L3-S": 2})
    cancelled = await ann.buy({"L5-S": 3})
    await ann.cancel(cancelled)
    variant = (await by_sku(shop, {"L2-S": 1}))["L2-S"]
    level = select(inventory_levels.c.id).where(inventory_levels.c.variant_id == variant.id)
    async with shop.mall.stores.database.read(fresh=True) as session:
        level_id = await session.row(int, level) or 0
    if is_paid:
        await _post(shop)
        await _pay(shop, ann)
    numbers = bought["number"], cancelled["number"]
    return Scene(shop, ann, *numbers, variant.id, variant.product_id, level_id)


async def _post(shop: Client) -> None:
    """Give the shopper 7 and 3, and take the 3 away again."""
    clerk = Clerk(shop.mall.stores.database)
    first, second = (debit(CASH, 700), credit(WALLET, 700)), (debit(CASH, 300), credit(WALLET, 300))
    await clerk.post(*first, reference="seven")
    mistake = await clerk.post(*second, reference="three")
    undone = {"reference": "undone", "reverses_id": mistake.transaction.id}
    await clerk.post(debit(WALLET, 300), credit(CASH, 300), **undone)


async def _pay(shop: Client, buyer: Buyer) -> None:
    """Pay another order from the balance, and give a part of it back."""
    payer, order = Payer(shop), await buyer.buy({"L6-S": 1})
    await paid_in(shop, "10.00")
    payment = (await payer.start(order, "BALANCE"))["payment"]
    wanted = {"paymentId": payment["id"], "amount": euros("1.00"), "reason": "Scratched"}
    await payer.send(REFUND, "back", wanted, "ola", version=payment["version"])
    await _send_and_take_back(shop, order["number"])


async def _send_and_take_back(shop: Client, number: str) -> None:
    """Ship the order that was paid, and take it in again to be sold."""
    desk = Dispatcher(shop)
    await desk.ship(await desk.order(number))
    seen = await desk.order(number)
    lines = {"lines": lines_of(seen, {"L6-S": 1})}
    wanted = {"orderId": seen["id"], "reason": "Too bright.", **lines}
    asked = await desk.send(ASK, "ann", seen["version"], wanted)
    mine = {"returnId": asked["orderReturns"][0]["id"]}
    await desk.send(APPROVE, "ola", 1, mine)
    came = {**mine, **lines, "restockedLines": lines["lines"]}
    assert (await desk.send(RECEIVE, "ola", 2, came))["userErrors"] == []


Damage: TypeAlias = Callable[[Scene], Awaitable[None]]


def change(of: Callable[[Scene], ColumnElement[bool]], table: Table, **values: Any) -> Damage:
    """Return what changes rows of a scene, or takes them away if no value is given."""

    async def damage(at: Scene) -> None:
        mine = of(at)
        await at.write(
            update(table).where(mine).values(**values) if values else delete(table).where(mine)
        )

    return damage


def level(**values: Any) -> Damage:
    return change(lambda at: inventory_levels.c.id == at.level_id, inventory_levels, **values)


def movement(kind: str, **values: Any) -> Damage:
    """Change a movement of the level."""
    columns = stock_movements.c
    return change(
        lambda at: (columns.level_id == at.level_id) & (columns.kind == kind),
        stock_movements,
        **values,
    )


def of_order(table: Table, **values: Any) -> Damage:
    """Change rows of the first order."""
    return change(lambda at: table.c.number == at.number, table, **values)


def line(**values: Any) -> Damage:
    columns = order_lines.c
    return change(
        lambda at: (columns.number == at.number) & (columns.variant_id == at.variant_id),
        order_lines,
        **values,
    )


def of_product(table: Table, column: str, **values: Any) -> Damage:
    return change(lambda at: table.c[column] == at.product_id, table, **values)


def account(**values: Any) -> Damage:
    """Change the account of the shopper."""
    return change(lambda _at: ledger_accounts.c.id == WALLET.id, ledger_accounts, **values)


def entry(log_id: int, **values: Any) -> Damage:
    """Change an entry of that account."""
    columns = ledger_entries.c
    return change(
        lambda _at: (columns.account_id == WALLET.id) & (columns.log_id == log_id),
        ledger_entries,
        **values,
    )


def transaction(reference: str, **values: Any) -> Damage:
    columns = ledger_transactions.c
    return change(lambda _at: columns.reference == reference, ledger_transactions, **values)


def payment(**values: Any) -> Damage:
    return change(lambda _at: payments.c.id > 0, payments, **values)


def event_of(kind: str, **values: Any) -> Damage:
    """Change an event of the payment."""
    return change(lambda _at: payment_events.c.kind == kind, payment_events, **values)


#: What damages may change; put back as it was after each.
TABLES = (
    account_branches,
    categories,
    checkouts,
    coupons,
    fulfillments,
    idempotency_keys,
    inventory_levels,
    ledger_accounts,
    ledger_entries,
    ledger_transactions,
    listings,
    order_discounts,
    order_events,
    order_lines,
    order_merchants,
    order_returns,
    orders,
    outbox,
    payment_events,
    payments,
    product_snapshots,
    product_words,
    products,
    promotion_scopes,
    promotions,
    refunds,
    reservations,
    stock_movements,
    transfers,
    variants,
)


@asynccontextmanager
async def put_back(shop: Client) -> AsyncGenerator[None]:
    """Write all rows as they were before the block."""
    database = shop.mall.stores.database
    async with database.moment() as session:
        kept = {table: await session.rows(_row, select(table)) for table in TABLES}
    yield

    async def work(session: WriteSession) -> None:
        for table, rows in kept.items():
            await session.update(delete(table))
            named = [dict(zip(table.c.keys(), row, strict=True)) for row in rows]
            if named:
                await session.insert(table, *named)

    await database.transact(work)


def _row(*values: Any) -> tuple[Any, ...]:
    return values
