"""What must hold between orders, stock and keys of a shop, whatever happened to it.

Read straight from the tables and worked out again, without any code of the shop.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Table, func, select

from stores.checkouts import checkouts
from stores.idempotency import idempotency_keys
from stores.inventory import inventory_levels, stock_movements
from stores.order_events import order_events
from stores.orders import order_lines, orders
from stores.reservations import reservations
from stores.sql import Database, ReadSession

Row: TypeAlias = dict[str, Any]

LIVE = ("PENDING_PAYMENT", "PAID")
HELD = ("ACTIVE", "COMMITTED")


@dataclass(frozen=True, slots=True)
class Books:
    """All rows that have to agree."""

    orders: dict[str, Row]
    lines: list[Row]
    events: list[Row]
    checkouts: dict[str, Row]
    reservations: list[Row]
    levels: dict[int, Row]
    movements: list[Row]
    keys: list[Row]

    def held(self) -> list[Row]:
        """Return the reservations whose units are kept."""
        return [one for one in self.reservations if one["state"] in HELD]

    def live(self) -> set[str]:
        """Return the numbers of the orders for which units must be kept."""
        return {number for number, row in self.orders.items() if row["status"] in LIVE}

    def sold(self) -> Counter[int]:
        """Return the units of each variant that somebody is to get."""
        units: Counter[int] = Counter()
        for line in self.lines:
            if line["number"] in self.live():
                units[line["variant_id"]] += line["quantity"]
        return units


async def opened(database: Database) -> Books:
    """Return the rows of a shop that rests."""
    async with database.read(fresh=True) as session:
        return Books(
            orders={row["number"]: row for row in await _rows(session, orders)},
            lines=await _rows(session, order_lines),
            events=await _rows(session, order_events),
            checkouts={row["number"]: row for row in await _rows(session, checkouts)},
            reservations=await _rows(session, reservations),
            levels={row["id"]: row for row in await _rows(session, inventory_levels)},
            movements=await _rows(session, stock_movements),
            keys=await _rows(session, idempotency_keys),
        )


def differences(books: Books) -> list[str]:
    """Return a sentence for each thing that does not agree."""
    return [*_stock(books), *_orders(books), *_once(books)]


async def oversold(database: Database) -> list[str]:
    """Return what is wrong with the stock in this moment, seen by one statement."""
    columns, kept = inventory_levels.c, reservations.c
    held = (
        select(kept.level_id, func.sum(kept.quantity).label("units"))
        .where(kept.state.in_(HELD))
        .group_by(kept.level_id)
        .subquery()
    )
    both = inventory_levels.outerjoin(held, held.c.level_id == columns.id)
    units = func.coalesce(held.c.units, 0)
    statement = select(columns.id, columns.on_hand, columns.reserved, units).select_from(both)
    async with database.read(fresh=True) as session:
        rows = await session.rows(lambda *row: tuple(map(int, row)), statement)
    return [told for row in rows for told in _level(*row)]


def _stock(books: Books) -> Iterator[str]:
    held = _sums(books.held(), "quantity")
    on_hand, reserved = (
        _sums(books.movements, "on_hand_delta"),
        _sums(books.movements, "reserved_delta"),
    )
    for id_, row in books.levels.items():
        yield from _level(id_, row["on_hand"], row["reserved"], held[id_])
        if (row["on_hand"], row["reserved"]) != (on_hand[id_], reserved[id_]):
            yield (
                f"Level {id_} has {row['on_hand']} units, {row['reserved']} reserved; "
                f"its movements make {on_hand[id_]}, {reserved[id_]}."
            )


def _level(id_: int, on_hand: int, reserved: int, held: int) -> Iterator[str]:
    if not 0 <= held <= on_hand:
        yield f"Level {id_} has {on_hand} units, and {held} are kept."
    if reserved != held:
        yield f"Level {id_} says that {reserved} units are kept, and {held} are."


def _orders(books: Books) -> Iterator[str]:
    kept: Counter[tuple[str, int]] = Counter()
    for one in books.held():
        kept[one["number"], one["variant_id"]] += one["quantity"]
    wanted: Counter[tuple[str, int]] = Counter()
    for line in books.lines:
        if line["number"] in books.live():
            wanted[line["number"], line["variant_id"]] += line["quantity"]
    for number, variant_id in kept.keys() | wanted.keys():
        place = (number, variant_id)
        if kept[place] != wanted[place]:
            yield f"Order {number} wants {wanted[place]} units and has {kept[place]}."
    for number, order in books.orders.items():
        yield from _history(order, [one for one in books.events if one["number"] == number])


def _history(order: Row, events: list[Row]) -> Iterator[str]:
    ordered = sorted(events, key=lambda one: int(one["sequence"]))
    if [one["sequence"] for one in ordered] != list(range(1, order["version"] + 1)):
        yield f"Order {order['number']} is at version {order['version']}, with other events."
    elif ordered[-1]["to_status"] != order["status"]:
        yield f"Order {order['number']} is {order['status']}, its events end otherwise."


def _once(books: Books) -> Iterator[str]:
    closed = {number for number, row in books.checkouts.items() if row["ordered_at"] is not None}
    if closed != books.orders.keys():
        yield f"Orders without a closed checkout, or the reverse: {closed ^ books.orders.keys()}."
    placed = Counter(
        f"{row['targets']['order']:018}" for row in books.keys if row["mutation"] == "placeOrder"
    )
    if placed != Counter(dict.fromkeys(books.orders, 1)):
        yield "Not every order was placed under one key, or a key made none."
    moved = Counter((row["level_id"], row["reference"], row["kind"]) for row in books.movements)
    for (level_id, number, kind), count in moved.items():
        if count > 1 and number is not None:
            yield f"Level {level_id} has {count} movements {kind} of order {number}."


def _sums(rows: list[Row], column: str) -> Counter[int]:
    sums: Counter[int] = Counter()
    for row in rows:
        sums[row["level_id"]] += row[column]
    return sums


async def _rows(session: ReadSession, table: Table) -> list[Row]:
    names = [column.name for column in table.c]
    return await session.rows(lambda *row: dict(zip(names, row, strict=True)), select(table))
