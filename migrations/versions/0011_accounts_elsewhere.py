"""Transfers and branches, and what is held: for accounts in a database of their own.

Revision 0011, after 0010. Both databases have all tables: which of them are used where is the
setting's business, and a shop that keeps its accounts at home uses none of the new ones.
"""

import sqlalchemy as sa
from alembic import op

from stores.columns import Instant, Plain, key

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_CHECK = "held_minor = 0 OR (held_minor > 0 AND credits_minor - debits_minor >= held_minor)"
_NAME = "ck_ledger_accounts_held_at_most"


def upgrade() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", key(10), nullable=False),
        sa.Column("reference", key(64), nullable=False),
        sa.Column("posting", Plain(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transfers_due_at", "transfers", ["due_at"], unique=False)
    op.create_table(
        "account_branches",
        sa.Column("reference", key(64), nullable=False),
        sa.Column("state", key(10), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_index(
        "ix_account_branches_state_account_id",
        "account_branches",
        ["state", "account_id"],
        unique=False,
    )
    _hold()


def _hold() -> None:
    held = sa.Column("held_minor", sa.BigInteger(), nullable=False, server_default="0")
    if _is_sqlite():
        # A table that is made anew would lose the check that it has.
        op.execute(
            "ALTER TABLE ledger_accounts ADD COLUMN held_minor BIGINT DEFAULT '0' NOT NULL"
            f" CONSTRAINT {_NAME} CHECK ({_CHECK})"
        )
    else:
        op.add_column("ledger_accounts", held)
        op.create_check_constraint(op.f(_NAME), "ledger_accounts", _CHECK)


def downgrade() -> None:
    if not _is_sqlite():
        op.drop_constraint(op.f(_NAME), "ledger_accounts", type_="check")
    op.drop_column("ledger_accounts", "held_minor")
    op.drop_table("account_branches")
    op.drop_table("transfers")


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"
