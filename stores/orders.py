"""Orders and their lines, as they were bought."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Table,
    UniqueConstraint,
    select,
)

from stores.columns import (
    Instant,
    Plain,
    as_row,
    id_column,
    key,
    metadata,
    prose,
    words,
)
from stores.kept import among
from stores.order_numbers import LENGTH
from stores.products import SKU_LENGTH, TITLE_LENGTH
from stores.rows import row
from stores.sql import ReadSession, WriteSession

orders = Table(
    "orders",
    metadata,
    # The number of its checkout, too: a checkout can become one order only.
    Column("number", key(LENGTH), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("status", key(20), nullable=False),
    Column("payment_status", key(20), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=True),
    Column("shipping_address", Plain, nullable=False),
    Column("delivery", Plain, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("note", prose(), nullable=True),
    # Moved by payments, without a new version: who edits an order need not know.
    Column("paid_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Index("ix_orders_user_id_placed_at_number", "user_id", "placed_at", "number"),
    Index("ix_orders_placed_at_number", "placed_at", "number"),
    Index("ix_orders_updated_at_number", "updated_at", "number"),
    Index("ix_orders_total_minor_number", "total_minor", "number"),
    Index("ix_orders_status_expires_at", "status", "expires_at"),
)

order_lines = Table(
    "order_lines",
    metadata,
    id_column(),
    Column("number", key(LENGTH), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("variant_id", BigInteger, nullable=False),
    Column("product_id", BigInteger, nullable=False),
    Column("merchant_id", BigInteger, nullable=False),
    Column("snapshot_id", BigInteger, nullable=False),
    Column("sku", key(SKU_LENGTH), nullable=False),
    Column("title", words(TITLE_LENGTH), nullable=False),
    Column("options", Plain, nullable=False),
    Column("media", Plain, nullable=True),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    # Counted by `stores.order_line_counts`; `stores.order_prices` changes the sums above.
    Column("shipped_quantity", BigInteger, nullable=False),
    Column("returning_quantity", BigInteger, nullable=False),
    Column("returned_quantity", BigInteger, nullable=False),
    UniqueConstraint("number", "position"),
    CheckConstraint(
        "returning_quantity >= 0 AND returned_quantity >= 0"
        " AND returning_quantity + returned_quantity <= shipped_quantity"
        " AND shipped_quantity <= quantity",
        name="no_more_than_ordered",
    ),
    Index("ix_order_lines_snapshot_id", "snapshot_id"),
    Index("ix_order_lines_sku", "sku"),
)

order_merchants = Table(
    "order_merchants",
    metadata,
    id_column("merchant_id"),
    Column("number", key(LENGTH), primary_key=True),
)


class OrderStatus(Enum):
    """Life cycle of an order."""

    PENDING_PAYMENT = "PENDING_PAYMENT"
    PAID = "PAID"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class PaymentStatus(Enum):
    """Where a payment, or an order as a whole, stands."""

    UNPAID = "UNPAID"
    AUTHORIZED = "AUTHORIZED"
    PAID = "PAID"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    FAILED = "FAILED"
    VOIDED = "VOIDED"


@row
class Order:
    """A purchase; sums in minor units. The address and the delivery are kept as they were."""

    number: str
    version: int
    updated_at: datetime
    user_id: int
    status: str
    payment_status: str
    placed_at: datetime
    expires_at: datetime | None
    shipping_address: dict[str, str]
    #: `{"rate", "title", "carrier", "days"}`, and what was taken off, how often the price changed.
    delivery: dict[str, Any]
    subtotal_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    note: str | None
    paid_minor: int = 0
    refunded_minor: int = 0

    @property
    def due_minor(self) -> int:
        """Return what is to be paid yet."""
        return self.total_minor - self.paid_minor


@row
class OrderLine:
    """One line; `total_minor` is after discounts.

    The last three counts change; discount, tax and total do, until it is paid, with the price.
    """

    id: int
    number: str
    position: int
    variant_id: int
    product_id: int
    merchant_id: int
    snapshot_id: int
    sku: str
    title: str
    options: list[list[str]]
    media: dict[str, Any] | None
    unit_price_minor: int
    quantity: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    shipped_quantity: int = 0
    #: In returns that are not taken in yet.
    returning_quantity: int = 0
    returned_quantity: int = 0

    @property
    def unshipped(self) -> int:
        """Return the units that are to be shipped yet."""
        return self.quantity - self.shipped_quantity

    @property
    def returnable(self) -> int:
        """Return the units that were shipped, and of which no return knows."""
        return self.shipped_quantity - self.returning_quantity - self.returned_quantity


COLUMNS = [orders.c[field.name] for field in fields(Order)]
_LINE_COLUMNS = [order_lines.c[field.name] for field in fields(OrderLine)]


_BY_NUMBERS = select(*COLUMNS).where(among(orders.c.number, "numbers"))
_LINES_BY_NUMBER = (
    select(*_LINE_COLUMNS)
    .where(among(order_lines.c.number, "numbers"))
    .order_by(order_lines.c.number, order_lines.c.position)
)
_LINES_BY_IDS = select(*_LINE_COLUMNS).where(among(order_lines.c.id, "ids"))
_MERCHANTS = select(order_merchants.c.number, order_merchants.c.merchant_id).where(
    among(order_merchants.c.number, "numbers")
)


async def by_numbers(session: ReadSession, numbers: Collection[str]) -> dict[str, Order]:
    """Return the orders that exist, by number."""
    found = await session.rows(Order, _BY_NUMBERS, {"numbers": list(numbers)})
    return {order.number: order for order in found}


async def lines_by_number(
    session: ReadSession, numbers: Collection[str]
) -> dict[str, list[OrderLine]]:
    """Return the lines of each order, as they stood in the cart."""
    found: dict[str, list[OrderLine]] = defaultdict(list)
    for line in await session.rows(OrderLine, _LINES_BY_NUMBER, {"numbers": list(numbers)}):
        found[line.number].append(line)
    return found


async def lines_by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, OrderLine]:
    """Return the lines that exist, by id."""
    found = await session.rows(OrderLine, _LINES_BY_IDS, {"ids": list(ids)})
    return {line.id: line for line in found}


async def merchants_by_number(
    session: ReadSession, numbers: Collection[str]
) -> dict[str, list[int]]:
    """Return the merchants that see each order."""
    found: dict[str, list[int]] = defaultdict(list)
    asked = {"numbers": list(numbers)}
    for number, merchant_id in await session.rows(lambda *row: row, _MERCHANTS, asked):
        found[number].append(merchant_id)
    return found


async def add(session: WriteSession, order: Order, lines: Sequence[OrderLine]) -> None:
    """Write an order. Raises UniqueViolation for a number that was used."""
    await session.insert(orders, as_row(order))
    await session.insert(order_lines, *map(as_row, lines))
    merchants = sorted({line.merchant_id for line in lines})
    rows = [{"merchant_id": one, "number": order.number} for one in merchants]
    await session.insert(order_merchants, *rows)
