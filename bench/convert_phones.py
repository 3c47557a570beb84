"""Converts mobile phones and what belongs to them; the source gives them no number."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalogue_report import Report, digest, meant, one_line, secure

from resolvers.plain_text import plain_text

PHONES = Path("catalog/bestbuy_cellphones.jsonl.gz")


def products(folder: Path, report: Report) -> Iterator[dict[str, Any]]:
    """Yield one product for each name and picture; a pair that comes again is dropped."""
    seen: set[str] = set()
    for row in report.rows(folder / PHONES):
        sku = digest(f"{row['name']}\n{row['image']}", 16)
        if sku in seen:
            report.dropped["same name and picture as a row before"] += 1
            continue
        seen.add(sku)
        yield _product(row, sku, report)


def _product(row: dict[str, Any], sku: str, report: Report) -> dict[str, Any]:
    price = report.price(Decimal(row["price"]))
    title = report.cut(one_line(row["name"]), 200, "title")
    return {
        "title": title,
        "description": plain_text(meant(row["description"])),
        "brand": one_line(row["brand"]),
        "category": [one_line(name) for name in row["categories"]],
        "media": [{"url": secure(row["image"]), "alt": title}],
        "variants": [{"sku": sku, "price": price, "media": 0, "stock": 100}],
    }
