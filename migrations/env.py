"""Runs revisions on the connection that `mallgraph.migrations` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Boolean, Connection, String, Text
from sqlalchemy.types import TypeEngine

import stores.account_branches
import stores.audit
import stores.carts_sql
import stores.categories
import stores.checkouts
import stores.coupons
import stores.delivery_rates
import stores.fulfillments
import stores.idempotency
import stores.leases
import stores.ledger
import stores.listing_tables
import stores.merchants
import stores.order_discounts
import stores.order_events
import stores.order_returns
import stores.orders
import stores.outbox
import stores.payment_events
import stores.payments
import stores.product_revisions
import stores.promotions
import stores.refunds
import stores.reservations
import stores.saved_addresses
import stores.shop
import stores.snapshots
import stores.transfers
import stores.users
import stores.wishes  # noqa: F401  Importing them declares all tables.
from stores.columns import Instant, Key, Plain, metadata


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write column types by the names that `stores.columns` gives them."""
    return _named(item) if kind == "type" else False


def _named(item: TypeEngine[Any]) -> str | Literal[False]:
    match item:
        case Instant() | Plain():
            return f"{type(item).__name__}()"
        case Boolean():
            return "flag()"
        case Text():
            return "prose()"
        case Key():
            return f"key({item.length})"
        case String():
            return f"words({item.length})"
        case _:
            return False


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=render_item,
    # SQLite changes a table by making it anew.
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
    # MySQL has no names of primary keys, and warns.
    version_table_pk=False,
)
with context.begin_transaction():
    context.run_migrations()
