"""Promotions, coupons, and what they took off orders.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

from stores.columns import Instant, Plain, flag, key, words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_promotions()
    _create_coupons()
    _create_order_discounts()
    with op.batch_alter_table("checkouts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offers", Plain(), nullable=True))
        batch_op.add_column(sa.Column("coupon_codes", Plain(), nullable=True))


def _create_promotions() -> None:
    op.create_table(
        "promotions",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("name", words(100), nullable=False),
        sa.Column("status", key(10), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("is_stackable", flag(), nullable=False),
        sa.Column("is_coupon_required", flag(), nullable=False),
        sa.Column("is_claimable", flag(), nullable=False),
        sa.Column("scope", Plain(), nullable=True),
        sa.Column("conditions", Plain(), nullable=False),
        sa.Column("actions", Plain(), nullable=False),
        sa.Column("usage_limit", sa.BigInteger(), nullable=True),
        sa.Column("usage_limit_per_customer", sa.BigInteger(), nullable=True),
        sa.Column("unit_limit", sa.BigInteger(), nullable=True),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("claims", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("promotions", schema=None) as batch_op:
        batch_op.create_index("ix_promotions_status_id", ["status", "id"], unique=False)
        batch_op.create_index("ix_promotions_merchant_id_id", ["merchant_id", "id"], unique=False)
    op.create_table(
        "promotion_scopes",
        sa.Column("promotion_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", key(10), nullable=False),
        sa.Column("name", key(100), nullable=False),
        sa.PrimaryKeyConstraint("promotion_id", "kind", "name"),
    )
    with op.batch_alter_table("promotion_scopes", schema=None) as batch_op:
        batch_op.create_index("ix_promotion_scopes_kind_name", ["kind", "name"], unique=False)


def _create_coupons() -> None:
    op.create_table(
        "coupons",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("code", key(32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("usage_limit", sa.BigInteger(), nullable=True),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", name=op.f("uq_coupons_code")),
        sa.UniqueConstraint(
            "promotion_id", "user_id", name=op.f("uq_coupons_promotion_id_user_id")
        ),
    )
    with op.batch_alter_table("coupons", schema=None) as batch_op:
        batch_op.create_index("ix_coupons_promotion_id_id", ["promotion_id", "id"], unique=False)
        batch_op.create_index("ix_coupons_user_id_id", ["user_id", "id"], unique=False)


def _create_order_discounts() -> None:
    op.create_table(
        "order_discounts",
        sa.Column("number", key(18), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("title", words(100), nullable=False),
        sa.Column("coupon_id", sa.BigInteger(), nullable=True),
        sa.Column("coupon_code", key(32), nullable=True),
        sa.Column("shares", Plain(), nullable=False),
        sa.Column("shipping_minor", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=True),
        sa.Column("first_of", sa.BigInteger(), nullable=True),
        sa.Column("released_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("number", "promotion_id"),
        sa.UniqueConstraint("first_of", name=op.f("uq_order_discounts_first_of")),
        sa.UniqueConstraint(
            "promotion_id",
            "user_id",
            "slot",
            name=op.f("uq_order_discounts_promotion_id_user_id_slot"),
        ),
        sa.UniqueConstraint(
            "coupon_id",
            "user_id",
            "number",
            name=op.f("uq_order_discounts_coupon_id_user_id_number"),
        ),
    )
    with op.batch_alter_table("order_discounts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_order_discounts_user_id_promotion_id", ["user_id", "promotion_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("checkouts", schema=None) as batch_op:
        batch_op.drop_column("coupon_codes")
        batch_op.drop_column("offers")
    for table in ("order_discounts", "coupons", "promotion_scopes", "promotions"):
        op.drop_table(table)
