"""Converts electronics and office products, whose data sheets differ from row to row."""

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalogue_report import Report, digest, meant, one_line, rows_of, secure

from resolvers.plain_text import plain_text

PRODUCTS = Path("catalog/icecat_products_dev.jsonl.gz")
_GUESSES = Path("catalog/icecat_category_guess_dev.csv.gz")
_SUFFIXES = {"t": "_text", "n": "_number", "b": "_flag"}
_ATTRIBUTE = re.compile(r"attr_([tnb])_(.+)")
_BARCODE = re.compile(r"[0-9]{8,14}")
_MAX_KEY = 64


def products(folder: Path, report: Report) -> Iterator[dict[str, Any]]:
    """Yield one product for each row; the file is read twice, first for the kinds of its keys."""
    guesses, kinds = _guesses(folder / _GUESSES), _kinds(folder / PRODUCTS)
    for row in report.rows(folder / PRODUCTS):
        yield {
            "title": report.cut(one_line(row["title"]), 200, "title"),
            "description": plain_text(meant(row.get("short_description") or "")),
            "brand": row["supplier"],
            "category": ["Electronics & Office", guesses.get(row["id"]) or "Other"],
            "media": [_picture(row, report)],
            "specs": list(_specs(row, kinds, report)),
            "variants": [_variant(row, report)],
        }


def _guesses(path: Path) -> dict[str, str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return {row["id"]: row["category_guess"] for row in csv.DictReader(lines)}


def _kinds(path: Path) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows_of(path):
        for match in filter(None, map(_ATTRIBUTE.fullmatch, row)):
            found[match[2]].add(match[1])
    return found


def _picture(row: Mapping[str, Any], report: Report) -> dict[str, Any]:
    alt = report.cut(one_line(row["title"]), 500, "text of a picture")
    return {"url": secure(row["img_500x500"]), "alt": alt, "width": 500, "height": 500}


def _specs(
    row: Mapping[str, Any], kinds: Mapping[str, set[str]], report: Report
) -> Iterator[dict[str, Any]]:
    for name, value in row.items():
        if match := _ATTRIBUTE.fullmatch(name):
            kind, key = match[1], match[2]
            suffix = _SUFFIXES[kind] if len(kinds[key]) > 1 else ""
            label = _label(key)
            yield {"key": _key(key + suffix, report), "label": label, **_value(kind, value, report)}


def _key(key: str, report: Report) -> str:
    if len(key) <= _MAX_KEY:
        return key
    report.adapted["spec key shortened"] += 1
    return f"{key[: _MAX_KEY - 9]}_{digest(key, 8)}"


def _label(key: str) -> str:
    # The source wrote brackets as underscores: response_time__typical_.
    words = re.sub(r"__([a-z0-9_]*[a-z0-9])_$", r" (\1)", key).replace("_", " ")
    return one_line(words)[:100].capitalize()


def _value(kind: str, value: Any, report: Report) -> dict[str, Any]:
    if kind == "b":
        return {"isTrue": value}
    if kind == "n":
        return {"number": _plain(Decimal(value))}
    return {"text": report.cut(one_line(value), 2_000, "spec text")}


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _variant(row: Mapping[str, Any], report: Report) -> dict[str, Any]:
    price = report.price(Decimal(row["price"]).scaleb(-2))
    variant = {"sku": row["id"], "price": price, "media": 0, "stock": 100}
    barcodes = row.get("ean") or [""]
    if _BARCODE.fullmatch(barcodes[0]):
        return {**variant, "barcode": barcodes[0]}
    report.adapted["barcode left out: not 8 to 14 digits"] += 1
    return variant
