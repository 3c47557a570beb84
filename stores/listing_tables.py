"""The tables that let a product be found in lists and by words."""

from sqlalchemy import BigInteger, Column, Index, Table

from stores.columns import id_column, key, metadata
from stores.products import TITLE_LENGTH

#: The list of all products, among the ids of categories.
WHOLE_SHOP = 0
WORD_LENGTH = 64

listings = Table(
    "listings",
    metadata,
    id_column("category_id"),
    id_column("product_id"),
    Column("status", key(10), nullable=False),
    Column("min_price_minor", BigInteger, nullable=False),
    Column("title_key", key(TITLE_LENGTH), nullable=False),
    Index("ix_listings_newest", "category_id", "status", "product_id"),
    Index("ix_listings_price", "category_id", "status", "min_price_minor", "product_id"),
    Index("ix_listings_title", "category_id", "status", "title_key", "product_id"),
    Index("ix_listings_product_id", "product_id"),
)

product_words = Table(
    "product_words",
    metadata,
    Column("word", key(WORD_LENGTH), primary_key=True),
    id_column("product_id"),
    Index("ix_product_words_product_id", "product_id"),
)
