"""The search page: one question to the index, its products, and the names of the categories."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from hand_list import IS_AVAILABLE
from hand_shop import Row, Shop, places
from hand_values import global_id, money, pictures
from starlette.requests import Request

#: Lowest and highest price of each bar, in minor units.
_BARS = (
    (0, 2_499),
    (2_500, 4_999),
    (5_000, 9_999),
    (10_000, 24_999),
    (25_000, 99_999),
    (100_000, 99_999_999),
)
_SHOWN = 20


async def page(shop: Shop, _request: Request) -> dict[str, Any]:
    """Answer the hits of the words, with facets."""
    assert shop.search
    told = await shop.search.search(index=shop.index, **_asked())
    hits, counts = told["hits"], told["aggregations"]
    ids = [int(hit["_id"]) for hit in hits["hits"]]
    rows = await _products(shop, ids)
    names = await _names(shop, [bucket["key"] for bucket in _buckets(counts, "category")])
    nodes = [_product(shop, rows[id_]) for id_ in ids if id_ in rows]
    total = hits["total"]["value"]
    return {"search": {"totalCount": total, "nodes": nodes, "facets": _facets(shop, counts, names)}}


@cache
def _asked() -> dict[str, Any]:
    """Return the question, which is ready made: how words are read is not this page's."""
    found: dict[str, Any] = orjson.loads(os.environ["PEER_SEARCH"])
    return found


async def _products(shop: Shop, ids: list[int]) -> dict[int, Row]:
    statement = f"""
    SELECT p.id, p.title, p.slug, p.min_price_minor, p.media, c.name, {IS_AVAILABLE}
    FROM products p JOIN categories c ON c.id = p.category_id
    WHERE p.id IN {places(ids)} AND p.status = 'ACTIVE'
    """
    return {row[0]: row for row in await shop.sql.rows(statement, *ids)}


async def _names(shop: Shop, slugs: list[str]) -> dict[str, str]:
    statement = f"SELECT slug, name FROM categories WHERE slug IN {places(slugs)}"
    rows = await shop.sql.rows(statement, *slugs)
    return {row[0]: row[1] for row in rows}


def _product(shop: Shop, row: Row) -> dict[str, Any]:
    id_, title, slug, price, media, category, is_available = row
    return {
        "id": global_id("Product", id_),
        "title": title,
        "slug": slug,
        "isAvailable": bool(is_available),
        "priceRange": {"min": money(shop, price)},
        "category": {"name": category},
        "media": pictures(shop, media, "alt"),
    }


def _facets(shop: Shop, counts: Mapping[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    categories = [_value(one, names) for one in _buckets(counts, "category")]
    brands = [_value(one, {}) for one in _buckets(counts, "brand")]
    bars = [
        _bar(shop, low, high, counts[f"range {place}"]["doc_count"])
        for place, (low, high) in enumerate(_BARS)
    ]
    return [
        {"key": "category", "label": "Category", "unit": None, "values": categories},
        {"key": "brand", "label": "Brand", "unit": None, "values": brands},
        {"key": "price", "label": "Price", "unit": shop.currency, "values": bars},
    ]


def _buckets(counts: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = counts[key]["buckets"][:_SHOWN]
    return found


def _value(bucket: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    value = bucket["key"]
    return _counted(value, names.get(value, value), bucket["doc_count"], None, None)


def _bar(shop: Shop, low: int, high: int, count: int) -> dict[str, Any]:
    start, end = money(shop, low)["amount"], money(shop, high)["amount"]
    return _counted(None, f"{start} - {end}", count, start, end)


def _counted(
    value: str | None, label: str, count: int, low: str | None, high: str | None
) -> dict[str, Any]:
    told = {"value": value, "label": label, "count": count, "isSelected": False}
    return told | {"min": low, "max": high}
