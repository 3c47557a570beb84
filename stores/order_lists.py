"""Lists of orders: of the whole shop, of one customer, of one merchant."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from stores.columns import in_microseconds, microseconds
from stores.fulfillments import FulfillmentStatus, fulfillments
from stores.keyset import Keyset, Position, Window
from stores.orders import COLUMNS, Order, OrderStatus, PaymentStatus, order_lines, orders
from stores.orders import order_merchants as sellers
from stores.sql import ReadSession
from stores.users import users

#: The list of all customers' orders, among the ids of users.
EVERYBODY = 0


class OrderSort(Enum):
    """Sequence of a list of orders."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    RECENTLY_UPDATED = "RECENTLY_UPDATED"
    TOTAL_DESC = "TOTAL_DESC"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Conditions that orders must all meet; None leaves one out.

    `sold_by` is what the viewer may see, `merchant_id` what was asked for.
    """

    query: str | None = None
    statuses: tuple[OrderStatus, ...] | None = None
    payment_statuses: tuple[PaymentStatus, ...] | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    customer_id: int | None = None
    merchant_id: int | None = None
    sold_by: int | None = None


_PLACED, _UPDATED = in_microseconds(orders.c.placed_at), in_microseconds(orders.c.updated_at)
_SORTS = {
    OrderSort.NEWEST: Keyset(_PLACED, orders.c.number, descending=True),
    OrderSort.OLDEST: Keyset(_PLACED, orders.c.number),
    OrderSort.RECENTLY_UPDATED: Keyset(_UPDATED, orders.c.number, descending=True),
    OrderSort.TOTAL_DESC: Keyset(orders.c.total_minor, orders.c.number, descending=True),
}
#: The kinds of the values of a position.
KINDS: tuple[type, ...] = (int, str)


def position(order: Order, sort: OrderSort) -> Position:
    """Return the place of an order in its list; an instant is told in microseconds."""
    if sort is OrderSort.TOTAL_DESC:
        return (order.total_minor, order.number)
    is_updated = sort is OrderSort.RECENTLY_UPDATED
    return (microseconds(order.updated_at if is_updated else order.placed_at), order.number)


async def pages(
    session: ReadSession,
    customers: Sequence[int],
    wanted: OrderFilter,
    sort: OrderSort,
    window: Window,
) -> dict[int, list[Order]]:
    """Return a page of each list, by user id or EVERYBODY, in one statement."""
    each = [_page(one, wanted, sort, window) for one in customers]
    # Wrapped, as SQLite takes no ORDER BY inside a UNION.
    whole = each[0] if len(each) == 1 else union_all(*(select(one.subquery()) for one in each))
    found: dict[int, list[Order]] = defaultdict(list)
    for customer, order in await session.rows(_placed, whole):
        found[customer].append(order)
    return {one: rows[::-1] if window.backwards else rows for one, rows in found.items()}


async def counts(
    session: ReadSession, customers: Sequence[int], wanted: OrderFilter
) -> dict[int, int]:
    """Return how many orders each list has, in one statement."""
    each = [_counted(wanted, one) for one in customers]
    whole = each[0] if len(each) == 1 else union_all(*each)
    return dict(await session.rows(lambda one, count: (int(one), count), whole))


def _counted(wanted: OrderFilter, customer: int) -> Select[Any]:
    columns: list[Any] = [literal(customer), func.count()]
    return select(*columns).select_from(orders).where(*_conditions(wanted, customer))


def _page(customer: int, wanted: OrderFilter, sort: OrderSort, window: Window) -> Select[Any]:
    keyset = _SORTS[sort]
    return (
        select(literal(customer).label("customer"), *COLUMNS)
        .where(*_conditions(wanted, customer), keyset.inside(window))
        .order_by(*keyset.order(window))
        .limit(window.limit)
    )


def _placed(customer: int, *values: Any) -> tuple[int, Order]:
    return int(customer), Order(*values)


def _conditions(wanted: OrderFilter, customer: int) -> list[ColumnElement[bool]]:
    given = ((test, getattr(wanted, name)) for name, test in _TESTS.items())
    told = [] if customer == EVERYBODY else [orders.c.user_id == customer]
    if wanted.query is not None:
        told.append(_matching(wanted.query, wanted.sold_by))
    return [*told, *(test(value) for test, value in given if value is not None)]


def _sold_by(merchant_id: int) -> ColumnElement[bool]:
    own = exists().where(sellers.c.merchant_id == merchant_id, sellers.c.number == orders.c.number)
    return own.correlate(orders)


def _matching(query: str, sold_by: int | None) -> ColumnElement[bool]:
    by_sku = select(order_lines.c.number).where(order_lines.c.sku == query)
    if sold_by is not None:
        # A line that is not seen is not found either.
        by_sku = by_sku.where(order_lines.c.merchant_id == sold_by)
    by_person = select(users.c.id).where(
        or_(
            users.c.display_name.startswith(query, autoescape=True),
            users.c.phone == query,
        )
    )
    return or_(
        orders.c.number == query,
        orders.c.number.in_(by_sku),
        orders.c.user_id.in_(by_person),
    )


def _named(column: ColumnElement[Any]) -> Callable[[Sequence[Enum]], ColumnElement[bool]]:
    return lambda wanted: column.in_([one.value for one in wanted])


#: Attribute of a filter -> the condition of a value that is given.
_TESTS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "statuses": _named(orders.c.status),
    "payment_statuses": _named(orders.c.payment_status),
    "placed_from": lambda instant: orders.c.placed_at >= instant,
    "placed_before": lambda instant: orders.c.placed_at < instant,
    "customer_id": lambda id_: orders.c.user_id == id_,
    "merchant_id": _sold_by,
    "sold_by": _sold_by,
}


_OVERDUE = Keyset(in_microseconds(orders.c.expires_at), orders.c.number)


async def expired(
    session: ReadSession, now: datetime, limit: int, behind: Order | None = None
) -> list[Order]:
    """Return unpaid orders whose time is over, the longest overdue first, those behind one."""
    window = Window(limit, _overdue_at(behind) if behind else None)
    statement = select(*COLUMNS).where(
        orders.c.status == OrderStatus.PENDING_PAYMENT.value,
        orders.c.expires_at < now,
        _OVERDUE.inside(window),
    )
    return await session.rows(Order, statement.order_by(*_OVERDUE.order(window)).limit(limit))


def _overdue_at(order: Order) -> Position:
    return (microseconds(order.expires_at or order.placed_at), order.number)


async def arrived(
    session: ReadSession, before: datetime, limit: int, behind: str = ""
) -> list[str]:
    """Return orders of which all parcels arrived, or left, before an instant; behind a number.

    One that was called back does not count; a parcel that nobody told of has arrived unseen.
    """
    since = func.coalesce(fulfillments.c.delivered_at, fulfillments.c.shipped_at)
    late = exists().where(
        fulfillments.c.number == orders.c.number,
        fulfillments.c.status != FulfillmentStatus.CANCELLED.value,
        since >= before,
    )
    statement = select(orders.c.number).where(
        orders.c.status == OrderStatus.SHIPPED.value,
        orders.c.number > behind,
        ~late.correlate(orders),
    )
    return await session.rows(str, statement.order_by(orders.c.number).limit(limit))
