"""Delivery rates: tariffs from which delivery is priced."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import BigInteger, Column, Table, bindparam, func, select, update

from stores.columns import Instant, Plain, as_row, flag, id_column, metadata, words
from stores.rows import row
from stores.sql import ReadSession, WriteSession

TITLE_LENGTH = 100
MAX_RATES = 500
_GRAMS_PER_KG = 1_000

delivery_rates = Table(
    "delivery_rates",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("title", words(TITLE_LENGTH), nullable=False),
    Column("carrier", words(TITLE_LENGTH), nullable=True),
    Column("regions", Plain, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("price_per_kg_minor", BigInteger, nullable=True),
    Column("free_above_minor", BigInteger, nullable=True),
    Column("estimated_days", BigInteger, nullable=True),
    Column("is_active", flag(), nullable=False),
)


@row
class DeliveryRate:
    """A tariff; `regions` holds countries (DE) and their regions (US-CA), none for everywhere."""

    id: int
    version: int
    updated_at: datetime
    title: str
    carrier: str | None
    regions: Sequence[str]
    price_minor: int
    price_per_kg_minor: int | None
    free_above_minor: int | None
    estimated_days: int | None
    is_active: bool

    def reaches(self, country: str, region: str | None) -> bool:
        """Return whether it delivers to a country, or to this region of it."""
        places = {country, f"{country}-{region}"}
        return not self.regions or not places.isdisjoint(self.regions)

    def cost_minor(self, subtotal_minor: int, grams: int) -> int:
        """Return the price for goods of this worth and weight, each kilogram begun counted."""
        if self.free_above_minor is not None and subtotal_minor >= self.free_above_minor:
            return 0
        return self.price_minor + -(-grams // _GRAMS_PER_KG) * (self.price_per_kg_minor or 0)


_COLUMNS = [delivery_rates.c[field.name] for field in fields(DeliveryRate)]
_BY_IDS = select(*_COLUMNS).where(delivery_rates.c.id.in_(bindparam("ids", expanding=True)))


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, DeliveryRate]:
    """Return the rates that exist, by id."""
    found = await session.rows(DeliveryRate, _BY_IDS, {"ids": list(ids)})
    return {rate.id: rate for rate in found}


async def in_order_of_age(session: ReadSession) -> list[DeliveryRate]:
    """Return all rates, the oldest first."""
    return await session.rows(DeliveryRate, select(*_COLUMNS).order_by(delivery_rates.c.id))


async def count(session: ReadSession) -> int:
    """Return how many rates there are."""
    return await session.row(int, select(func.count()).select_from(delivery_rates)) or 0


async def add(session: WriteSession, rate: DeliveryRate) -> None:
    """Write a new rate."""
    await session.insert(delivery_rates, as_row(rate) | {"regions": list(rate.regions)})


async def change(session: WriteSession, rate: DeliveryRate) -> bool:
    """Write a rate over its version before; False if it is at another."""
    columns = delivery_rates.c
    same = update(delivery_rates).where(columns.id == rate.id, columns.version == rate.version - 1)
    values = as_row(rate) | {"regions": list(rate.regions)}
    return await session.update(same.values(values)) == 1
