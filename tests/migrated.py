"""Relational stores with the tables of this release; those in files are made once and copied."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from mallgraph import migrations
from stores.sql import Database


async def upgrade(url: str) -> None:
    """Bring the tables of a relational store up to date; it may have none, or be no file yet."""
    parts = make_url(url)
    path = Path(parts.database or "") if parts.get_backend_name() == "sqlite" else None
    if path is None or path.exists():
        await _migrate(url)
    else:
        copy(path)


def copy(path: Path) -> None:
    """Make a file that has the tables and nothing in them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_file())


async def _migrate(url: str) -> None:
    opened = Database(url, timeout_seconds=5)
    # Asked first: Alembic takes longer to find nothing to do.
    if not await migrations.is_current(opened):
        await migrations.upgrade(opened)
    await opened.close()


@cache
def _file() -> bytes:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        path = Path(folder) / "shop.db"
        # Whoever asks has a loop that runs already.
        pool.submit(asyncio.run, _migrate(f"sqlite+aiosqlite:///{path}")).result()
        return path.read_bytes()
