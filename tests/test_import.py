"""An import: what its lines say is in the shop afterwards, once, and what is wrong is told."""

import asyncio
import gzip
import json
import random
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest

from jobs import import_batch, import_catalogue, import_plan, import_writes
from jobs.import_catalogue import Progress, Refused, Report, Unreadable, import_file
from resolvers.context import Mall
from stores import inventory, products
from stores.products import Product
from stores.search import SearchQuery
from stores.settings import Settings
from stores.slugs import lengthened, slugify
from stores.sql import WriteSession
from tests.conftest import HOMES
from tests.empty_shop import content, empty_settings, open_mall, write_lines

MAX = import_catalogue.BATCH_LINES


@pytest.fixture(params=HOMES)
async def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Settings]:
    async with empty_settings(request, tmp_path) as settings:
        yield settings


@pytest.fixture
async def mall(chosen: Settings) -> AsyncGenerator[Mall]:
    async with open_mall(chosen) as opened:
        yield opened


def bicycle(**more: object) -> dict[str, Any]:
    return {
        "merchant": "Radhaus",
        "title": "City Bicycle “Möwe”",
        "description": "<p>Rolls.</p>",
        "brand": "Möwe",
        "category": ["Bicycles", "City"],
        "media": [{"url": "https://pictures.example/1.png", "alt": "A bicycle"}],
        "specs": [{"key": "weight", "label": "Weight", "unit": "kg", "number": 12.50}],
        "variants": [
            {"sku": "M-28", "options": [{"name": "Size", "value": "28"}], "price": 499, "stock": 3},
            {"sku": "M-26", "price": "479.90", "compareAtPrice": "499", "stock": 0},
        ],
        **more,
    }


def single(sku: str, **more: object) -> dict[str, Any]:
    return {
        "merchant": "Radhaus",
        "title": f"Bell {sku}",
        "category": ["Bells"],
        "variants": [{"sku": sku, "price": 5, "stock": 1}],
        **more,
    }


async def take(mall: Mall, tmp_path: Path, *rows: object) -> Report:
    return await import_file(mall, write_lines(tmp_path / "file.jsonl", rows))


async def product(mall: Mall, slug: str) -> Product:
    async with mall.stores.database.read() as session:
        return (await products.by_slugs(session, [slug]))[slug]


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


async def test_what_is_wrong_is_told_and_the_rest_goes_in(mall: Mall, tmp_path: Path) -> None:
    report = await take(
        mall,
        tmp_path,
        single("B-1"),
        b"{oops",
        b"",
        single("B-2", title=""),
        single("B-3", variants=[{"sku": "B-3", "price": "1.234"}]),
        single("B-1"),
        single("B-4", slug="bell-b-1"),
        single("B-5", media=[{"file": "missing.png"}]),
        single("B-6"),
    )
    assert report == Report(
        added=2,
        is_indexed=True,
        refused=[
            Refused(
                2,
                "",
                "The line is not valid JSON at character 2; check quotes, commas and brackets.",
            ),
            Refused(4, "title", "The text is empty; at least 1 character is needed."),
            Refused(
                5, "variants.0.price", "The price 1.234 has more than 2 digits after the point."
            ),
            Refused(
                8, "media.0.file", "The file missing.png cannot be read: No such file or directory."
            ),
            Refused(6, "variants.0.sku", "Line 1 has the SKU B-1 already."),
            Refused(7, "slug", "The slug bell-b-1 is another product's."),
        ],
    )


async def test_sku_of_another_product_is_refused(mall: Mall, tmp_path: Path) -> None:
    await take(mall, tmp_path, single("B-1"))
    two = [{"sku": "B-2", "price": 5}, {"sku": "B-1", "price": 5}]
    report = await take(mall, tmp_path, single("B-2", variants=two))
    reason = "The SKU B-1 belongs to another product of this merchant."
    assert report.refused == [Refused(1, "variants.1.sku", reason)]
    other = single("B-2", variants=two, merchant="Another", title="Bell")
    assert await take(mall, tmp_path, other) == Report(added=1, is_indexed=True)


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


async def test_link_to_a_file_elsewhere_is_refused(mall: Mall, tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    (tmp_path / "secret.png").write_bytes(b"secret")
    folder.mkdir()
    (folder / "bell.png").symlink_to(tmp_path / "secret.png")
    report = await take(mall, folder, single("B-1", media=[{"file": "bell.png"}]))
    reason = "The file bell.png lies outside the folder of the import file."
    assert report.refused == [Refused(1, "media.0.file", reason)]


async def test_packed_file_is_read_as_it_is(mall: Mall, tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(single("B-1")).encode()))
    seen: list[Progress] = []
    report = await import_file(mall, path, progress=seen.append)
    assert report == Report(added=1, is_indexed=True)
    assert seen == [Progress(path.stat().st_size, 1)]


@pytest.mark.parametrize("name", ["missing.jsonl", "folder", "broken.gz", "cut.gz"])
async def test_file_that_cannot_be_read_is_named(mall: Mall, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.gz").write_bytes(b"not packed at all")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(random.randbytes(10_000))[:5_000])
    with pytest.raises(Unreadable, match=name):
        await import_file(mall, tmp_path / name)


async def test_line_that_is_too_long_is_refused_alone(mall: Mall, tmp_path: Path) -> None:
    report = await take(mall, tmp_path, b"x" * 3_500_000, single("B-1"))
    assert ([one.line for one in report.refused], report.added) == ([1], 1)


async def test_two_imports_at_once_make_everything_once(chosen: Settings, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "file.jsonl", many(2 * MAX))
    async with open_mall(chosen) as one, open_mall(chosen) as other:
        reports = await asyncio.gather(import_file(one, path), import_file(other, path))
        whole = await content(one)
    assert sum(report.added for report in reports) == 2 * MAX
    assert [report.refused for report in reports] == [[], []]
    assert whole["counts"]["merchants"] == 3
    assert whole["counts"]["products"] == whole["counts"]["outbox"] == 2 * MAX


async def test_product_changed_meanwhile_is_decided_anew(
    mall: Mall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(mall, tmp_path, single("B-1"))
    somebody_is_faster(monkeypatch)
    report = await take(mall, tmp_path, single("B-1", title="New"))
    after = await product(mall, "bell-b-1")
    assert (report.changed, after.title, after.version) == (1, "New", 3)


async def test_product_that_never_stands_still_is_refused(
    mall: Mall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(mall, tmp_path, single("B-1"))
    somebody_is_faster(monkeypatch, times=100)
    report = await take(mall, tmp_path, single("B-1", title="New"), single("B-2"))
    reason = "Somebody else kept writing the same product, its SKU or its slug; import it again."
    assert (report.added, report.refused) == (1, [Refused(1, "", reason)])


def somebody_is_faster(monkeypatch: pytest.MonkeyPatch, times: int = 1) -> None:
    """Change every product so often between its reading and its writing."""
    real, left = import_writes.carry_out, times

    async def carry_out(mall: Mall, decisions: Sequence[import_plan.Decision]) -> None:
        nonlocal left
        if any(one.before for one in decisions) and left:
            left -= 1
            await mall.stores.database.transact(touch)
        await real(mall, decisions)

    async def touch(session: WriteSession) -> None:
        table = products.products
        await session.update(table.update().values(version=table.c.version + 1))

    monkeypatch.setattr(import_batch, "carry_out", carry_out)


def many(count: int) -> list[dict[str, Any]]:
    """Return rows of three merchants with variants, specs and shared titles."""
    return [
        {
            "merchant": f"Merchant {number % 3}",
            "title": f"Thing {number % 40}",
            "category": [f"Shelf {number % 5}", f"Board {number % 7}"],
            "specs": [{"key": "number", "label": "Number", "number": number}],
            "variants": [
                {"sku": f"{number}-{size}", "price": number + 1, "stock": number} for size in "SL"
            ],
        }
        for number in range(count)
    ]


@pytest.mark.slow
async def test_import_killed_again_and_again_ends_as_one_that_was_not(
    chosen: Settings, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "file.jsonl", many(3 * MAX))
    kill_and_repeat(chosen, path)
    async with open_mall(chosen) as mall:
        killed = await content(mall)
    assert killed == await clean(tmp_path, path)


@pytest.mark.slow
@pytest.mark.parametrize("chosen", ["embedded"], indirect=True)
async def test_without_the_comparison_a_repeated_import_would_count_versions_up(
    chosen: Settings, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "file.jsonl", many(3 * MAX))
    kill_and_repeat(chosen, path, "blind")
    async with open_mall(chosen) as mall:
        versions = {one["version"] for one in (await content(mall))["products"].values()}
    assert max(versions) > 1


#: Statements of the runs that are killed; the first batch is committed at about the 155th.
KILLED_AT = (30, 180, 60)


def kill_and_repeat(chosen: Settings, path: Path, *how: str) -> None:
    *ends, last = run(chosen, path, (*KILLED_AT, 0), *how)
    # The last ones may have so little to do that they end before their time.
    assert ends.count(-signal.SIGKILL) >= 2
    assert set(ends) <= {-signal.SIGKILL, 0}
    assert last == 0


def run(chosen: Settings, path: Path, deaths: tuple[int, ...], *how: str) -> list[int]:
    urls = {
        "data_dir": str(chosen.data_dir),
        "sql_url": chosen.sql(),
        "documents_url": chosen.documents(),
        "search_url": chosen.search(),
    }
    command = [sys.executable, "-m", "tests.import_and_die", json.dumps(urls), str(path)]
    told = subprocess.run(
        [*command, ",".join(map(str, deaths)), *how], check=True, capture_output=True, text=True
    )
    return [int(end) for end in told.stdout.split()]


async def clean(tmp_path: Path, path: Path) -> dict[str, Any]:
    """Return what one import that nobody disturbs makes of an empty shop."""

    class Request:
        param = "embedded"

    async with (
        empty_settings(Request(), tmp_path / "clean") as settings,  # type: ignore[arg-type]
        open_mall(settings) as mall,
    ):
        await import_file(mall, path)
        return await content(mall)


def test_slugs_keep_letters_of_any_script() -> None:
    texts = ["Crème brûlée!", "Men's  Shoes — 42", "明前 龙井", "हिन्दी", "½ ²", "x" * 90]
    slugs = ["crème-brûlée", "mens-shoes-42", "明前-龙井", "हिन्दी", "", "x" * 80]
    assert [slugify(text) for text in texts] == slugs
    assert lengthened("x" * 80, "SKU 1") == "x" * 74 + "-sku-1"
