"""Who made a revision of a product.

Revision 0012, after 0011. What was edited before has no row: nobody knows whose edit it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "product_revisions",
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", "revision"),
    )


def downgrade() -> None:
    op.drop_table("product_revisions")
