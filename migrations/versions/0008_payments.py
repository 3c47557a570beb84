"""Payments, refunds, their events, and what each order was paid.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

from stores.columns import Instant, Plain, flag, key, prose

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("number", key(18), nullable=True),
        sa.Column("method", key(32), nullable=False),
        sa.Column("status", key(20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("authorized_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunding_minor", sa.BigInteger(), nullable=False),
        sa.Column("request_id", key(64), nullable=False),
        sa.Column("provider_reference", key(64), nullable=True),
        sa.Column("return_url", prose(), nullable=True),
        sa.Column("open_for", key(18), nullable=True),
        sa.Column("awaits", key(10), nullable=True),
        sa.Column("awaited_minor", sa.BigInteger(), nullable=False),
        sa.Column("ask_at", Instant(), nullable=True),
        sa.Column("give_back_at", Instant(), nullable=True),
        sa.Column("is_late", flag(), nullable=False),
        sa.CheckConstraint(
            "refunded_minor + refunding_minor <= captured_minor",
            name=op.f("ck_payments_refunded_once"),
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id", name=op.f("uq_payments_request_id")),
        sa.UniqueConstraint("open_for", name=op.f("uq_payments_open_for")),
        sa.UniqueConstraint(
            "method", "provider_reference", name=op.f("uq_payments_method_provider_reference")
        ),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_ask_at"), ["ask_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_payments_give_back_at"), ["give_back_at"], unique=False
        )
        batch_op.create_index("ix_payments_number_id", ["number", "id"], unique=False)

    op.create_table(
        "payment_events",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", key(20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("provider_reference", key(64), nullable=True),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("once", key(64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("once", name=op.f("uq_payment_events_once")),
    )
    with op.batch_alter_table("payment_events", schema=None) as batch_op:
        batch_op.create_index("ix_payment_events_payment_id_id", ["payment_id", "id"], unique=False)

    op.create_table(
        "provider_events",
        sa.Column("provider", key(32), nullable=False),
        sa.Column("event_id", key(64), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "event_id"),
    )
    with op.batch_alter_table("provider_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_provider_events_received_at"), ["received_at"], unique=False
        )

    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("number", key(18), nullable=True),
        sa.Column("status", key(10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", prose(), nullable=False),
        sa.Column("lines", Plain(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("request_id", key(64), nullable=False),
        sa.Column("provider_reference", key(64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("request_id", name=op.f("uq_refunds_request_id")),
        sa.UniqueConstraint("payment_id", "sequence", name=op.f("uq_refunds_payment_id_sequence")),
    )
    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.create_index("ix_refunds_number", ["number"], unique=False)

    with op.batch_alter_table("orders", schema=None) as batch_op:
        for name in ("paid_minor", "refunded_minor"):
            column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
            batch_op.add_column(column)
    with op.batch_alter_table("orders", schema=None) as batch_op:
        # Only for the rows that were there: the shop itself names every column.
        for name in ("paid_minor", "refunded_minor"):
            batch_op.alter_column(
                name, server_default=None, existing_type=sa.BigInteger(), existing_nullable=False
            )
    with op.batch_alter_table("order_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payment_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("order_events", schema=None) as batch_op:
        batch_op.drop_column("payment_id")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("refunded_minor")
        batch_op.drop_column("paid_minor")
    for name in ("refunds", "provider_events", "payment_events", "payments"):
        op.drop_table(name)
