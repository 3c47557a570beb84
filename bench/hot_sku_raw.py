"""The smallest order by raw SQL that is still right: the yardstick of bench/hot_sku.py."""

import json
import time
import uuid
from typing import Any

import asyncmy
from sqlalchemy.engine import make_url

#: As many as the shop has.
CONNECTIONS = 8
STOCK = 100_000_000
#: The smallest tables that keep an order, its key and its stock.
RAW_TABLES = {
    "raw_keys": "principal VARCHAR(64), name VARCHAR(64), fingerprint CHAR(64), "
    "PRIMARY KEY (principal, name)",
    "raw_orders": "number CHAR(18) PRIMARY KEY, user_id BIGINT, total BIGINT, placed_at BIGINT, "
    "body LONGTEXT",
    "raw_levels": "id BIGINT PRIMARY KEY, on_hand BIGINT, reserved BIGINT",
}


class RawOrders:
    """The same by the bare driver."""

    def __init__(self, url: str) -> None:
        """Connect when first asked."""
        found = make_url(url)
        self._address: dict[str, Any] = {
            "host": found.host,
            "port": found.port or 3306,
            "user": found.username,
            "password": found.password or "",
            "db": found.database,
        }
        self._pool: Any = None

    async def prepare(self) -> None:
        """Make the tables."""
        self._pool = await asyncmy.create_pool(
            minsize=CONNECTIONS,
            maxsize=CONNECTIONS,
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            **self._address,
        )
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            for name, columns in RAW_TABLES.items():
                await cursor.execute(f"CREATE TABLE {name} ({columns})")
            await cursor.execute("INSERT INTO raw_levels VALUES (1, %s, 0)", (STOCK,))
            await connection.commit()

    async def close(self) -> None:
        """Close the connections."""
        self._pool.close()
        await self._pool.wait_closed()

    async def place(self) -> None:
        """Place one order of one unit."""
        key, number = str(uuid.uuid4()), f"{uuid.uuid4().int % 10**18:018}"
        async with self._pool.acquire() as connection, connection.cursor() as cursor:
            await cursor.execute("INSERT INTO raw_keys VALUES (%s, %s, %s)", ("u", key, "f" * 64))
            order = (number, 1, 990, time.time_ns(), json.dumps({"sku": "HOT-1", "quantity": 1}))
            await cursor.execute("INSERT INTO raw_orders VALUES (%s, %s, %s, %s, %s)", order)
            taken = await cursor.execute(
                "UPDATE raw_levels SET reserved = reserved + 1 "
                "WHERE id = 1 AND on_hand - reserved >= 1"
            )
            assert taken == 1
            await connection.commit()
