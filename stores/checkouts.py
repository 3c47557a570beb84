"""Checkouts: cart lines with their prices, held under the number of the order they may become."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from sqlalchemy import BigInteger, Column, Table, bindparam, select, update

from stores.columns import Instant, Plain, as_row, key, metadata
from stores.order_numbers import LENGTH
from stores.sql import ReadSession, WriteSession

CART_KEY_LENGTH = 64

checkouts = Table(
    "checkouts",
    metadata,
    Column("number", key(LENGTH), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    # Cart, its version and its chosen lines: the same cart is never checked out twice.
    Column("cart_key", key(CART_KEY_LENGTH), nullable=False, unique=True),
    Column("lines", Plain, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    # Set by the one transaction that makes the order.
    Column("ordered_at", Instant, nullable=True),
    # Promotions that apply to some of the lines, and codes of coupons; null where there are none.
    Column("offers", Plain, nullable=True),
    Column("coupon_codes", Plain, nullable=True),
)


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """One line, as it will be ordered; the price is for a unit, in minor units."""

    variant_id: int
    product_id: int
    merchant_id: int
    snapshot_id: int
    quantity: int
    unit_price_minor: int
    sku: str
    title: str
    options: list[list[str]]
    media: dict[str, Any] | None
    weight_grams: int


@dataclass(frozen=True, slots=True)
class Checkout:
    """What one shopper is about to order."""

    number: str
    user_id: int
    cart_key: str
    lines: tuple[CheckoutLine, ...]
    expires_at: datetime
    ordered_at: datetime | None = None
    #: Promotions as they were when prices were taken; see `resolvers.promotion_offers`.
    offers: list[dict[str, Any]] | None = None
    coupon_codes: list[str] | None = None

    @classmethod
    def of(cls, number: str, user_id: int, cart_key: str, lines: Any, *more: Any) -> Self:
        """Return the row of these columns."""
        return cls(number, user_id, cart_key, tuple(CheckoutLine(**one) for one in lines), *more)

    @property
    def cart_id(self) -> int:
        """Return the cart that its lines were taken from."""
        return int(self.cart_key.partition(":")[0])

    def units(self) -> Counter[int]:
        """Return the units of each variant; two lines of one would each find enough for itself."""
        units: Counter[int] = Counter()
        for line in self.lines:
            units[line.variant_id] += line.quantity
        return units

    def grams(self) -> int:
        """Return the weight of the parcel."""
        return sum(line.weight_grams * line.quantity for line in self.lines)


_COLUMNS = [checkouts.c[field.name] for field in fields(Checkout)]
_BY_CART_KEY = select(*_COLUMNS).where(checkouts.c.cart_key == bindparam("its_key"))
_BY_NUMBERS = select(*_COLUMNS).where(checkouts.c.number.in_(bindparam("numbers", expanding=True)))
_CLOSE = (
    update(checkouts)
    .where(checkouts.c.number == bindparam("closed"), checkouts.c.ordered_at.is_(None))
    .values(ordered_at=bindparam("now"))
)


async def by_numbers(session: ReadSession, numbers: Collection[str]) -> dict[str, Checkout]:
    """Return the checkouts that exist, by number."""
    found = await session.rows(Checkout.of, _BY_NUMBERS, {"numbers": list(numbers)})
    return {row.number: row for row in found}


async def known_cart_keys(session: ReadSession, cart_keys: Collection[str]) -> set[str]:
    """Return which of these carts, each at one version, have a checkout."""
    statement = select(checkouts.c.cart_key).where(checkouts.c.cart_key.in_(cart_keys))
    return set(await session.rows(str, statement))


async def by_cart_key(session: ReadSession, cart_key: str) -> Checkout | None:
    """Return the checkout of a cart at one version, None if it was never begun."""
    return await session.row(Checkout.of, _BY_CART_KEY, {"its_key": cart_key})


async def add(session: WriteSession, checkout: Checkout) -> None:
    """Write a checkout. Raises UniqueViolation if the cart has one."""
    await session.insert(checkouts, _plain(checkout))


async def renew(session: WriteSession, checkout: Checkout, now: datetime) -> None:
    """Hold new prices under the same number, if the old ones expired and nothing was ordered."""
    columns = checkouts.c
    statement = update(checkouts).where(
        columns.number == checkout.number, columns.ordered_at.is_(None), columns.expires_at < now
    )
    plain = _plain(checkout)
    held = {name: plain[name] for name in ("lines", "expires_at", "offers", "coupon_codes")}
    await session.update(statement.values(held))


async def close(session: WriteSession, number: str, now: datetime) -> bool:
    """Mark a checkout as ordered; False if it was before. Whoever else tries waits for the end."""
    return await session.update(_CLOSE, {"closed": number, "now": now}) == 1


def _plain(checkout: Checkout) -> dict[str, Any]:
    return as_row(checkout) | {"lines": [as_row(line) for line in checkout.lines]}
