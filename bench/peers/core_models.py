"""The tables of the shop as SQLAlchemy's ORM maps them, as far as the pages need them."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(AsyncAttrs, DeclarativeBase):
    """What all mapped classes share."""

    type_annotation_map = {int: BigInteger, str: String(200)}  # noqa: RUF012  As documented.


class CategoryRow(Base):
    """A shelf of the shop."""

    __tablename__ = "categories"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[int]


class MerchantRow(Base):
    """Who sells."""

    __tablename__ = "merchants"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class ProductRow(Base):
    """A thing on sale."""

    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchants.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    slug: Mapped[str]
    title: Mapped[str]
    subtitle: Mapped[str | None]
    description: Mapped[str | None] = mapped_column(Text)
    brand: Mapped[str | None]
    status: Mapped[str]
    media: Mapped[str] = mapped_column(Text)
    specs_id: Mapped[int | None]
    min_price_minor: Mapped[int]
    max_price_minor: Mapped[int]


class VariantRow(Base):
    """A unit of sale."""

    __tablename__ = "variants"
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    position: Mapped[int]
    sku: Mapped[str]
    title: Mapped[str]
    options: Mapped[str] = mapped_column(Text)
    price_minor: Mapped[int]
    compare_at_minor: Mapped[int | None]


class WarehouseRow(Base):
    """Where goods lie."""

    __tablename__ = "warehouses"
    id: Mapped[int] = mapped_column(primary_key=True)
    is_selling: Mapped[bool]


class LevelRow(Base):
    """Stock of a variant in a warehouse."""

    __tablename__ = "inventory_levels"
    id: Mapped[int] = mapped_column(primary_key=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("variants.id"))
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"))
    on_hand: Mapped[int]
    reserved: Mapped[int]


class ListingRow(Base):
    """A product in a list: that of a category, or with 0 that of the whole shop."""

    __tablename__ = "listings"
    category_id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


class ShopRow(Base):
    """The shop's own row."""

    __tablename__ = "shops"
    id: Mapped[int] = mapped_column(primary_key=True)
    currency_code: Mapped[str]
    tax_rate_millionths: Mapped[int]
    is_tax_included: Mapped[bool]


#: A document of MongoDB.
Document = dict[str, Any]
