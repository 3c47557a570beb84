import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.product_rows import ProductRow, parse

#: Each test runs a converter as a process.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("MALLGRAPH_TEST_DATA", ROOT.parent / "shared" / "data"))
SCRIPT = ROOT / "bench" / "convert_catalogue.py"
FILES = {
    "icecat": "catalog/icecat_products_dev.jsonl.gz",
    "guesses": "catalog/icecat_category_guess_dev.csv.gz",
    "phones": "catalog/bestbuy_cellphones.jsonl.gz",
    "goods": "zh/litemall_goods.jsonl.gz",
    "categories": "zh/litemall_category.jsonl.gz",
    "brands": "zh/litemall_brand.jsonl.gz",
}
ICECAT: dict[str, Any] = {
    "id": "77",
    "title": "T" * 201,
    "ean": ["4000000000006", "4000000000013"],
    "short_description": "Fast &amp; <b>quiet</b>",
    "img_500x500": "http://pictures.example/77.jpg",
    "supplier": "Fernlight",
    "price": 4995,
    "attr_t_response_time": "fast\x97very",
    "attr_n_contrast__typical_": 2.50,
    "attr_b_touch": False,
}
PHONE: dict[str, Any] = {
    "name": "Phone",
    "description": "A phone.",
    "brand": "Fernlight",
    "categories": ["Phones", "New"],
    "price": 49.995,
    "image": "https://pictures.example/1.jpg",
}
GOODS: dict[str, Any] = {
    "id": "5",
    "goods_sn": "S5",
    "name": "棉被",
    "category_id": "2",
    "brand_id": "9",
    "gallery": '["//pictures.example/b.jpg", "http://pictures.example/a.jpg"]',
    "brief": "暖",
    "is_on_sale": "0",
    "pic_url": "http://pictures.example/a.jpg",
    "counter_price": "120.00",
    "detail": '<p>很暖<img src="x"/></p>',
    "deleted": "0",
    "attributes": [{"attribute": "材质", "value": "棉\n花"}, {"attribute": "材质", "value": "丝"}],
    "specification_values": [
        {"specification": "尺寸", "value": "大"},
        {"specification": "尺寸", "value": "小"},
    ],
    "skus": [
        {"id": "1", "specifications": ["大"], "price": "120.00", "number": "3"},
        {"id": "2", "specifications": ["小"], "price": "99.00", "number": "0"},
    ],
}
CATEGORIES = [{"id": "1", "pid": "0", "name": "居家"}, {"id": "2", "pid": "1", "name": "被枕"}]


def keep(folder: Path, name: str, text: str) -> None:
    path = folder / FILES[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()))


def keep_rows(folder: Path, name: str, *rows: object) -> None:
    keep(folder, name, "".join(json.dumps(row) + "\n" for row in rows))


def convert(source: str, data: Path, out: Path, *options: str) -> str:
    command = [sys.executable, str(SCRIPT), source, str(data), "--out", str(out), *options]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "250", "PYTHONPATH": str(ROOT)},
    )
    return " ".join(re.sub("[│┃]", " ", ended.stdout).split())


def products(path: Path) -> list[ProductRow]:
    return [parse(line) for line in path.read_bytes().splitlines()]


def test_data_sheet_of_the_source_becomes_specs(tmp_path: Path) -> None:
    other = {**ICECAT, "id": "78", "ean": ["none"], "attr_n_response_time": 5.0}
    del other["attr_t_response_time"]
    keep_rows(tmp_path, "icecat", ICECAT, other)
    keep(tmp_path, "guesses", "id,category_guess\n77,Monitors\n")
    told = convert("icecat", tmp_path, tmp_path)
    first, second = products(tmp_path / "icecat.jsonl")
    assert {spec.key: spec.value for spec in first.specs} == {
        "response_time_text": "fast—very",
        "contrast__typical_": pytest.approx(2.5),
        "touch": False,
    }
    assert [spec.label for spec in first.specs] == ["Response time", "Contrast (typical)", "Touch"]
    assert (first.title, first.description) == ("T" * 200, "Fast & quiet")
    assert first.category == ("Electronics & Office", "Monitors")
    assert first.media[0].url == "https://pictures.example/77.jpg"
    assert first.variants[0].model_dump(include={"sku", "barcode", "stock"}) == {
        "sku": "77",
        "barcode": "4000000000006",
        "stock": 100,
    }
    assert first.variants[0].price_minor(2) == 4995
    assert second.specs[2].key == "response_time_number"
    assert (second.category[1], second.variants[0].barcode) == ("Other", None)
    assert "icecat 2 2 none" in told
    assert "2 title cut at 200 characters" in told
    assert "1 barcode left out: not 8 to 14 digits" in told


def test_combinations_of_options_become_variants(tmp_path: Path) -> None:
    keep_rows(tmp_path, "goods", GOODS, {**GOODS, "id": "6", "deleted": "1"})
    keep_rows(tmp_path, "categories", *CATEGORIES)
    keep_rows(tmp_path, "brands", {"id": "9", "name": "拾窑"})
    told = convert("zh", tmp_path, tmp_path, "--exponent", "0")
    (row,) = products(tmp_path / "zh.jsonl")
    assert (row.category, row.brand, row.status) == (("居家", "被枕"), "拾窑", "ARCHIVED")
    assert row.description == "很暖"
    assert [spec.model_dump(include={"key", "text"}) for spec in row.specs] == [
        {"key": "zh.material", "text": "棉 花"},
        {"key": "zh.material.2", "text": "丝"},
    ]
    assert [medium.url for medium in row.media] == [
        "https://pictures.example/a.jpg",
        "https://pictures.example/b.jpg",
    ]
    large, small = row.variants
    assert (large.sku, large.price_minor(0), large.compare_at_price, large.stock) == (
        "S5-1",
        120,
        None,
        3,
    )
    assert (small.sku, small.price_minor(0), small.compare_at_price_minor(0)) == ("S5-2", 99, 120)
    assert [(option.name, option.value) for option in small.options] == [("尺寸", "小")]
    assert "zh 2 1 1 marked as deleted in the source" in told


def test_phone_that_comes_twice_is_written_once(tmp_path: Path) -> None:
    keep_rows(tmp_path, "phones", PHONE, PHONE, {**PHONE, "image": "http://pictures.example/2.jpg"})
    told = convert("phones", tmp_path, tmp_path)
    first, second = products(tmp_path / "phones.jsonl")
    assert first.variants[0].sku != second.variants[0].sku
    assert first.variants[0].price_minor(2) == 5000
    assert "phones 3 2 1 same name and picture as a row before" in told
    assert "2 price rounded half-up" in told


def test_row_that_is_no_product_is_dropped_with_its_reason(tmp_path: Path) -> None:
    keep_rows(tmp_path, "phones", {**PHONE, "categories": []}, {**PHONE, "name": "Case"})
    told = convert("phones", tmp_path, tmp_path)
    assert "phones 2 1 1 category: This field is missing; it must be given." in told


@pytest.mark.skipif(not DATA.is_dir(), reason=f"There are no catalogues in {DATA}.")
def test_nothing_is_lost_from_the_real_catalogues(tmp_path: Path) -> None:
    told = convert("all", DATA, tmp_path)
    skus = {
        name: [row.variants[0].sku for row in products(tmp_path / f"{name}.jsonl")]
        for name in ("icecat", "zh", "phones")
    }
    assert {name: len(found) for name, found in skus.items()} == {
        "icecat": 9_394,
        "zh": 239,
        "phones": 3_291,
    }
    assert len(set().union(*skus.values())) == 9_394 + 239 + 3_291
    assert re.findall(r"(?:icecat|zh|phones) [\d,]+ [\d,]+ \w+", told) == [
        "icecat 9,394 9,394 none",
        "zh 239 239 none",
        "phones 3,291 3,291 none",
    ]
