"""Shops without products, for tests of what fills them, and what lies in a shop told by names."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs import search_index
from mallgraph import migrations
from resolvers.context import Mall
from stores import categories, columns, inventory, merchants, open_stores, products
from stores.ids import Clock, utc_now
from stores.products import Product, Variant
from stores.settings import Settings
from stores.specs import to_plain
from stores.sql import Database, ReadSession
from tests import migrated, shopping
from tests.kept_shops import KeptShops


@asynccontextmanager
async def empty_settings(request: pytest.FixtureRequest, folder: Path) -> AsyncGenerator[Settings]:
    """Yield settings of a migrated shop; `request.param` is one of HOMES."""
    if request.param == "embedded":
        chosen = shopping.settings(folder)
        await migrate(chosen)
        yield chosen
        return
    kept: KeptShops = request.getfixturevalue("empty_shops")
    async with kept.one(folder) as chosen:
        yield chosen


async def migrate(chosen: Settings) -> None:
    """Make the tables of a shop without products."""
    await migrated.upgrade(chosen.sql())
    database = Database(chosen.sql(), timeout_seconds=5)
    await migrations.ensure_shop(database)
    await database.close()


@asynccontextmanager
async def open_mall(chosen: Settings, clock: Clock = utc_now) -> AsyncGenerator[Mall]:
    """Open a migrated shop, at a time of the test's choice."""
    async with open_stores(chosen) as stores:
        mall = Mall(stores, chosen, clock)
        await mall.worker.renew()
        await stores.specs.prepare()
        await stores.search.prepare()
        await stores.carts.prepare()
        yield mall
        await mall.worker.release()


def write_lines(path: Path, rows: Sequence[object]) -> Path:
    """Write an import file; bytes stand as they are."""
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


async def counts(mall: Mall) -> dict[str, int]:
    """Return how many rows each table has; empty ones, and what no import fills, are left out."""
    others = {"leases", "outbox_consumers", "shops", "users", "alembic_version"}
    others |= {"audit_entries", "idempotency_keys", "carts", "delivery_rates"}
    names = [one.name for one in columns.metadata.sorted_tables if one.name not in others]
    async with mall.stores.database.read() as session:
        found = {name: await _count(session, name) for name in names}
    return {name: count for name, count in found.items() if count}


async def _count(session: ReadSession, name: str) -> int:
    table = columns.metadata.tables[name]
    return await session.row(int, select(func.count()).select_from(table)) or 0


async def content(mall: Mall) -> dict[str, Any]:
    """Return all that an import writes, told by names: ids and times differ from shop to shop."""
    async with mall.stores.database.read() as session:
        found = await products.after(session, 0, 10_000)
        variants = await products.variants_by_product(session, [one.id for one in found])
        shelves = {one.id: one for one in await categories.whole_tree(session)}
        sellers = {one.id: one.name for one in await merchants.in_order_of_age(session)}
        stock = await inventory.available(
            session, [v.id for some in variants.values() for v in some]
        )
    documents = await mall.stores.specs.by_ids([one.specs_id for one in found if one.specs_id])
    indexed = await mall.stores.search.versions([one.id for one in found])
    return {
        "counts": await counts(mall),
        "shelves": [(one.slug, one.name, one.position) for one in shelves.values()],
        "products": {
            f"{sellers[one.merchant_id]} {variants[one.id][0].sku}": {
                **_plain(one),
                "category": [shelves[id_].slug for id_ in shelves[one.category_id].path()],
                "specs": to_plain(documents[one.specs_id]) if one.specs_id else [],
                "variants": [_variant(v, stock.get(v.id)) for v in variants[one.id]],
                "is_indexed": indexed.get(one.id) == search_index.index_version(one),
            }
            for one in found
        },
    }


def _plain(product: Product) -> dict[str, object]:
    names = ("version", "revision", "slug", "title", "title_key", "subtitle", "description")
    more = ("brand", "status", "media", "min_price_minor", "max_price_minor", "content_hash")
    return {name: getattr(product, name) for name in names + more}


def _variant(variant: Variant, stock: int | None) -> dict[str, object]:
    names = ("position", "sku", "barcode", "title", "options", "price_minor", "compare_at_minor")
    more = ("weight_grams", "media_position")
    return {name: getattr(variant, name) for name in names + more} | {"stock": stock}
