"""The sweep takes away specs that no product names, and no others."""

from collections.abc import AsyncGenerator, Collection
from datetime import timedelta
from pathlib import Path

import pytest

from jobs import sweep
from jobs.import_catalogue import import_file
from resolvers.context import Mall
from stores import products
from stores.ids import utc_now
from stores.settings import Settings
from stores.specs import Spec
from stores.sql import ReadSession
from tests.conftest import HOMES
from tests.empty_shop import empty_settings, open_mall, write_lines

SPECS = [{"key": "colour", "label": "Colour", "text": "red"}]


@pytest.fixture(params=HOMES)
async def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Settings]:
    async with empty_settings(request, tmp_path) as settings:
        yield settings


async def fill(settings: Settings, tmp_path: Path, age: timedelta) -> tuple[int, int]:
    """Put a product on sale so long ago; return its document, and one that nothing names."""
    path = write_lines(tmp_path / "file.jsonl", [bell()])
    async with open_mall(settings, lambda: utc_now() - age) as mall:
        await import_file(mall, path)
        orphan = mall.ids.next()
        await mall.stores.specs.put({orphan: [Spec("colour", "Colour", "blue")]})
        return await named(mall), orphan


def bell() -> dict[str, object]:
    variants = [{"sku": "B-1", "price": 5}]
    return {"title": "Bell", "category": ["Bells"], "specs": SPECS, "variants": variants}


async def named(mall: Mall) -> int:
    async with mall.stores.database.read() as session:
        return (await products.by_slugs(session, ["bell"]))["bell"].specs_id or 0


async def left(mall: Mall) -> list[int]:
    return await mall.stores.specs.ids_after(0, 100)


async def test_documents_that_no_product_names_go(chosen: Settings, tmp_path: Path) -> None:
    used, _orphan = await fill(chosen, tmp_path, timedelta(hours=2))
    async with open_mall(chosen) as mall:
        assert await sweep.sweep(mall, grace_seconds=0) == 1
        assert await left(mall) == [used]
        assert await sweep.sweep(mall, grace_seconds=0) == 0


async def test_young_documents_wait_for_their_product(chosen: Settings, tmp_path: Path) -> None:
    used, orphan = await fill(chosen, tmp_path, timedelta(minutes=59))
    async with open_mall(chosen) as mall:
        assert await sweep.sweep(mall, grace_seconds=0) == 0
        assert await left(mall) == [used, orphan]


async def test_without_the_hour_a_product_would_lose_the_specs_it_is_about_to_name(
    chosen: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, _orphan = await fill(chosen, tmp_path, timedelta(seconds=1))
    monkeypatch.setattr(sweep, "KEPT", timedelta(0))
    async with open_mall(chosen) as mall:
        await sweep.sweep(mall, grace_seconds=0)
        assert await left(mall) == [used]


async def test_without_asking_products_all_specs_would_be_lost(
    chosen: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(chosen, tmp_path, timedelta(hours=2))

    async def specs_in_use(_session: ReadSession, _ids: Collection[int]) -> set[int]:
        return set()

    monkeypatch.setattr(products, "specs_in_use", specs_in_use)
    async with open_mall(chosen) as mall:
        await sweep.sweep(mall, grace_seconds=0)
        assert await left(mall) == []


async def test_old_specs_go_after_a_change_of_them(
    chosen: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, orphan = await fill(chosen, tmp_path, timedelta(hours=2))
    row = bell() | {"specs": [*SPECS, {"key": "loud", "label": "Loud", "isTrue": True}]}
    monkeypatch.setattr(sweep, "CHUNK", 1)
    async with open_mall(chosen) as mall:
        await import_file(mall, write_lines(tmp_path / "file.jsonl", [row]))
        after = await named(mall)
        assert await left(mall) == [before, orphan, after]
        assert await sweep.sweep(mall, grace_seconds=0) == 2
        assert await left(mall) == [after]
