"""The shop counts the edits of its promotions, so that a process may keep what it knows of them.

Revision 0013, after 0012. A release that does not count may run beside this one for a while: what
is kept of promotions is kept for some seconds only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counted = sa.Column("promotions_revision", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("shops", counted)


def downgrade() -> None:
    op.drop_column("shops", "promotions_revision")
