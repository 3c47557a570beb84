"""The sweep takes away specs that no product names, keys whose time is over, and nothing else."""

import uuid
from collections.abc import AsyncGenerator, Collection
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from jobs import sweep
from jobs.import_catalogue import import_file
from resolvers.context import Mall
from stores import idempotency, products
from stores.idempotency import Claim
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


async def test_keys_go_when_their_time_is_over(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "CHUNK", 2)
    now = utc_now()
    async with open_mall(chosen, lambda: now) as mall:
        claims = [_claim(now, hours) for hours in (-3, -2, -2, -1, 1)]
        for one in claims:
            await mall.stores.database.transact(partial(idempotency.claim, wanted=one))

        assert await sweep.forget_keys(mall) == 4
        assert await sweep.forget_keys(mall) == 0
        async with mall.stores.database.read() as session:
            kept = [await idempotency.find(session, "user:1", "m", one.key) for one in claims]
    assert kept == [None, None, None, None, claims[-1]]


def _claim(now: datetime, hours: int) -> Claim:
    expires_at = now + timedelta(hours=hours)
    return Claim("user:1", "m", str(uuid.uuid4()), "f", {}, now, expires_at)
