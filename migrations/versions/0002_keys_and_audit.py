"""Keys of mutations, and the audit log.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

from stores.columns import Instant, Plain, key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "idempotency_keys",
        sa.Column("principal", key(64), nullable=False),
        sa.Column("mutation", key(64), nullable=False),
        sa.Column("key", key(255), nullable=False),
        sa.Column("fingerprint", key(64), nullable=False),
        sa.Column("targets", Plain(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "mutation", "key"),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idempotency_keys_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("role", key(16), nullable=True),
        sa.Column("mutation", key(64), nullable=False),
        sa.Column("idempotency_key", key(255), nullable=True),
        sa.Column("target", key(64), nullable=True),
        sa.Column("version_before", sa.BigInteger(), nullable=True),
        sa.Column("version_after", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_actor_id_id", ["actor_id", "id"], unique=False)
        batch_op.create_index("ix_audit_entries_target_id", ["target", "id"], unique=False)


def downgrade() -> None:

    op.drop_table("audit_entries")
    op.drop_table("idempotency_keys")
