"""The real catalogues as the search index keeps them, after the conversion that imports use."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import convert_icecat
import convert_phones
import convert_zh
from catalogue_report import Report

from stores.search import SearchDocument, SpecTerm
from stores.text import title_key


def icecat(folder: Path) -> list[SearchDocument]:
    """Return the products that have judgments, under the source's numbers."""
    rows = convert_icecat.products(folder, Report("search", 2))
    return [_document(int(row["variants"][0]["sku"]), row) for row in rows]


def whole_catalogue(folder: Path) -> list[SearchDocument]:
    """Return the products of all sources."""
    others = [convert_phones.products, convert_zh.products]
    rows = (row for products in others for row in products(folder, Report("search", 2)))
    return [*icecat(folder), *(_document(10**9 + n, row) for n, row in enumerate(rows))]


def with_specs(documents: Iterable[SearchDocument], count: int) -> Iterator[SearchDocument]:
    """Yield documents that have so many specs each, for timing: their own and made ones."""
    for one in documents:
        missing = range(count - len(one.specs))
        made = [_made(one.id, n) for n in missing]
        yield replace(one, specs=(*one.specs[:count], *made))


def _made(id_: int, number: int) -> SpecTerm:
    key, label = f"made_{number}", f"Made {number}"
    match number % 3:
        case 0:
            return SpecTerm(key, label, "mm", number=Decimal(id_ * number % 1_000) / 10)
        case 1:
            return SpecTerm(key, label, None, values=(f"choice {id_ * number % 37}",))
    return SpecTerm(key, label, None, is_true=id_ % 2 == 0)


def _document(id_: int, row: dict[str, Any]) -> SearchDocument:
    variants = row["variants"]
    codes = [code for one in variants for code in (one["sku"], one.get("barcode")) if code]
    path = row["category"]
    return SearchDocument(
        id=id_,
        version=1,
        title=row["title"],
        subtitle=row.get("subtitle") or "",
        description=row.get("description") or "",
        brand=row.get("brand") or "",
        codes=tuple(dict.fromkeys(codes)),
        category_slugs=tuple("/".join(path[: n + 1]) for n in range(len(path))),
        category_names=tuple(path),
        min_price_minor=min(int(Decimal(one["price"]) * 100) for one in variants),
        is_available=True,
        title_key=title_key(row["title"]),
        specs=tuple(map(_term, row.get("specs") or ())),
    )


def _term(spec: dict[str, Any]) -> SpecTerm:
    number = Decimal(spec["number"]) if "number" in spec else None
    values = (spec["text"],) if "text" in spec else ()
    return SpecTerm(
        spec["key"], spec["label"], spec.get("unit"), values, number, spec.get("isTrue")
    )
