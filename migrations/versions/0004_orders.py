"""Delivery rates, checkouts, orders, their snapshots, events and reservations.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

from stores.columns import Instant, Plain, flag, key, prose, words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkouts",
        sa.Column("number", key(18), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("cart_key", key(64), nullable=False),
        sa.Column("lines", Plain(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ordered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("cart_key", name=op.f("uq_checkouts_cart_key")),
    )
    with op.batch_alter_table("checkouts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checkouts_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "delivery_rates",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("title", words(100), nullable=False),
        sa.Column("carrier", words(100), nullable=True),
        sa.Column("regions", Plain(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_per_kg_minor", sa.BigInteger(), nullable=True),
        sa.Column("free_above_minor", sa.BigInteger(), nullable=True),
        sa.Column("estimated_days", sa.BigInteger(), nullable=True),
        sa.Column("is_active", flag(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "order_events",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", key(18), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", key(20), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("from_status", key(20), nullable=True),
        sa.Column("to_status", key(20), nullable=True),
        sa.Column("note", prose(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "sequence", name=op.f("uq_order_events_number_sequence")),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", key(18), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("variant_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("snapshot_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", key(64), nullable=False),
        sa.Column("title", words(200), nullable=False),
        sa.Column("options", Plain(), nullable=False),
        sa.Column("media", Plain(), nullable=True),
        sa.Column("unit_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "position", name=op.f("uq_order_lines_number_position")),
    )
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.create_index("ix_order_lines_sku", ["sku"], unique=False)
        batch_op.create_index("ix_order_lines_snapshot_id", ["snapshot_id"], unique=False)

    op.create_table(
        "order_merchants",
        sa.Column("merchant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", key(18), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "number"),
    )
    op.create_table(
        "order_number_segments",
        sa.Column("day", key(6), nullable=False),
        sa.Column("next_serial", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "orders",
        sa.Column("number", key(18), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("status", key(20), nullable=False),
        sa.Column("payment_status", key(20), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("shipping_address", Plain(), nullable=False),
        sa.Column("delivery", Plain(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", prose(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("ix_orders_placed_at_number", ["placed_at", "number"], unique=False)
        batch_op.create_index("ix_orders_status_expires_at", ["status", "expires_at"], unique=False)
        batch_op.create_index(
            "ix_orders_total_minor_number", ["total_minor", "number"], unique=False
        )
        batch_op.create_index("ix_orders_updated_at_number", ["updated_at", "number"], unique=False)
        batch_op.create_index(
            "ix_orders_user_id_placed_at_number", ["user_id", "placed_at", "number"], unique=False
        )

    op.create_table(
        "product_snapshots",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("content_hash", key(64), nullable=False),
        sa.Column("body", Plain(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "product_id", "content_hash", name=op.f("uq_product_snapshots_product_id_content_hash")
        ),
    )
    op.create_table(
        "reservations",
        sa.Column("number", key(18), nullable=False),
        sa.Column("level_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("variant_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("state", key(10), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("number", "level_id"),
        sa.UniqueConstraint("id", name=op.f("uq_reservations_id")),
    )
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.create_index("ix_reservations_level_id_state", ["level_id", "state"], unique=False)

    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("once", key(64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_stock_movements_once"), ["once"])


def downgrade() -> None:
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_stock_movements_once"), type_="unique")
        batch_op.drop_column("once")

    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.drop_index("ix_reservations_level_id_state")

    op.drop_table("reservations")
    op.drop_table("product_snapshots")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_user_id_placed_at_number")
        batch_op.drop_index("ix_orders_updated_at_number")
        batch_op.drop_index("ix_orders_total_minor_number")
        batch_op.drop_index("ix_orders_status_expires_at")
        batch_op.drop_index("ix_orders_placed_at_number")

    op.drop_table("orders")
    op.drop_table("order_number_segments")
    op.drop_table("order_merchants")
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_order_lines_snapshot_id")
        batch_op.drop_index("ix_order_lines_sku")

    op.drop_table("order_lines")
    op.drop_table("order_events")
    op.drop_table("delivery_rates")
    with op.batch_alter_table("checkouts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checkouts_expires_at"))

    op.drop_table("checkouts")
