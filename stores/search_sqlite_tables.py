"""The tables of an embedded index: FTS5 for the words, another for what narrows a search.

Each rebuild makes a set of its own, so that readers never see half an index.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    inspect,
)
from sqlalchemy.types import UserDefinedType

from stores.search_fields import HEAD_WEIGHTS, WEIGHTS


def _id(name: str = "id") -> Column[int]:
    # Not BIGINT, as only an INTEGER key is the place of its row.
    return Column(name, Integer, primary_key=True, autoincrement=False)


tables = MetaData()

#: One row: the number of the set that is asked, and of the one that is being built.
generations = Table(
    "generations",
    tables,
    _id(),
    Column("current", Integer, nullable=False),
    Column("building", Integer, nullable=True),
)


class _Untyped(UserDefinedType[str | int]):
    """A column that keeps each value as it is given."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Name the one type that SQLite converts nothing to."""
        return "BLOB"


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """One set of tables; only listed documents are in those besides `documents`."""

    number: int
    documents: Table
    labels: Table
    facts: Table
    words: Table
    heads: Table

    def create(self, connection: Connection) -> None:
        """Make the tables."""
        self.documents.metadata.create_all(connection)
        for table in (self.words, self.heads):
            columns = ", ".join(column.name for column in table.c if column.name != "rowid")
            # Our analyser has cut the words: this tokeniser takes all signs but ASCII ones as
            # letters.
            connection.exec_driver_sql(
                f"CREATE VIRTUAL TABLE {table.name} USING fts5({columns}, tokenize = 'ascii')"
            )

    def drop(self, connection: Connection) -> None:
        """Remove the tables, whether they are there or not."""
        self.documents.metadata.drop_all(connection)
        for table in (self.words, self.heads):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}")

    def exists(self, connection: Connection) -> bool:
        """Whether its tables were made."""
        return inspect(connection).has_table(self.documents.name)


@cache
def generation(number: int) -> Generation:
    """Return the tables of a generation."""
    inside = MetaData()
    return Generation(
        number,
        _documents(f"documents_{number}", inside),
        Table(f"labels_{number}", inside, _id(), Column("told", Text, nullable=False)),
        _facts(f"facts_{number}", inside),
        _texts(f"words_{number}", WEIGHTS),
        _texts(f"heads_{number}", HEAD_WEIGHTS),
    )


def _documents(name: str, inside: MetaData) -> Table:
    return Table(
        name,
        inside,
        _id(),
        Column("version", BigInteger, nullable=False),
        Column("is_listed", Boolean, nullable=False),
        Column("min_price_minor", BigInteger, nullable=False),
        Column("title_key", Text, nullable=False),
        Index(f"ix_{name}_price", "is_listed", "min_price_minor", "id"),
        Index(f"ix_{name}_title", "is_listed", "title_key", "id"),
    )


def _facts(name: str, inside: MetaData) -> Table:
    """The key comes first: a facet reads its values in their order, a condition only its own."""
    return Table(
        name,
        inside,
        # A number made from the key, see `key_number`: keys are long, and many.
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", Integer, primary_key=True, autoincrement=False),
        # Texts and whole numbers both, so it must have no type that turns one into the other.
        Column("value", _Untyped, primary_key=True),
        Column("document_id", BigInteger, primary_key=True, autoincrement=False),
        Index(f"ix_{name}_document_id", "document_id"),
        sqlite_with_rowid=False,
    )


def _texts(name: str, columns: Iterable[str]) -> Table:
    # In no set: it is a virtual table, which only its own statement makes.
    return Table(
        name, MetaData(), _id("rowid"), *(Column(one, Text, nullable=False) for one in columns)
    )


@cache
def key_number(key: str) -> int:
    """Return the number that stands for a key: 63 bits of its hash, so that no table is asked."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1
