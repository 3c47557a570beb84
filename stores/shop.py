"""The shop's own row: its currency, its limits and its policies."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import BigInteger, Column, Table, select, update

from stores.columns import Instant, Plain, as_row, flag, id_column, key, metadata, words
from stores.parts import RowKind
from stores.rows import row
from stores.sql import ReadSession, WriteSession

#: There is one shop, and its row has this id.
SHOP_ID = 1

shops = Table(
    "shops",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("name", words(100), nullable=False),
    Column("currency_code", key(3), nullable=False),
    Column("time_zone", key(64), nullable=False),
    Column("locales", Plain, nullable=False),
    # Millionths: 190000 is 19 percent.
    Column("tax_rate_millionths", BigInteger, nullable=False),
    Column("is_tax_included", flag(), nullable=False),
    Column("max_line_quantity", BigInteger, nullable=False),
    Column("checkout_expiry_minutes", BigInteger, nullable=False),
    Column("order_expiry_minutes", BigInteger, nullable=False),
    Column("auto_confirm_days", BigInteger, nullable=False),
    # Counts the edits of all promotions; they are no edits of the shop.
    Column("promotions_revision", BigInteger, nullable=False),
)


@row
class Shop:
    """Settings of the shop; see the columns for units."""

    version: int
    updated_at: datetime
    id: int = SHOP_ID
    name: str = "mallgraph"
    currency_code: str = "EUR"
    time_zone: str = "UTC"
    locales: Sequence[str] = ("en", "zh-CN")
    tax_rate_millionths: int = 190_000
    is_tax_included: bool = True
    max_line_quantity: int = 999
    checkout_expiry_minutes: int = 30
    order_expiry_minutes: int = 60
    auto_confirm_days: int = 14
    promotions_revision: int = 0


SHOPS = RowKind(Shop, shops, [field.name for field in fields(Shop)])
_THE_SHOP = select(*(shops.c[field.name] for field in fields(Shop))).where(shops.c.id == SHOP_ID)


async def get(session: ReadSession) -> Shop | None:
    """Return the shop, None before it was made."""
    return await session.row(Shop, _THE_SHOP, {})


async def add(session: WriteSession, shop: Shop) -> None:
    """Write the shop. Raises UniqueViolation if there is one."""
    await session.insert(shops, as_row(shop) | {"locales": list(shop.locales)})


async def count_promotion_edit(session: WriteSession) -> None:
    """Let whoever knows the promotions of before see that they have changed."""
    more = shops.c.promotions_revision + 1
    await session.update(
        update(shops).where(shops.c.id == SHOP_ID).values(promotions_revision=more)
    )


async def hold(session: WriteSession) -> None:
    """Let nobody else pass here until the transaction ends, where no unique key guards a rule."""
    same = update(shops).where(shops.c.id == SHOP_ID).values(version=shops.c.version)
    await session.update(same)
