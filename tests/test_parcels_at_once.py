"""Never more leaves, or comes back, than there is; and each parcel moves the stock once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

import resolvers.fulfillments
import resolvers.orders
from graph import nodes
from resolvers import order_parcels, order_shipping
from resolvers.context import Context
from resolvers.order_shipping import ShipOrder
from stores import order_line_counts, orders, parcels, stock_movements
from stores.columns import as_row
from stores.drivers import UniqueViolation
from stores.order_line_counts import Count
from stores.orders import OrderLine, order_lines
from stores.parcels import LEAVES, Errand
from stores.reservations import Cause
from stores.sql import Database, WriteSession
from stores.stock_movements import StockMovement
from tests.buying import stock
from tests.ledger_books import NOON, rows
from tests.shipping import EDIT, Dispatcher, kinds
from tests.shopping import Client

ORDERED, CROWD = 9, 50
LINE = OrderLine(
    id=7,
    number="1",
    position=0,
    variant_id=1,
    product_id=1,
    merchant_id=1,
    snapshot_id=1,
    sku="L",
    title="Lamp",
    options=[],
    media=None,
    unit_price_minor=1,
    quantity=ORDERED,
    discount_minor=0,
    tax_minor=0,
    total_minor=ORDERED,
)
COUNTS = ("shipped_quantity", "returning_quantity", "returned_quantity")


@pytest.fixture
async def line(database: Database) -> OrderLine:
    """A line of nine units."""
    await database.transact(lambda session: session.insert(order_lines, as_row(LINE)))
    return LINE


async def crowd(database: Database, work: Callable[[WriteSession], Awaitable[bool]]) -> int:
    """Let everybody count a unit at once; return how many could."""
    done = await asyncio.gather(*(database.transact(work) for _ in range(CROWD)))
    return sum(done)


async def counted(database: Database) -> tuple[int, ...]:
    (row,) = await rows(database, order_lines)
    return tuple(int(row[name]) for name in COUNTS)


async def test_of_fifty_at_once_as_many_ship_and_send_back_as_there_are_units(
    database: Database, line: OrderLine
) -> None:
    def one(how: Count) -> Callable[[WriteSession], Awaitable[bool]]:
        return lambda session: order_line_counts.count(session, how, {line.id: 1})

    unshipped = await crowd(database, one(Count.ASK_BACK))
    shipped = await crowd(database, one(Count.SHIP)), await counted(database)
    asked = await crowd(database, one(Count.ASK_BACK)), await counted(database)
    called = await crowd(database, one(Count.CALL_BACK))
    taken = await crowd(database, one(Count.TAKE_BACK)), await counted(database)
    stayed = await crowd(database, one(Count.LET_STAY))

    assert (unshipped, called, stayed) == (0, 0, 0)
    assert shipped == (ORDERED, (ORDERED, 0, 0))
    assert asked == (ORDERED, (ORDERED, ORDERED, 0))
    assert taken == (ORDERED, (ORDERED, 0, ORDERED))


@pytest.mark.parametrize("sql_url", ["sqlite"], indirect=True)
async def test_twin_that_writes_what_it_has_reckoned_lets_fifty_ship_nine(
    database: Database, line: OrderLine
) -> None:
    async def reckoned(session: WriteSession) -> bool:
        told: dict[str, Any] = {"shipped_quantity": line.shipped_quantity + 1}
        mine = update(order_lines).where(order_lines.c.id == line.id)
        return await session.update(mine.values(**told)) == 1

    assert (await crowd(database, reckoned), await counted(database)) == (CROWD, (1, 0, 0))


async def _again(shop: Client) -> tuple[str, tuple[int, int]]:
    """Let the units of a parcel leave a second time, behind the back of all that forbids it."""
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 2})
    shipped = await desk.ship(order, "mia", {"L5-S": 1})
    id_ = nodes.decode(shipped["fulfillment"]["id"])[1]

    async def work(session: WriteSession) -> None:
        lines = (await orders.lines_by_number(session, [order["number"]]))[order["number"]]
        found = await order_parcels.of(session, order["number"], [(lines[0], 1)])
        cause = Cause(order["number"], None, NOON)
        await parcels.move(session, Errand(LEAVES, cause, str(id_), shop.mall.ids.next), found)

    try:
        await shop.mall.stores.database.transact(work)
    except UniqueViolation:
        return "refused", await stock(shop, "L5-S")
    return "moved", await stock(shop, "L5-S")


async def test_parcel_that_has_left_does_not_leave_again(shop: Client) -> None:
    assert await _again(shop) == ("refused", (4, 1))


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_whose_movements_have_no_name_lets_it_leave_twice(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nameless(session: WriteSession, new: list[StockMovement], _onces: object) -> None:
        await stock_movements.append(session, new)

    monkeypatch.setattr(stock_movements, "append_once", nameless)

    assert await _again(shop) == ("moved", (3, 0))


async def _two_at_once(shop: Client) -> tuple[int, int]:
    """Let two ship the same unit at the same version; return how many did, and the parcels."""
    desk = Dispatcher(shop)
    order = await desk.paid({"L5-S": 3})
    told = await asyncio.gather(*(desk.ship(order, "mia", {"L5-S": 1}) for _ in range(2)))
    end = await desk.order(order["number"])
    return sum(not one["userErrors"] for one in told), len(end["fulfillments"])


async def test_of_two_who_ship_at_one_version_one_does(shop: Client) -> None:
    assert await _two_at_once(shop) == (1, 1)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_looks_at_no_version_ships_two_parcels(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = order_shipping._shippable

    async def unseen(session: WriteSession, ctx: Context, wanted: ShipOrder) -> Any:
        now = (await orders.by_numbers(session, [wanted.number]))[wanted.number]
        return await found(session, ctx, replace(wanted, version=now.version))

    monkeypatch.setattr(order_shipping, "_shippable", unseen)

    assert await _two_at_once(shop) == (2, 2)


async def _what_others_see(shop: Client) -> tuple[int, bool]:
    """Return how many parcels a merchant sees of two, and whether a shopper reads a note."""
    desk = Dispatcher(shop)
    order = await desk.paid({"L2-S": 1, "L3-S": 1})
    await desk.ship(order, "moe")
    await desk.ship(await desk.order(order["number"]), "mia")
    seen = await desk.order(order["number"])
    note = {"orderId": order["id"], "staffNote": "Not for her."}
    await desk.send(EDIT, "ola", seen["version"], note)
    by_mia = await desk.order(order["number"], "mia")
    return len(by_mia["fulfillments"]), "NOTE_ADDED" in kinds(await desk.order(order["number"]))


async def test_merchant_sees_its_own_parcels_and_the_shopper_no_notes(shop: Client) -> None:
    assert await _what_others_see(shop) == (1, False)


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_warehouse_of_a_parcel_and_a_foreign_one_are_for_staff(shop: Client) -> None:
    desk = Dispatcher(shop)
    order = await desk.paid({"L3-S": 1})
    parcel = (await desk.ship(order, "mia"))["fulfillment"]["id"]
    query = """query ($id: ID!) { node(id: $id) { ... on Fulfillment { status
      warehouse { name } } } }"""
    by_ann, by_mia, by_moe, by_bob = [
        await shop.send(query, who, id=parcel) for who in ("ann", "mia", "moe", "bob")
    ]

    assert by_ann["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert by_ann["data"]["node"] == {"status": "SHIPPED", "warehouse": None}
    assert by_mia["data"]["node"]["warehouse"] is not None
    # Another merchant's, and another shopper's, look like what is not there.
    assert [one["data"] for one in (by_moe, by_bob)] == [{"node": None}] * 2


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_asks_for_no_right_tells_everything(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers.fulfillments, "may_see", lambda *_: True)
    monkeypatch.setattr(resolvers.orders, "_is_told", lambda *_: True)

    assert await _what_others_see(shop) == (2, True)
