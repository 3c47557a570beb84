"""What every document store must do."""

import asyncio
import time
from collections.abc import AsyncGenerator
from decimal import Decimal
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient

from stores.errors import StoreUnavailable
from stores.specs import Spec, SpecStore, open_specs
from tests.conftest import unique
from tests.proxy import door
from tests.servers import free_port

on_mongodb = pytest.mark.parametrize(
    "url", [pytest.param("mongodb", marks=pytest.mark.server)], indirect=True
)

WEIGHT = Spec("weight", "Weight", Decimal("2.50"), unit="kg")
SIZE = Spec("size", "Größe", "尺寸 40 cm 🍵 ")
SHEET = [
    WEIGHT,
    SIZE,
    Spec("pi", "π", Decimal("3.14159265358979323846264338327"), group="Numbers"),
    Spec("dust", "Dust", Decimal("-0.000000000000000000000000000001"), "Numbers", "kg"),
    Spec("dimmable", "Dimmable", value=True),
    Spec("wireless", "Wireless", value=False),
    Spec("colours", "Colours", ("red", "红", "")),
    Spec("nothing", "Nothing", ()),
    Spec("empty", "Empty", ""),
]


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.server)])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[str]:
    """The URL of an empty store."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/specs.db"
        return
    server, name = request.getfixturevalue("mongodb_url"), unique("specs")
    yield f"{server}/{name}"
    async with AsyncMongoClient[dict[str, object]](server) as client:
        await client.drop_database(name)


@pytest.fixture
async def specs(url: str) -> AsyncGenerator[SpecStore]:
    opened = open_specs(url, timeout_seconds=3)
    await opened.prepare()
    yield opened
    await opened.close()


async def test_documents_are_found_by_id(specs: SpecStore) -> None:
    await specs.put({1: [WEIGHT], 2: [WEIGHT, SIZE], 2**62: []})

    assert await specs.by_ids([2, 2**62, 3]) == {2: [WEIGHT, SIZE], 2**62: []}
    assert await specs.by_ids([]) == {}


async def test_values_come_back_as_what_they_were(specs: SpecStore) -> None:
    await specs.put({1: SHEET})
    found = (await specs.by_ids([1]))[1]

    assert found == SHEET
    assert [type(one.value) for one in found] == [type(one.value) for one in SHEET]
    # 2.5 equals 2.50, but a data sheet does not say so.
    assert [str(one.value) for one in found[:1]] == ["2.50"]
    assert [format(one.value, "f") for one in found if isinstance(one.value, Decimal)] == [
        "2.50",
        "3.14159265358979323846264338327",
        "-0.000000000000000000000000000001",
    ]


async def test_written_document_never_changes(specs: SpecStore) -> None:
    await specs.put({1: [WEIGHT]})
    await specs.put({1: [SIZE], 2: [SIZE]})

    assert await specs.by_ids([1, 2]) == {1: [WEIGHT], 2: [SIZE]}


async def test_same_document_written_at_once_is_written_once(specs: SpecStore) -> None:
    await asyncio.gather(*(specs.put({1: [WEIGHT], n: [SIZE]}) for n in range(2, 12)))

    assert await specs.by_ids([1]) == {1: [WEIGHT]}
    assert await specs.ids_after(0, 99) == list(range(1, 12))


async def test_ids_come_in_pages(specs: SpecStore) -> None:
    ids = [3, 1, 2**62, 7, 5]
    await specs.put({id_: [SIZE] for id_ in ids})

    assert await specs.ids_after(0, 2) == [1, 3]
    assert await specs.ids_after(3, 2) == [5, 7]
    assert await specs.ids_after(7, 2) == [2**62]
    assert await specs.ids_after(2**62, 2) == []


async def test_removed_documents_are_gone(specs: SpecStore) -> None:
    await specs.put({1: [SIZE], 2: [SIZE], 3: [SIZE]})
    await specs.remove([1, 3, 4])

    assert await specs.by_ids([1, 2, 3]) == {2: [SIZE]}


async def test_store_that_is_prepared_again_keeps_its_documents(specs: SpecStore) -> None:
    await specs.put({1: [SIZE]})
    await specs.prepare()
    await specs.ping()

    assert await specs.by_ids([1]) == {1: [SIZE]}


async def test_server_that_is_away_is_told_in_time() -> None:
    opened = open_specs(f"mongodb://127.0.0.1:{free_port()}/shop", timeout_seconds=0.3)
    began = time.monotonic()

    with pytest.raises(StoreUnavailable):
        await opened.by_ids([1])
    assert time.monotonic() - began < 1
    await opened.close()


@on_mongodb
@pytest.mark.parametrize("how", ["shut", "stuck"])
async def test_server_that_comes_back_is_used_again(url: str, how: str) -> None:
    async with door(url) as (its, through):
        opened = open_specs(through, timeout_seconds=0.5)
        await opened.put({1: [SIZE]})
        its.stick() if how == "stuck" else await its.shut()
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await opened.by_ids([1])
        assert time.monotonic() - began < 2
        if how == "stuck":
            await its.shut()
        await its.open()

        assert await _found_again(opened) == {1: [SIZE]}
        await opened.close()


async def _found_again(specs: SpecStore) -> object:
    """Ask for up to three seconds: the driver looks for its server now and then."""
    for _ in range(6):
        try:
            return await specs.by_ids([1])
        except StoreUnavailable:
            await asyncio.sleep(0.1)
    return None
