"""The first tables.

Revision 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

from stores.columns import Instant, Plain, flag, key, prose, words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("slug", key(80), nullable=False),
        sa.Column("name", words(100), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=False),
        sa.Column("ancestor_ids", Plain(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_categories_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "inventory_levels",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("variant_id", sa.BigInteger(), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("reorder_point", sa.BigInteger(), nullable=True),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reserved >= 0 AND reserved <= on_hand",
            name=op.f("ck_inventory_levels_reserved_is_there"),
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "variant_id", "warehouse_id", name=op.f("uq_inventory_levels_variant_id_warehouse_id")
        ),
    )
    op.create_table(
        "leases",
        sa.Column("name", key(64), nullable=False),
        sa.Column("holder", key(64), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "listings",
        sa.Column("category_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", key(10), nullable=False),
        sa.Column("min_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("title_key", key(200), nullable=False),
        sa.PrimaryKeyConstraint("category_id", "product_id"),
    )
    with op.batch_alter_table("listings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_listings_newest", ["category_id", "status", "product_id"], unique=False
        )
        batch_op.create_index(
            "ix_listings_price",
            ["category_id", "status", "min_price_minor", "product_id"],
            unique=False,
        )
        batch_op.create_index("ix_listings_product_id", ["product_id"], unique=False)
        batch_op.create_index(
            "ix_listings_title", ["category_id", "status", "title_key", "product_id"], unique=False
        )

    op.create_table(
        "merchants",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("name", words(100), nullable=False),
        sa.Column("is_active", flag(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("merchants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merchants_name"), ["name"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("topic", key(64), nullable=False),
        sa.Column("aggregate", key(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", Plain(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("publish_sequence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("publish_sequence", name=op.f("uq_outbox_publish_sequence")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_publish_sequence_id", ["publish_sequence", "id"], unique=False
        )

    op.create_table(
        "outbox_consumers",
        sa.Column("name", key(64), nullable=False),
        sa.Column("publish_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "product_words",
        sa.Column("word", key(64), nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("word", "product_id"),
    )
    with op.batch_alter_table("product_words", schema=None) as batch_op:
        batch_op.create_index("ix_product_words_product_id", ["product_id"], unique=False)

    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", key(80), nullable=False),
        sa.Column("title", words(200), nullable=False),
        sa.Column("title_key", key(200), nullable=False),
        sa.Column("subtitle", words(200), nullable=True),
        sa.Column("description", prose(), nullable=True),
        sa.Column("brand", key(100), nullable=True),
        sa.Column("status", key(10), nullable=False),
        sa.Column("media", Plain(), nullable=False),
        sa.Column("specs_id", sa.BigInteger(), nullable=True),
        sa.Column("min_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("max_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", key(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug", name=op.f("uq_products_slug")),
        sa.UniqueConstraint("specs_id", name=op.f("uq_products_specs_id")),
    )
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.create_index(
            "ix_products_category_id_status", ["category_id", "status"], unique=False
        )
        batch_op.create_index("ix_products_merchant_id_id", ["merchant_id", "id"], unique=False)

    op.create_table(
        "shops",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("name", words(100), nullable=False),
        sa.Column("currency_code", key(3), nullable=False),
        sa.Column("time_zone", key(64), nullable=False),
        sa.Column("locales", Plain(), nullable=False),
        sa.Column("tax_rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("is_tax_included", flag(), nullable=False),
        sa.Column("max_line_quantity", sa.BigInteger(), nullable=False),
        sa.Column("checkout_expiry_minutes", sa.BigInteger(), nullable=False),
        sa.Column("order_expiry_minutes", sa.BigInteger(), nullable=False),
        sa.Column("auto_confirm_days", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level_id", sa.BigInteger(), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", key(10), nullable=False),
        sa.Column("on_hand_delta", sa.BigInteger(), nullable=False),
        sa.Column("reserved_delta", sa.BigInteger(), nullable=False),
        sa.Column("on_hand_after", sa.BigInteger(), nullable=True),
        sa.Column("reserved_after", sa.BigInteger(), nullable=True),
        sa.Column("reason", words(200), nullable=True),
        sa.Column("reference", key(64), nullable=True),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("level_id", "log_id", name=op.f("uq_stock_movements_level_id_log_id")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", key(255), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("email", key(254), nullable=True),
        sa.Column("phone", key(40), nullable=True),
        sa.Column("display_name", words(100), nullable=True),
        sa.Column("locale", key(35), nullable=True),
        sa.Column("roles", Plain(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject", name=op.f("uq_users_subject")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_merchant_id"), ["merchant_id"], unique=False)

    op.create_table(
        "variants",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("sku", key(64), nullable=False),
        sa.Column("barcode", key(14), nullable=True),
        sa.Column("title", words(200), nullable=False),
        sa.Column("options", Plain(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("compare_at_minor", sa.BigInteger(), nullable=True),
        sa.Column("weight_grams", sa.BigInteger(), nullable=True),
        sa.Column("media_position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("merchant_id", "sku", name=op.f("uq_variants_merchant_id_sku")),
    )
    with op.batch_alter_table("variants", schema=None) as batch_op:
        batch_op.create_index(
            "ix_variants_merchant_id_barcode", ["merchant_id", "barcode"], unique=False
        )
        batch_op.create_index(
            "ix_variants_product_id_position", ["product_id", "position"], unique=False
        )
        batch_op.create_index("ix_variants_sku", ["sku"], unique=False)

    op.create_table(
        "warehouses",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("merchant_id", sa.BigInteger(), nullable=False),
        sa.Column("code", key(32), nullable=False),
        sa.Column("name", words(100), nullable=False),
        sa.Column("is_selling", flag(), nullable=False),
        sa.Column("address", Plain(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("merchant_id", "code", name=op.f("uq_warehouses_merchant_id_code")),
    )


def downgrade() -> None:

    op.drop_table("warehouses")
    with op.batch_alter_table("variants", schema=None) as batch_op:
        batch_op.drop_index("ix_variants_sku")
        batch_op.drop_index("ix_variants_product_id_position")
        batch_op.drop_index("ix_variants_merchant_id_barcode")

    op.drop_table("variants")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_merchant_id"))

    op.drop_table("users")
    op.drop_table("stock_movements")
    op.drop_table("shops")
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.drop_index("ix_products_merchant_id_id")
        batch_op.drop_index("ix_products_category_id_status")

    op.drop_table("products")
    with op.batch_alter_table("product_words", schema=None) as batch_op:
        batch_op.drop_index("ix_product_words_product_id")

    op.drop_table("product_words")
    op.drop_table("outbox_consumers")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_publish_sequence_id")

    op.drop_table("outbox")
    with op.batch_alter_table("merchants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merchants_name"))

    op.drop_table("merchants")
    with op.batch_alter_table("listings", schema=None) as batch_op:
        batch_op.drop_index("ix_listings_title")
        batch_op.drop_index("ix_listings_product_id")
        batch_op.drop_index("ix_listings_price")
        batch_op.drop_index("ix_listings_newest")

    op.drop_table("listings")
    op.drop_table("leases")
    op.drop_table("inventory_levels")
    with op.batch_alter_table("categories", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_categories_parent_id"))

    op.drop_table("categories")
