"""What promotions took off orders: the uses of promotions and of coupons, one row for each.

A row is written with its order, or when staff changes the price of that. It never changes, but
that it is let go when the order ends: then the counters of its promotion and of its coupon go back,
once. Unique keys decide what two orders at once may not both have: the n-th use of a customer, and
her first order.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Table,
    UniqueConstraint,
    bindparam,
    select,
    update,
)

from stores.columns import Instant, Plain, as_row, id_column, key, metadata, words
from stores.coupons import CODE_LENGTH
from stores.kept import among
from stores.order_numbers import LENGTH
from stores.promotions import NAME_LENGTH
from stores.rows import row
from stores.sql import ReadSession, WriteSession

#: Behind the places of promotions, of which there are not so many: changes of a price by staff.
STAFF_PLACES = 10_000

order_discounts = Table(
    "order_discounts",
    metadata,
    Column("number", key(LENGTH), primary_key=True),
    id_column("promotion_id"),
    Column("position", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("title", words(NAME_LENGTH), nullable=False),
    Column("coupon_id", BigInteger, nullable=True),
    Column("coupon_code", key(CODE_LENGTH), nullable=True),
    # In the order of the lines; they add up to what was taken off these.
    Column("shares", Plain, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    # Which of the uses of a customer it is, where these are limited.
    Column("slot", BigInteger, nullable=True),
    # The customer, where it is given for a first order only.
    Column("first_of", BigInteger, nullable=True, unique=True),
    Column("released_at", Instant, nullable=True),
    UniqueConstraint("promotion_id", "user_id", "slot"),
    UniqueConstraint("coupon_id", "user_id", "number"),
    Index("ix_order_discounts_user_id_promotion_id", "user_id", "promotion_id"),
)


@row
class OrderDiscount:
    """What one promotion took off an order; amounts in minor units."""

    number: str
    promotion_id: int
    position: int
    user_id: int
    title: str
    coupon_id: int | None
    coupon_code: str | None
    shares: list[int]
    shipping_minor: int
    units: int
    slot: int | None
    first_of: int | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class PastUse:
    """A use of a promotion that counts for its customer."""

    promotion_id: int
    slot: int | None


_COLUMNS = [order_discounts.c[field.name] for field in fields(OrderDiscount)]
_BY_NUMBERS = (
    select(*_COLUMNS)
    .where(among(order_discounts.c.number, "numbers"))
    .order_by(order_discounts.c.number, order_discounts.c.position)
)
_OF_CUSTOMER = select(order_discounts.c.promotion_id, order_discounts.c.slot).where(
    order_discounts.c.user_id == bindparam("user"),
    among(order_discounts.c.promotion_id, "ids"),
    order_discounts.c.released_at.is_(None),
)
_LET_GO = (
    update(order_discounts)
    .where(
        order_discounts.c.number == bindparam("its_number"),
        order_discounts.c.released_at.is_(None),
    )
    .values(released_at=bindparam("now", type_=Instant), slot=None, first_of=None)
)


async def by_numbers(
    session: ReadSession, numbers: Collection[str]
) -> dict[str, list[OrderDiscount]]:
    """Return what was taken off each order, in the order of application."""
    found: dict[str, list[OrderDiscount]] = defaultdict(list)
    for one in await session.rows(OrderDiscount, _BY_NUMBERS, {"numbers": list(numbers)}):
        found[one.number].append(one)
    return found


async def of_customer(
    session: ReadSession, user_id: int, promotion_ids: Collection[int]
) -> list[PastUse]:
    """Return the uses of these promotions that count for a customer."""
    asked = {"user": user_id, "ids": list(promotion_ids)}
    return await session.rows(PastUse, _OF_CUSTOMER, asked)


async def add(session: WriteSession, new: Sequence[OrderDiscount]) -> None:
    """Write what was taken off an order.

    Raises UniqueViolation for a use, or a first order, that another order of the customer has.
    """
    await session.insert(order_discounts, *map(as_row, new))


async def let_go(session: WriteSession, number: str, now: datetime) -> bool:
    """Let the uses of an order go; False if that was done before, or it has none."""
    return await session.update(_LET_GO, {"its_number": number, "now": now}) > 0
