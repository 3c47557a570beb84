"""The tables of an embedded index: FTS5 for the words, others for what narrows a search."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, Table, Text

from stores.columns import id_column
from stores.search_fields import WEIGHTS

tables = MetaData()

documents = Table(
    "documents",
    tables,
    id_column(),
    Column("version", Integer, nullable=False),
    Column("is_listed", Boolean, nullable=False),
    Column("merchant_id", Integer, nullable=False),
    Column("brand", Text, nullable=False),
    Column("min_price_minor", Integer, nullable=False),
    Column("is_available", Boolean, nullable=False),
    Column("title_key", Text, nullable=False),
    Index("ix_documents_price", "is_listed", "min_price_minor", "id"),
    Index("ix_documents_title", "is_listed", "title_key", "id"),
)

document_categories = Table(
    "document_categories",
    tables,
    Column("slug", Text, primary_key=True),
    id_column("document_id"),
    Index("ix_document_categories_document_id", "document_id"),
)

document_specs = Table(
    "document_specs",
    tables,
    Column("document_id", Integer, nullable=False, index=True),
    Column("key", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("unit", Text, nullable=True),
    # One row for each value; exactly one of these three is there.
    Column("value", Text, nullable=True),
    Column("number", Float, nullable=True),
    Column("is_true", Boolean, nullable=True),
    Index("ix_document_specs_key_value", "key", "value"),
    Index("ix_document_specs_key_number", "key", "number"),
)

#: The words; its rowid is the id. Our own analyser has cut them, so every sign of them counts.
words = Table("words", MetaData(), id_column("rowid"), *(Column(name, Text) for name in WEIGHTS))
CREATE_WORDS = f"""
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
  {", ".join(WEIGHTS)},
  tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*' tokenchars '·¶'"
)
"""
