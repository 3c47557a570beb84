"""An import: what its lines say is in the shop afterwards, once."""

import asyncio
import gzip
import json
from pathlib import Path

from jobs.import_catalogue import Progress, Report, import_file
from resolvers.context import Mall
from stores import inventory, products
from stores.search import SearchQuery
from tests.empty_shop import content, write_lines
from tests.importing import bicycle, chosen, mall, product, single, take

__all__ = ["chosen", "mall"]


async def test_line_becomes_a_product_with_all_that_belongs_to_it(
    mall: Mall, tmp_path: Path
) -> None:
    assert await take(mall, tmp_path, bicycle()) == Report(added=1, is_indexed=True)
    whole = await content(mall)
    hash_ = whole["products"]["Radhaus M-28"].pop("content_hash")
    assert len(hash_) == 64
    assert whole == {
        "counts": {
            "categories": 2,
            "inventory_levels": 2,
            "listings": 3,
            "merchants": 1,
            "outbox": 1,
            "product_words": 3,
            "products": 1,
            "stock_movements": 2,
            "variants": 2,
            "warehouses": 1,
        },
        "shelves": [("bicycles", "Bicycles", 0), ("city", "City", 0)],
        "products": {
            "Radhaus M-28": {
                "version": 1,
                "revision": 1,
                "slug": "city-bicycle-möwe",
                "title": "City Bicycle “Möwe”",
                "title_key": "city bicycle mowe",
                "subtitle": None,
                "description": "Rolls.",
                "brand": "Möwe",
                "status": "ACTIVE",
                "media": [
                    {
                        "url": "https://pictures.example/1.png",
                        "kind": "IMAGE",
                        "alt": "A bicycle",
                        "width": None,
                        "height": None,
                    }
                ],
                "min_price_minor": 47_990,
                "max_price_minor": 49_900,
                "category": ["bicycles", "city"],
                "specs": [{"key": "weight", "label": "Weight", "unit": "kg", "number": "12.5"}],
                "variants": [
                    {
                        "position": 0,
                        "sku": "M-28",
                        "barcode": None,
                        "title": "28",
                        "options": [["Size", "28"]],
                        "price_minor": 49_900,
                        "compare_at_minor": None,
                        "weight_grams": None,
                        "media_position": None,
                        "stock": 3,
                    },
                    {
                        "position": 1,
                        "sku": "M-26",
                        "barcode": None,
                        "title": "City Bicycle “Möwe”",
                        "options": [],
                        "price_minor": 47_990,
                        "compare_at_minor": 49_900,
                        "weight_grams": None,
                        "media_position": None,
                        "stock": 0,
                    },
                ],
                "is_indexed": True,
            }
        },
    }


async def test_search_finds_what_was_imported(mall: Mall, tmp_path: Path) -> None:
    await take(mall, tmp_path, bicycle(), single("B-1"), single("B-2", status="DRAFT"))
    # A server shows what it has taken in within a second.
    async with asyncio.timeout(2):
        while await mall.stores.search.count() < 2:  # noqa: ASYNC110  It cannot tell us.
            await asyncio.sleep(0.05)
    hits = await mall.stores.search.find(SearchQuery(words="möwe"))
    assert [hit.id for hit in hits.hits] == [(await product(mall, "city-bicycle-möwe")).id]
    assert await mall.stores.search.count() == 2


async def test_second_import_writes_nothing(mall: Mall, tmp_path: Path) -> None:
    rows = [bicycle(), single("B-1"), single("B-2")]
    await take(mall, tmp_path, *rows)
    before = await content(mall)
    assert await take(mall, tmp_path, *rows) == Report(unchanged=3, is_indexed=True)
    assert await content(mall) == before


async def test_change_keeps_what_it_does_not_name(mall: Mall, tmp_path: Path) -> None:
    await take(mall, tmp_path, bicycle())
    before = await product(mall, "city-bicycle-möwe")
    async with mall.stores.database.read() as session:
        ids = {
            v.sku: v.id
            for v in (await products.variants_by_product(session, [before.id]))[before.id]
        }
    changed = bicycle(
        title="Town Bicycle",
        variants=[
            {"sku": "M-28", "price": 450, "stock": 100},
            {"sku": "M-24", "price": 430, "stock": 7},
        ],
    )
    assert await take(mall, tmp_path, changed) == Report(changed=1, is_indexed=True)
    after = await product(mall, "city-bicycle-möwe")
    async with mall.stores.database.read() as session:
        now = (await products.variants_by_product(session, [before.id]))[before.id]
        stock = await inventory.available(session, [variant.id for variant in now])
    assert (after.id, after.version, after.revision) == (before.id, 2, 2)
    assert (after.title, after.specs_id, after.created_at) == (
        "Town Bicycle",
        before.specs_id,
        before.created_at,
    )
    assert [(v.sku, v.price_minor, stock[v.id]) for v in now] == [
        ("M-28", 45_000, 3),
        ("M-24", 43_000, 7),
    ]
    assert now[0].id == ids["M-28"]
    assert now[1].id not in ids.values()


async def test_lost_data_sheet_is_written_again_by_the_same_file(
    mall: Mall, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "file.jsonl", [bicycle()])
    await import_file(mall, path)
    async with mall.stores.database.read() as session:
        (before,) = await products.after(session, 0, 2)
    await mall.stores.specs.remove([before.specs_id or 0])
    report = await import_file(mall, path)
    async with mall.stores.database.read() as session:
        (after,) = await products.after(session, 0, 2)

    assert (report.changed, report.unchanged) == (1, 0)
    assert await mall.stores.specs.by_ids([after.specs_id or 0])
    assert (await import_file(mall, path)).unchanged == 1


async def test_change_of_specs_is_a_new_document(mall: Mall, tmp_path: Path) -> None:
    await take(mall, tmp_path, bicycle())
    before = await product(mall, "city-bicycle-möwe")
    specs = [{"key": "weight", "label": "Weight", "unit": "kg", "number": "12.0"}]
    await take(mall, tmp_path, bicycle(specs=specs))
    after = await product(mall, "city-bicycle-möwe")
    assert before.specs_id != after.specs_id
    documents = await mall.stores.specs.by_ids([before.specs_id or 0, after.specs_id or 0])
    assert [str(documents[id_ or 0][0].value) for id_ in (before.specs_id, after.specs_id)] == [
        "12.5",
        "12.0",
    ]


async def test_sku_that_a_line_gives_up_is_free_for_the_next(mall: Mall, tmp_path: Path) -> None:
    both = [{"sku": "B-1", "price": 5}, {"sku": "B-2", "price": 5}]
    await take(mall, tmp_path, single("B-1", variants=both))
    report = await take(mall, tmp_path, single("B-1"), single("B-2"))
    assert (report.added, report.changed, report.refused) == (1, 1, [])


async def test_slug_that_a_line_gives_up_is_free_for_the_next(mall: Mall, tmp_path: Path) -> None:
    await take(mall, tmp_path, single("B-1", slug="bell"))
    rows = single("B-1", slug="old-bell"), single("B-2", slug="bell")
    report = await take(mall, tmp_path, *rows)
    assert (report.added, report.changed, report.refused) == (1, 1, [])
    assert await take(mall, tmp_path, *rows) == Report(unchanged=2, is_indexed=True)


async def test_products_of_one_title_have_slugs_of_their_own(mall: Mall, tmp_path: Path) -> None:
    rows = [single(f"B {n}", title="Bell", merchant=m) for m in ("A", "B") for n in (1, 2)]
    await take(mall, tmp_path, *rows)
    found = (await content(mall))["products"]
    assert [one["slug"] for one in found.values()] == ["bell", "bell-b-2", "bell-b-1", "bell-b-b-2"]


async def test_categories_of_one_name_are_told_apart_by_their_parents(
    mall: Mall, tmp_path: Path
) -> None:
    paths = ["Men", "Shoes"], ["Women", "Shoes"], ["Women", "Hats"], ["Shoes"], ["鞋"], ["!"]
    rows = [single(f"S-{n}", category=path) for n, path in enumerate(paths)]
    await take(mall, tmp_path, *rows)
    assert (await content(mall))["shelves"] == [
        ("men", "Men", 0),
        ("women", "Women", 1),
        ("shoes-2", "Shoes", 2),
        ("鞋", "鞋", 3),
        ("category", "!", 4),
        ("shoes", "Shoes", 0),
        ("women-shoes", "Shoes", 0),
        ("hats", "Hats", 1),
    ]


async def test_line_without_merchant_is_the_first_merchants(mall: Mall, tmp_path: Path) -> None:
    await take(mall, tmp_path, single("B-1"), single("B-2", merchant=None))
    assert list((await content(mall))["products"]) == ["Radhaus B-1", "Radhaus B-2"]


async def test_shop_without_merchants_gets_one_of_its_own_name(mall: Mall, tmp_path: Path) -> None:
    await take(mall, tmp_path, single("B-1", merchant=None))
    assert list((await content(mall))["products"]) == ["mallgraph B-1"]


async def test_picture_beside_the_file_is_kept_under_its_hash(mall: Mall, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/bell.svg").write_bytes(b"<svg/>")
    row = single("B-1", media=[{"file": "pictures/bell.svg"}])
    await take(mall, tmp_path, row)
    key = (await product(mall, "bell-b-1")).media[0]["objectKey"]
    assert (mall.stores.media.folder / key).read_bytes() == b"<svg/>"
    (tmp_path / "pictures/bell.svg").write_bytes(b"<svg></svg>")
    assert (await take(mall, tmp_path, row)).changed == 1


async def test_packed_file_is_read_as_it_is(mall: Mall, tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(single("B-1")).encode()))
    seen: list[Progress] = []
    report = await import_file(mall, path, progress=seen.append)
    assert report == Report(added=1, is_indexed=True)
    assert seen == [Progress(path.stat().st_size, 1)]
