"""Statements, compiled once for all files of SQLite: each test opens engines of its own.

An engine keeps what it has compiled for itself, by its dialect.
"""

from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite as Dialect
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

_SIZE = 4_000
_compiled: LRUCache[Any, Any] = LRUCache(_SIZE)


def share() -> None:
    """Let all engines to come share what they compile, and take their dialects for one."""
    made = Engine.__init__

    def init(self: Engine, pool: Any, dialect: Any, *args: Any, **options: Any) -> None:
        made(self, pool, dialect, *args, **options)
        if isinstance(dialect, Dialect):
            self._compiled_cache = _compiled

    Engine.__init__ = init  # type: ignore[method-assign]  # There is no event of a new engine.
    Dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    Dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
