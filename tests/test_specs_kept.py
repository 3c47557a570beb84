"""Kept data sheets are few enough, asked for once, and never stale."""

from collections.abc import AsyncGenerator, Collection
from dataclasses import replace
from pathlib import Path

import pytest

from stores import open_stores
from stores.settings import Settings
from stores.specs import Documents, Spec, SpecStore, open_specs
from stores.specs_kept import KeptSpecs
from tests.product_writing import done, read, update
from tests.shopping import Client

LAMP = "lamp-1"


def sheet(lines: int) -> list[Spec]:
    return [Spec(f"key-{line}", "Label", "value") for line in range(lines)]


class Counted(KeptSpecs):
    """A shelf that notes what its store is asked for."""

    def __init__(self, store: SpecStore, lines: int) -> None:
        super().__init__(store, lines)
        self.asked: list[list[int]] = []
        real = store.by_ids

        async def by_ids(ids: Collection[int]) -> Documents:
            self.asked.append(list(ids))
            return await real(ids)

        vars(store)["by_ids"] = by_ids

    def lines(self) -> int:
        return sum(1 + len(one) for kept in (self._new, self._old) for one in kept.values())


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncGenerator[Counted]:
    opened = Counted(open_specs(f"sqlite+aiosqlite:///{tmp_path}/specs.db", 3), lines=100)
    await opened.prepare()
    await opened.put({id_: sheet(9) for id_ in range(1, 101)})
    yield opened
    await opened.close()


async def test_sheet_is_asked_for_once(kept: Counted) -> None:
    first = await kept.by_ids([1, 2])
    again = await kept.by_ids([3, 2, 1])

    assert kept.asked == [[1, 2], [3]]
    assert again == {**first, 3: sheet(9)}


async def test_missing_sheet_is_asked_for_again_and_found_once_it_is_there(kept: Counted) -> None:
    assert await kept.by_ids([500]) == {}
    await kept.put({500: sheet(1)})

    assert await kept.by_ids([500]) == {500: sheet(1)}


async def test_as_many_lines_are_kept_as_there_is_room_for(kept: Counted) -> None:
    for id_ in range(1, 101):
        await kept.by_ids([id_, 1])
        assert kept.lines() <= 100

    # The one that was asked for all the time was asked of the store once.
    assert [ids for ids in kept.asked if 1 in ids] == [[1, 1]]


async def test_sheet_that_is_too_large_pushes_nobody_out(kept: Counted) -> None:
    await kept.put({600: sheet(80)})
    for _ in range(3):
        assert (await kept.by_ids([600, 1]))[600] == sheet(80)

    assert kept.asked == [[600, 1], [600], [600]]
    assert kept.lines() <= 100


async def test_removed_sheet_is_gone(kept: Counted) -> None:
    await kept.by_ids([1, 2])
    await kept.remove([1])

    assert await kept.by_ids([1, 2]) == {2: sheet(9)}
    assert kept.lines() == kept._lines == 10


async def test_setting_decides_whether_sheets_are_kept(embedded_settings: Settings) -> None:
    found = []
    for lines in (0, 10):
        settings = embedded_settings.model_copy(update={"specs_cache_lines": lines})
        async with open_stores(settings) as stores:
            found.append(isinstance(stores.specs, KeptSpecs))

    assert found == [False, True]


async def _after_an_edit(shop: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """Return the weight of a lamp whose sheet is kept: as it was edited, and as it is shown."""
    stores = replace(shop.mall.stores, specs=KeptSpecs(shop.mall.stores.specs, 1_000))
    monkeypatch.setattr(shop.mall, "stores", stores)
    before = await read(shop, LAMP)
    weight = {"key": "weight", "value": {"number": "9.9"}}
    edited = done(await update(shop, before, specs=[weight]))
    return edited["specs"], (await read(shop, LAMP))["specs"]


async def test_edited_sheet_is_shown_at_once(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    edited, shown = await _after_an_edit(shop, monkeypatch)

    assert edited == shown
    assert "9.9" in str(shown)


async def test_twin_whose_sheets_have_the_id_of_their_product_is_stale(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_ids = KeptSpecs.by_ids
    first: dict[int, int] = {}

    async def by_product(self: KeptSpecs, ids: Collection[int]) -> Documents:
        # As if the first document of this shop's only edited product had its id for ever.
        asked = [first.setdefault(0, id_) for id_ in ids]
        found = await by_ids(self, asked)
        return dict(zip(ids, found.values(), strict=True))

    monkeypatch.setattr(KeptSpecs, "by_ids", by_product)
    _, shown = await _after_an_edit(shop, monkeypatch)

    assert "9.9" not in str(shown)
