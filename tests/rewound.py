"""Shops on real servers that go back to how they were, which is faster than to make them anew."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from elasticsearch import Elasticsearch
from pymongo import MongoClient
from redis import Redis
from sqlalchemy import Connection, Engine, create_engine, make_url, text


class Rewound(Protocol):
    """A store that was kept at one moment."""

    def rewind(self) -> None:
        """Bring back what it had when it was kept, whatever has become of it."""


def create(url: str) -> None:
    """Make the empty database that the URL of a MySQL or MariaDB names."""
    _command(url, "CREATE DATABASE {} CHARACTER SET utf8mb4")


def drop(url: str) -> None:
    """Drop the database that the URL names."""
    _command(url, "DROP DATABASE {}")


def _command(url: str, statement: str) -> None:
    engine = _engine(url)
    with engine.begin() as connection:
        _run(connection, statement.format(make_url(url).database))
    engine.dispose()


def _engine(url: str) -> Engine:
    address = make_url(url).set(drivername="mysql+pymysql", database="")
    return create_engine(address, isolation_level="READ COMMITTED")


class Tables:
    """A database of MySQL or MariaDB, and its copy, of which nobody else knows."""

    def __init__(self, url: str) -> None:
        """Keep what lies at the URL, which names a database."""
        self.name = str(make_url(url).database)
        self._copy = f"{self.name}_kept"
        self._engine = _engine(url)
        with self._asked() as connection:
            _run(connection, f"CREATE DATABASE {self._copy} CHARACTER SET utf8mb4")
            self._names = _tables(connection, self.name)
            for name in self._names:
                _run(connection, f"CREATE TABLE {self._copy}.{name} LIKE {self.name}.{name}")
                _run(connection, _fill(self._copy, self.name, name))
            self._sums = _sums(connection, self.name, self._names)

    def rewind(self) -> None:
        """Bring back the rows; a table that a test made for itself goes."""
        with self._asked() as connection:
            for name in set(_tables(connection, self.name)) - set(self._names):
                _run(connection, f"DROP TABLE {self.name}.{name}")
            sums = _sums(connection, self.name, self._names)
            for name in [one for one in self._names if sums[one] != self._sums[one]]:
                _run(connection, f"DELETE FROM {self.name}.{name}")
                _run(connection, _fill(self.name, self._copy, name))

    def close(self) -> None:
        """Drop both."""
        with self._asked() as connection:
            for name in (self.name, self._copy):
                _run(connection, f"DROP DATABASE {name}")
        self._engine.dispose()

    @contextmanager
    def _asked(self) -> Generator[Connection]:
        with self._engine.begin() as connection:
            # Tables are emptied and filled in any order.
            _run(connection, "SET SESSION foreign_key_checks = 0")
            yield connection


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


def _tables(connection: Connection, database: str) -> list[str]:
    wanted = "SELECT table_name FROM information_schema.tables WHERE table_schema = :name"
    return sorted(connection.scalars(text(wanted), {"name": database}))


def _sums(connection: Connection, database: str, names: Sequence[str]) -> Mapping[str, int]:
    """Return what tells whether a table has other rows, for each."""
    asked = ", ".join(f"{database}.{name}" for name in names)
    rows = connection.execute(text(f"CHECKSUM TABLE {asked}"))
    return {name.partition(".")[2]: number for name, number in rows}


def _fill(to: str, from_: str, table: str) -> str:
    return f"INSERT INTO {to}.{table} SELECT * FROM {from_}.{table}"


class Documents:
    """A database of MongoDB."""

    def __init__(self, url: str) -> None:
        """Keep what lies at the URL, which names a database."""
        self._client: MongoClient[dict[str, Any]] = MongoClient(url)
        self._database = self._client.get_default_database()
        self._kept = {name: self._all(name) for name in self._database.list_collection_names()}

    def rewind(self) -> None:
        """Bring back the documents of each collection; indexes stay."""
        for name in self._database.list_collection_names():
            if self._all(name) != self._kept.get(name, []):
                self._database[name].delete_many({})
                self._put(name)

    def _all(self, name: str) -> list[dict[str, Any]]:
        return list(self._database[name].find().sort("_id"))

    def _put(self, name: str) -> None:
        if kept := self._kept.get(name):
            self._database[name].insert_many(kept)

    def close(self) -> None:
        """Drop it."""
        self._client.drop_database(self._database.name)
        self._client.close()


class Keys:
    """A database of Redis, which is empty at the beginning."""

    def __init__(self, url: str) -> None:
        """Take the database of that number for oneself."""
        self._client: Redis = Redis.from_url(url)
        self._client.flushdb()

    def rewind(self) -> None:
        """Forget every key."""
        self._client.flushdb()

    def close(self) -> None:
        """Forget every key."""
        self._client.flushdb()
        self._client.close()


class Index:
    """What Elasticsearch has below one name; it cannot go back, but tell that it has changed."""

    def __init__(self, url: str) -> None:
        """Keep how far each index below the URL has come."""
        server, _, self._name = url.rpartition("/")
        self._client = Elasticsearch(server)
        self._kept: Mapping[str, int] = self._moves()

    @property
    def was_absent(self) -> bool:
        """Whether there was no index at all."""
        return not self._kept

    def keep(self) -> None:
        """Take how it is now for how it should be."""
        self._kept = self._moves()

    def is_as_kept(self) -> bool:
        """Whether nothing was written since."""
        return self._moves() == self._kept

    def drop(self) -> None:
        """Delete every index below the name."""
        for name in self._moves():
            self._client.indices.delete(index=name)

    def close(self) -> None:
        """Delete everything."""
        self.drop()
        self._client.close()

    def _moves(self) -> dict[str, int]:
        told = self._client.indices.stats(index=f"{self._name}-*", level="shards")
        return {
            name: one["shards"]["0"][0]["seq_no"]["max_seq_no"]
            for name, one in told["indices"].items()
        }
