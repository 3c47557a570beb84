"""Indexes by which the staff goes through the stock.

Revision 0005, after 0004.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:

    with op.batch_alter_table("inventory_levels", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inventory_levels_warehouse_id_id", ["warehouse_id", "id"], unique=False
        )
    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.create_index("ix_stock_movements_level_id_id", ["level_id", "id"], unique=False)
        batch_op.create_index("ix_stock_movements_reference_id", ["reference", "id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("stock_movements", schema=None) as batch_op:
        batch_op.drop_index("ix_stock_movements_reference_id")
        batch_op.drop_index("ix_stock_movements_level_id_id")
    with op.batch_alter_table("inventory_levels", schema=None) as batch_op:
        batch_op.drop_index("ix_inventory_levels_warehouse_id_id")
