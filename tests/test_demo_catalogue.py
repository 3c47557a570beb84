import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from jobs.product_rows import ProductRow, parse
from mallgraph.demo import MERCHANTS, catalogue, pictures
from mallgraph.demo.draw import write

HAN = re.compile("[\u4e00-\u9fff]")
DRAWN = {"svg", "rect", "circle", "ellipse", "path", "g"}


@cache
def products() -> tuple[ProductRow, ...]:
    return tuple(map(parse, catalogue().read_bytes().splitlines()))


def by_department() -> dict[str, list[ProductRow]]:
    found = defaultdict(list)
    for product in products():
        found[product.category[0]].append(product)
    return found


def test_demo_has_sixty_products_in_six_departments() -> None:
    shelves = {name: {p.category for p in found} for name, found in by_department().items()}
    assert len(products()) == 60
    assert len(shelves) == 6
    assert all(2 <= len(found) <= 3 for found in shelves.values())


def test_a_third_of_the_demo_is_chinese_and_sold_by_its_own_merchant() -> None:
    english, chinese = MERCHANTS
    for product in products():
        is_chinese = bool(HAN.search(product.title))
        assert product.merchant == (chinese.name if is_chinese else english.name)
        assert bool(HAN.search(product.description or "")) == is_chinese
    assert sum(product.merchant == chinese.name for product in products()) == 20


def test_nothing_in_the_demo_has_the_name_of_another() -> None:
    slugs = [product.slug for product in products()]
    variants = [variant for product in products() for variant in product.variants]
    assert None not in slugs
    assert len(set(slugs)) == len(slugs)
    assert len({variant.sku for variant in variants}) == len(variants)
    assert len({variant.barcode for variant in variants}) == len(variants)


def test_every_product_is_described_in_two_sentences_at_least() -> None:
    for product in products():
        assert len(re.findall(r"[.。!?](?:\s|$|(?=[^\x00-\x7f]))", product.description or "")) >= 2


def test_departments_have_data_sheets_of_their_own() -> None:
    keys = [
        frozenset(spec.key for product in found for spec in product.specs)
        for found in by_department().values()
    ]
    assert len(set(keys)) == len(keys)
    assert all(len(mine - frozenset().union(*(k for k in keys if k != mine))) >= 2 for mine in keys)


def test_one_key_has_one_kind_and_all_kinds_are_there() -> None:
    kinds = defaultdict(set)
    for product in products():
        for spec in product.specs:
            kinds[spec.key].add(type(spec.value).__name__)
    assert {len(found) for found in kinds.values()} == {1}
    assert set().union(*kinds.values()) == {"str", "Decimal", "bool", "tuple"}


def test_demo_has_choices_bargains_and_things_sold_out() -> None:
    variants = [variant for product in products() for variant in product.variants]
    assert sum(len(product.variants) > 1 for product in products()) >= 30
    assert sum(not variant.stock for variant in variants) >= 3
    before = [(v.compare_at_price, v.price) for v in variants if v.compare_at_price is not None]
    assert len(before) >= 10
    assert all(was > now for was, now in before)
    assert all(variant.price_minor(2) >= 1_000 for variant in variants)


def test_options_tell_the_variants_of_a_product_apart() -> None:
    for product in products():
        choices = {variant.options for variant in product.variants}
        assert len(choices) == len(product.variants)
        assert len({tuple(option.name for option in choice) for choice in choices}) == 1


def test_every_product_has_a_picture_of_its_own() -> None:
    shown = [catalogue().parent / str(product.media[0].file) for product in products()]
    assert sorted(shown) == sorted(pictures().glob("*.svg"))


@pytest.mark.parametrize("path", sorted(pictures().glob("*.svg")), ids=lambda path: path.stem)
def test_picture_is_a_harmless_drawing(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert (root.get("width"), root.get("height")) == ("800", "800")
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= DRAWN
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if "href" in name or name.startswith("on")}
    assert "url(" not in text
    assert "<!" not in text
    assert len(text) < 20_000


def test_pictures_are_those_that_the_script_draws(tmp_path: Path) -> None:
    write(tmp_path)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert drawn == {path.name: path.read_bytes() for path in pictures().glob("*.svg")}
