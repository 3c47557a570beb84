"""What the hand-written endpoints stand on: drivers, and the shop's own row, read once."""

import contextlib
import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiosqlite
import asyncmy
import orjson
from elasticsearch import AsyncElasticsearch
from pymongo import AsyncMongoClient

Row = tuple[Any, ...]
_SHOP = "SELECT currency_code, tax_rate_millionths, is_tax_included FROM shops"


class Sql(Protocol):
    """A relational store."""

    async def rows(self, statement: str, *values: Any) -> Sequence[Row]:
        """Return the rows of a statement."""
        ...


class Sheets(Protocol):
    """Where the data sheets are."""

    async def by_ids(self, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        """Return the data sheets that exist."""
        ...


@dataclass(frozen=True, slots=True)
class Shop:
    """Open stores, and what never changes while the server runs."""

    sql: Sql
    sheets: Sheets
    search: AsyncElasticsearch | None
    index: str
    currency: str
    tax_rate_millionths: int
    is_tax_included: bool
    media_url: str
    cart_key: bytes


@contextlib.asynccontextmanager
async def opened() -> AsyncGenerator[Shop]:
    """Open the stores of the environment."""
    async with contextlib.AsyncExitStack() as stack:
        url = os.environ.get("MALLGRAPH_SQL_URL")
        sql = await stack.enter_async_context(_mysql(url) if url else _sqlite("shop.db"))
        sheets = await stack.enter_async_context(_sheets())
        found = os.environ.get("MALLGRAPH_SEARCH_URL")
        search = AsyncElasticsearch(found.rpartition("/")[0]) if found else None
        if search:
            stack.push_async_callback(search.close)
        row, *_ = await sql.rows(_SHOP)
        index = (found or "").rpartition("/")[2]
        media_url = os.environ["MALLGRAPH_MEDIA_URL"]
        cart_key = os.environ["MALLGRAPH_CART_TOKEN_KEY"].encode()
        currency, rate, is_included = row
        yield Shop(
            sql, sheets, search, index, currency, rate, bool(is_included), media_url, cart_key
        )


class _MySql:
    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def rows(self, statement: str, *values: Any) -> Sequence[Row]:
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(statement, values)
            found: Sequence[Row] = await cursor.fetchall()
            return found


@contextlib.asynccontextmanager
async def _mysql(url: str) -> AsyncGenerator[Sql]:
    told = urlsplit(url)
    pool = await asyncmy.create_pool(
        host=told.hostname,
        port=told.port,
        user=told.username,
        password=told.password or "",
        db=told.path[1:],
        minsize=8,
        maxsize=8,
        autocommit=True,
        charset="utf8mb4",
    )
    try:
        yield _MySql(pool)
    finally:
        pool.close()
        await pool.wait_closed()


class _Sqlite:
    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def rows(self, statement: str, *values: Any) -> Sequence[Row]:
        found = await self._connection.execute_fetchall(statement.replace("%s", "?"), values)
        return [tuple(row) for row in found]


@contextlib.asynccontextmanager
async def _sqlite(file: str) -> AsyncGenerator[Sql]:
    async with aiosqlite.connect(f"{os.environ['MALLGRAPH_DATA_DIR']}/{file}") as connection:
        yield _Sqlite(connection)


class _MongoSheets:
    def __init__(self, client: AsyncMongoClient[dict[str, Any]]) -> None:
        self._specs = client.get_default_database()["specs"]

    async def by_ids(self, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        found = await self._specs.find({"_id": {"$in": ids}}).to_list()
        return {one["_id"]: one["specs"] for one in found}


class _SqliteSheets:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def by_ids(self, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        statement = f"SELECT id, body FROM spec_documents WHERE id IN {places(ids)}"
        return {id_: orjson.loads(body) for id_, body in await self._sql.rows(statement, *ids)}


@contextlib.asynccontextmanager
async def _sheets() -> AsyncGenerator[Sheets]:
    url = os.environ.get("MALLGRAPH_DOCUMENTS_URL")
    if url is None:
        async with _sqlite("documents.db") as sql:
            yield _SqliteSheets(sql)
        return
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url)
    try:
        yield _MongoSheets(client)
    finally:
        await client.close()


def places(values: Sequence[Any]) -> str:
    """Return what stands behind IN for so many values."""
    return f"({','.join(['%s'] * len(values)) or 'NULL'})"
