"""Search by Strawberry as documented."""

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import strawberry
from core_products import Product
from core_values import loaders, stores

_ASKED = json.loads(os.environ.get("PEER_SEARCH", "{}"))
_LABELS = {"category": "Category", "brand": "Brand", "price": "Price"}
_SHOWN = 20


@strawberry.input
class DecimalRangeInput:
    """Numbers between two."""

    min: Decimal | None = None
    max: Decimal | None = None


@strawberry.input
class FacetInput:
    """What to count."""

    key: str
    ranges: list[DecimalRangeInput] | None = None


@strawberry.type
class FacetValue:
    """How many hits have a value."""

    value: str | None
    label: str
    count: int
    is_selected: bool = False
    min: Decimal | None = None
    max: Decimal | None = None


@strawberry.type
class Facet:
    """Counts of one key."""

    key: str
    label: str
    unit: str | None
    values: list[FacetValue]


@strawberry.type
class SearchConnection:
    """A page of hits."""

    total_count: int
    nodes: list[Product]
    facets: list[Facet]


async def found(info: strawberry.Info, facets: list[FacetInput]) -> SearchConnection:
    """Return the hits of the words."""
    told = await stores(info).search.search(
        index=stores(info).index, preference=_ASKED["preference"], body=_ASKED["body"]
    )
    hits = told["hits"]
    rows = await loaders(info).product.load_many([int(hit["_id"]) for hit in hits["hits"]])
    return SearchConnection(
        total_count=hits["total"]["value"],
        nodes=[Product.of(row) for row in rows if row and row.status == "ACTIVE"],
        facets=[await _facet(info, facet, told["aggregations"]) for facet in facets],
    )


async def _facet(info: strawberry.Info, asked: FacetInput, counts: Mapping[str, Any]) -> Facet:
    if asked.ranges:
        values = [
            _bar(one, counts[f"range {place}"]["doc_count"])
            for place, one in enumerate(asked.ranges)
        ]
    else:
        values = await _values(info, asked.key, counts[asked.key]["buckets"][:_SHOWN])
    unit = stores(info).shop.currency_code if asked.key == "price" else None
    return Facet(key=asked.key, label=_LABELS[asked.key], unit=unit, values=values)


def _bar(ends: DecimalRangeInput, count: int) -> FacetValue:
    low, high = f"{ends.min:.2f}", f"{ends.max:.2f}"
    label = f"{low} - {high}"
    return FacetValue(value=None, label=label, count=count, min=Decimal(low), max=Decimal(high))


async def _values(info: strawberry.Info, key: str, buckets: list[Any]) -> list[FacetValue]:
    values = [bucket["key"] for bucket in buckets]
    labels = values
    if key == "category":
        labels = [row.name for row in await loaders(info).category_by_slug.load_many(values)]
    return [
        FacetValue(value=value, label=label, count=bucket["doc_count"])
        for value, label, bucket in zip(values, labels, buckets, strict=True)
    ]
