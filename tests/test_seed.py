"""The demo shop is put on sale once, however often it is asked for, by its commands too."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import stores.promotions
from jobs import search_index
from jobs.seed import has_products, promote, seed
from mallgraph import demo
from mallgraph.cli import app
from mallgraph.demo import promotions
from resolvers.context import Mall
from stores.products import after
from tests.conftest import HOMES
from tests.empty_shop import content, empty_settings, open_mall, write_lines


@pytest.fixture(params=HOMES)
async def mall(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Mall]:
    async with empty_settings(request, tmp_path) as chosen, open_mall(chosen) as opened:
        yield opened


async def test_second_seed_changes_nothing(mall: Mall) -> None:
    assert not await has_products(mall)
    first = await seed(mall, demo.catalogue())
    assert await has_products(mall)
    before = await content(mall)
    second = await seed(mall, demo.catalogue())
    assert (first.added, first.refused, first.is_indexed) == (60, [], True)
    assert (second.unchanged, second.added, second.changed) == (60, 0, 0)
    assert await content(mall) == before
    assert before["counts"]["merchants"] == 2


async def test_demo_has_promotions_once_and_a_shop_with_its_own_keeps_them(mall: Mall) -> None:
    await seed(mall, demo.catalogue())
    started = [await promote(mall, [promotions.TURNTABLE], promotions.promotions) for _ in range(2)]
    async with mall.stores.database.read(fresh=True) as session:
        active = await stores.promotions.active(session, mall.clock())

    assert started == [3, 0]
    assert [(one.is_coupon_required, one.units_left) for one in active] == [
        (False, None),
        (True, None),
        (False, 20),
    ]


async def test_new_index_is_that_of_the_events(mall: Mall) -> None:
    await seed(mall, demo.catalogue())
    async with mall.stores.database.read() as session:
        ids = [product.id for product in await after(session, 0, 100)]
    before = await mall.stores.search.versions(ids)
    read: list[int] = []
    assert await search_index.reindex(mall, read.append) == 60
    assert read == [60]
    assert await mall.stores.search.versions(ids) == before


def ask(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, words, env={"MALLGRAPH_DATA_DIR": str(folder)})


def test_commands_fill_an_empty_folder(tmp_path: Path) -> None:
    assert [ask(tmp_path, word).exit_code for word in ("seed", "seed", "reindex")] == [0, 0, 0]


def test_import_ends_with_what_became_of_its_rows(tmp_path: Path) -> None:
    bell = {"title": "Bell", "category": ["Bells"], "variants": [{"sku": "B-1", "price": 5}]}
    good = write_lines(tmp_path / "good.jsonl", [bell])
    bad = write_lines(tmp_path / "bad.jsonl", [bell | {"title": ""}])
    missing, errors = tmp_path / "missing.jsonl", tmp_path / "errors.jsonl"
    ends = [ask(tmp_path / "data", "import", str(path)).exit_code for path in (good, bad, missing)]
    assert ends == [0, 1, 2]
    ask(tmp_path / "data", "import", str(good), str(bad), "--errors", str(errors), "--no-index")
    assert [json.loads(line) for line in errors.read_text().splitlines()] == [
        {
            "file": str(bad),
            "line": 1,
            "field": "title",
            "reason": "The text is empty; at least 1 character is needed.",
        }
    ]
