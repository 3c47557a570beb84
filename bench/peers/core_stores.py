"""Connections that live as long as the server, and what one request reads by key."""

import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from aiodataloader import DataLoader
from core_models import (
    Base,
    CategoryRow,
    Document,
    LevelRow,
    ListingRow,
    MerchantRow,
    ProductRow,
    ShopRow,
    VariantRow,
    WarehouseRow,
)
from elasticsearch import AsyncElasticsearch
from pymongo import AsyncMongoClient
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

R = TypeVar("R", bound=Base)
K = TypeVar("K")
V = TypeVar("V")

#: A list by its category, and how many of its newest products are wanted.
Newest: TypeAlias = tuple[int, int]


class Stores:
    """Opened once."""

    def __init__(self) -> None:
        """Connect to what the environment names."""
        self.engine = create_async_engine(os.environ["MALLGRAPH_SQL_URL"], pool_size=8)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.mongo: AsyncMongoClient[Document] = AsyncMongoClient(
            os.environ["MALLGRAPH_DOCUMENTS_URL"]
        )
        self.specs = self.mongo.get_default_database()["specs"]
        host, _, self.index = os.environ["MALLGRAPH_SEARCH_URL"].rpartition("/")
        self.search = AsyncElasticsearch(host)
        self.media_url = os.environ["MALLGRAPH_MEDIA_URL"]
        self.cart_key = os.environ["MALLGRAPH_CART_TOKEN_KEY"].encode()
        self.shop: ShopRow

    async def open(self) -> None:
        """Read the shop's row."""
        self.shop = (await self.all(select(ShopRow)))[0]

    async def close(self) -> None:
        """Close all connections."""
        await self.search.close()
        await self.mongo.close()
        await self.engine.dispose()

    async def all(self, statement: Select[R]) -> Sequence[R]:
        """Return the objects of a statement."""
        async with self.sessions() as session:
            return (await session.scalars(statement)).all()

    async def pairs(self, statement: Select[*tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a statement."""
        async with self.sessions() as session:
            return [tuple(row) for row in await session.execute(statement)]


class Loaders:
    """One loader for each thing that many objects ask for; made for each request."""

    def __init__(self, stores: Stores) -> None:
        """Read from these stores."""
        self._stores = stores
        self.category = self._one_by(CategoryRow)
        self.merchant = self._one_by(MerchantRow)
        self.product = self._one_by(ProductRow)
        self.variant = self._one_by(VariantRow)
        self.category_by_slug = self._one_by_slug(CategoryRow)
        self.product_by_slug = self._one_by_slug(ProductRow)
        self.variants: DataLoader[int, list[VariantRow]] = _loader(self._variants, [])
        self.units = _loader(self._units, 0)
        self.is_available = _loader(self._available, None)
        self.specs: DataLoader[int, list[Document]] = _loader(self._specs, [])
        self.newest: DataLoader[Newest, Sequence[ProductRow]] = _loader(self._newest, [])

    def _one_by(self, row: Any) -> DataLoader[int, Any]:
        async def fetch(ids: Sequence[int]) -> dict[int, Any]:
            found = await self._stores.all(select(row).where(row.id.in_(ids)))
            return {one.id: one for one in found}

        return _loader(fetch, None)

    def _one_by_slug(self, row: Any) -> DataLoader[str, Any]:
        async def fetch(slugs: Sequence[str]) -> dict[str, Any]:
            found = await self._stores.all(select(row).where(row.slug.in_(slugs)))
            return {one.slug: one for one in found}

        return _loader(fetch, None)

    async def _variants(self, ids: Sequence[int]) -> dict[int, list[VariantRow]]:
        statement = select(VariantRow).where(VariantRow.product_id.in_(ids))
        found: defaultdict[int, list[VariantRow]] = defaultdict(list)
        for row in await self._stores.all(statement.order_by(VariantRow.position)):
            found[row.product_id].append(row)
        return found

    async def _units(self, ids: Sequence[int]) -> dict[int, int]:
        units = func.sum(LevelRow.on_hand - LevelRow.reserved)
        statement = (
            select(LevelRow.variant_id, units)
            .join(WarehouseRow)
            .where(WarehouseRow.is_selling, LevelRow.variant_id.in_(ids))
            .group_by(LevelRow.variant_id)
        )
        return {id_: int(left) for id_, left in await self._stores.pairs(statement)}

    async def _available(self, ids: Sequence[int]) -> dict[int, bool | None]:
        statement = (
            select(VariantRow.product_id)
            .join(LevelRow)
            .join(WarehouseRow)
            .where(WarehouseRow.is_selling, LevelRow.on_hand > LevelRow.reserved)
            .where(VariantRow.product_id.in_(ids))
            .distinct()
        )
        return dict.fromkeys((id_ for (id_,) in await self._stores.pairs(statement)), True)

    async def _specs(self, ids: Sequence[int]) -> dict[int, list[Document]]:
        found = await self._stores.specs.find({"_id": {"$in": list(ids)}}).to_list()
        return {one["_id"]: one["specs"] for one in found}

    async def _newest(self, asked: Sequence[Newest]) -> dict[Newest, Sequence[ProductRow]]:
        return {one: await self._page(*one) for one in asked}

    async def _page(self, category_id: int, size: int) -> Sequence[ProductRow]:
        statement = (
            select(ProductRow)
            .join(ListingRow, ListingRow.product_id == ProductRow.id)
            .where(ListingRow.category_id == category_id, ListingRow.status == "ACTIVE")
        )
        return await self._stores.all(statement.order_by(ListingRow.product_id.desc()).limit(size))


def _loader(fetch: Callable[[Sequence[K]], Awaitable[dict[K, V]]], missing: V) -> DataLoader[K, V]:
    async def batch(keys: list[K]) -> list[V]:
        found = await fetch(keys)
        return [found.get(key, missing) for key in keys]

    return DataLoader(batch)
