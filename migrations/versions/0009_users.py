"""Saved addresses, wishlists, users and merchants by name, users who were erased.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

from stores.columns import Instant, Plain, flag, key, prose
from stores.text import title_key

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: Table -> the column that its lists go by.
_NAMES = {"users": "display_name", "merchants": "name"}


def upgrade() -> None:
    op.create_table(
        "saved_addresses",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("address", Plain(), nullable=False),
        sa.Column("is_default", flag(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_saved_addresses_user_id_id", "saved_addresses", ["user_id", "id"])
    op.create_table(
        "wishes",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "product_id"),
    )
    op.create_index("ix_wishes_user_id_id", "wishes", ["user_id", "id"])
    for table in _NAMES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("name_key", key(200), nullable=False, server_default=""))
            batch_op.create_index(f"ix_{table}_name_key_id", ["name_key", "id"], unique=False)
        _fill(table)
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.alter_column("subject", existing_type=key(255), nullable=True)
        batch_op.create_index("ix_users_email", ["email"], unique=False)
        batch_op.create_index("ix_users_phone", ["phone"], unique=False)
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", prose(), nullable=True))
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index("ix_payments_user_id_id", ["user_id", "id"], unique=False)


def _fill(table: str) -> None:
    name: sa.ColumnClause[str] = sa.column(_NAMES[table])
    its = sa.table(table, sa.column("id"), name, sa.column("name_key"))
    connection = op.get_bind()
    for id_, told in connection.execute(sa.select(its.c.id, name).where(name.is_not(None))).all():
        same = its.update().where(its.c.id == id_)
        connection.execute(same.values(name_key=title_key(told)))


def downgrade() -> None:
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index("ix_payments_user_id_id")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_column("reason")
    # Who was erased gets a subject that no provider gives, as the column needs one again.
    users = sa.table("users", sa.column("id"), sa.column("subject", sa.String))
    erased = sa.literal(" erased ").concat(sa.cast(users.c.id, sa.String(20)))
    op.get_bind().execute(users.update().where(users.c.subject.is_(None)).values(subject=erased))
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index("ix_users_phone")
        batch_op.drop_index("ix_users_email")
        batch_op.alter_column("subject", existing_type=key(255), nullable=False)
    for table in _NAMES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(f"ix_{table}_name_key_id")
            batch_op.drop_column("name_key")
    op.drop_table("wishes")
    op.drop_table("saved_addresses")
