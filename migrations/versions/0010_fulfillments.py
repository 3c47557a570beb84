"""Fulfillments, returns, and what order lines and reservations count of them.

Revision 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

from stores.columns import Instant, Plain, flag, key, prose, words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COUNTS = {
    "order_lines": ("shipped_quantity", "returning_quantity", "returned_quantity"),
    "reservations": ("shipped_quantity",),
}
_CHECK = (
    "returning_quantity >= 0 AND returned_quantity >= 0"
    " AND returning_quantity + returned_quantity <= shipped_quantity"
    " AND shipped_quantity <= quantity"
)
_EVENT_COLUMNS = ("merchant_id", "fulfillment_id", "return_id")


def upgrade() -> None:
    op.create_table(
        "fulfillments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("number", key(18), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("status", key(20), nullable=False),
        sa.Column("carrier", words(100), nullable=True),
        sa.Column("tracking_number", words(100), nullable=True),
        sa.Column("lines", Plain(), nullable=False),
        sa.Column("shipped_at", Instant(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column("is_restocked", flag(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_fulfillments_number_id", "fulfillments", ["number", "id"], unique=False)
    op.create_table(
        "order_returns",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("number", key(18), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("status", key(20), nullable=False),
        sa.Column("reason", prose(), nullable=False),
        sa.Column("lines", Plain(), nullable=False),
        sa.Column("received", Plain(), nullable=False),
        sa.Column("restocked", Plain(), nullable=False),
        sa.Column("note", prose(), nullable=True),
        sa.Column("refund_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("refund_id", name=op.f("uq_order_returns_refund_id")),
    )
    op.create_index("ix_order_returns_number_id", "order_returns", ["number", "id"], unique=False)
    for table, names in _COUNTS.items():
        _count(table, names)
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.create_check_constraint(op.f("ck_order_lines_no_more_than_ordered"), _CHECK)
    with op.batch_alter_table("order_events", schema=None) as batch_op:
        for name in _EVENT_COLUMNS:
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=True))


def _count(table: str, names: tuple[str, ...]) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for name in names:
            column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
            batch_op.add_column(column)
    with op.batch_alter_table(table, schema=None) as batch_op:
        # Only for the rows that were there: the shop itself names every column.
        for name in names:
            batch_op.alter_column(
                name, server_default=None, existing_type=sa.BigInteger(), existing_nullable=False
            )


def downgrade() -> None:
    with op.batch_alter_table("order_events", schema=None) as batch_op:
        for name in reversed(_EVENT_COLUMNS):
            batch_op.drop_column(name)
    with op.batch_alter_table("order_lines", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_order_lines_no_more_than_ordered"), type_="check")
    for table, names in _COUNTS.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in reversed(names):
                batch_op.drop_column(name)
    op.drop_table("order_returns")
    op.drop_table("fulfillments")
