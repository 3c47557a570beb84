"""What the shop's own user of a MySQL or MariaDB needs, and nothing more.

Who may not change an entry of the ledger cannot be tricked into it.
"""

import re
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url

from stores.ledger import ledger_entries, ledger_transactions
from stores.sql import Database

#: Written once and read for ever.
APPEND_ONLY = frozenset({ledger_entries.name, ledger_transactions.name})
#: Changed by whoever makes the tables.
READ_ONLY = frozenset({"alembic_version"})
_NAME = re.compile(r"[A-Za-z0-9_.%:-]+")


def has_users(url: str) -> bool:
    """Return whether the database of a URL knows users: a file of SQLite does not."""
    return make_url(url).get_backend_name() != "sqlite"


async def statements(database: Database, url: str, user: str, host: str) -> Sequence[str]:
    """Return the SQL that lets a user run the shop of a URL, of which `database` is opened.

    Raises ValueError for a name that has other characters than letters, digits and _ . % : -,
    and for a store that has no users; and StoreUnavailable.
    """
    schema = make_url(url).database
    if not has_users(url) or schema is None:
        raise ValueError("A file of SQLite has no users.")
    for name in (user, host, schema):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a user, a host or a database.")
    tables = await database.run_sync(_tables)
    return [
        f"GRANT {_rights(table)} ON `{schema}`.`{table}` TO '{user}'@'{host}'" for table in tables
    ]


async def of_recovery(database: Database, user: str, host: str) -> Sequence[str]:
    """Return the SQL that lets a user see the branches of XA that a crash left prepared.

    MariaDB shows them to everybody. Raises StoreUnavailable; names are checked by `statements`.
    """
    is_open = await database.run_sync(
        lambda connection: bool(getattr(connection.dialect, "is_mariadb", False))
    )
    return [] if is_open else [f"GRANT XA_RECOVER_ADMIN ON *.* TO '{user}'@'{host}'"]


def _tables(connection: Connection) -> Collection[str]:
    return sorted(inspect(connection).get_table_names())


def _rights(table: str) -> str:
    if table in READ_ONLY:
        return "SELECT"
    return "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
