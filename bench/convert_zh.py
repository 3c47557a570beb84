"""Converts Chinese household goods, with their categories, brands and combinations of options."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalogue_report import Report, digest, meant, one_line, rows_of, secure

from resolvers.plain_text import plain_text

GOODS = Path("zh/litemall_goods.jsonl.gz")
_CATEGORIES = Path("zh/litemall_category.jsonl.gz")
_BRANDS = Path("zh/litemall_brand.jsonl.gz")
_KEYS = {
    "尺寸": "size",
    "产品尺寸": "product_size",
    "材质": "material",
    "材料": "materials",
    "执行标准": "standard",
    "颜色": "colour",
    "产地": "origin",
    "温馨提示": "note",
    "填充物": "filling",
    "填充物重量": "filling_weight",
    "规格": "specification",
    "安全类别": "safety_class",
    "工艺": "craft",
    "面料": "fabric",
    "面料成分": "fabric_composition",
    "重量": "weight",
    "产品等级": "grade",
    "安装方式": "installation",
    "涂漆": "paint",
}


def products(folder: Path, report: Report) -> Iterator[dict[str, Any]]:
    """Yield one product for each of the goods; numbers are taken as the shop's currency."""
    categories = {row["id"]: row for row in rows_of(folder / _CATEGORIES)}
    brands = {row["id"]: one_line(row["name"]) for row in rows_of(folder / _BRANDS)}
    for row in report.rows(folder / GOODS):
        if row["deleted"] == "1":
            report.dropped["marked as deleted in the source"] += 1
            continue
        yield _product(row, report) | {
            "category": _path(categories, row["category_id"]),
            "brand": brands.get(row["brand_id"]),
        }


def _product(row: Mapping[str, Any], report: Report) -> dict[str, Any]:
    if row["is_on_sale"] != "1":
        report.adapted["not on sale in the source: ARCHIVED"] += 1
    return {
        "title": report.cut(one_line(row["name"]), 200, "title"),
        "subtitle": report.cut(one_line(row["brief"]), 200, "subtitle"),
        "description": plain_text(meant(row["detail"])),
        "status": "ACTIVE" if row["is_on_sale"] == "1" else "ARCHIVED",
        "media": list(_pictures(row)),
        "specs": list(_specs(row, report)),
        "variants": [_variant(row, sku, report) for sku in row["skus"]],
    }


def _path(categories: Mapping[str, Mapping[str, Any]], id: str) -> list[str]:
    category = categories.get(id)
    if category is None:
        return []
    return [*_path(categories, category["pid"]), one_line(category["name"])]


def _pictures(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    addresses = [row["pic_url"], *json.loads(row["gallery"])]
    for address in dict.fromkeys(filter(None, addresses)):
        yield {"url": secure(address), "alt": one_line(row["name"])}


def _specs(row: Mapping[str, Any], report: Report) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for attribute in row["attributes"]:
        label = one_line(attribute["attribute"])
        key = "zh." + (_KEYS.get(label) or digest(label, 8))
        seen[key] += 1
        if seen[key] > 1:
            report.adapted["spec named twice: numbered"] += 1
        number = f".{seen[key]}" if seen[key] > 1 else ""
        text = report.cut(one_line(attribute["value"]), 2_000, "spec text")
        yield {"key": key + number, "label": label, "text": text}


def _variant(row: Mapping[str, Any], sku: Mapping[str, Any], report: Report) -> dict[str, Any]:
    price, before = Decimal(sku["price"]), Decimal(row["counter_price"])
    variant = {
        "sku": f"{row['goods_sn']}-{sku['id']}",
        "options": list(_options(row, sku)),
        "price": report.price(price),
        "stock": int(sku["number"]),
    }
    return {**variant, "compareAtPrice": report.price(before)} if before > price else variant


def _options(row: Mapping[str, Any], sku: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    names = {entry["value"]: entry["specification"] for entry in row["specification_values"]}
    for value in sku["specifications"]:
        yield {"name": one_line(names[value]), "value": one_line(value)}
