"""Brings the relational store to a revision of its tables, and makes the shop's row."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from stores import shop
from stores.drivers import UniqueViolation
from stores.ids import utc_now
from stores.shop import Shop
from stores.sql import Database, WriteSession

FOLDER = Path(__file__).parent.parent / "migrations"


def newest() -> str:
    """Return the newest revision: the files are numbered."""
    return max(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py")).split("_")[0]


async def current(database: Database) -> str | None:
    """Return the revision of the tables, None for an empty store. Raises StoreUnavailable."""
    return await database.run_sync(_current)


async def is_current(database: Database) -> bool:
    """Return whether the tables are those of this release. Raises StoreUnavailable."""
    return await current(database) == newest()


async def upgrade(database: Database, to: str = "head") -> None:
    """Bring the tables up to a revision. Raises StoreUnavailable."""
    await database.run_sync(lambda connection: _command("upgrade", connection, to))


async def downgrade(database: Database, to: str) -> None:
    """Take the tables back to a revision, or to `base`: what newer ones held is gone."""
    await database.run_sync(lambda connection: _command("downgrade", connection, to))


async def ensure_shop(database: Database, currency: str = "EUR", name: str = "mallgraph") -> bool:
    """Write the shop's row unless there is one; False if there was. Raises StoreUnavailable."""

    async def work(session: WriteSession) -> bool:
        if await shop.get(session):
            return False
        new = Shop(version=1, updated_at=utc_now(), name=name, currency_code=currency)
        try:
            await shop.add(session, new)
        except UniqueViolation:
            return False
        return True

    return await database.transact(work)


def _current(connection: Connection) -> str | None:
    try:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError:
        return None
    return None if found is None else str(found)


def _command(name: str, connection: Connection, to: str, **options: Any) -> None:
    # Imported here: a shop whose tables are current starts without it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    getattr(command, name)(config, to, **options)
