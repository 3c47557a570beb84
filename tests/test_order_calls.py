"""An order of many lines asks the relational store as often as one of few."""

from collections.abc import Generator, Mapping

import pytest
from sqlalchemy import func, select

from mallgraph import app
from stores import reservations, snapshots
from tests.buying import Buyer, state
from tests.shopping import Client
from tests.statements import told

TWO = {"L5-S": 1, "L6-S": 1}
FIVE = {**TWO, "L2-S": 1, "L3-S": 1, "L4-S": 1}


@pytest.fixture(autouse=True)
def _nobody_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BACKGROUND", ())


@pytest.fixture
def asked() -> Generator[list[str]]:
    """Collect what the relational store is asked, one entry for each time."""
    seen: list[str] = []
    with told(seen.append):
        yield seen


async def _calls(
    shop: Client, asked: list[str], name: str, wanted: Mapping[str, int]
) -> tuple[int, int]:
    """Return how often the store is asked to begin a checkout, and to place its order."""
    buyer = Buyer(shop, name)
    await buyer.fill(wanted)
    asked.clear()
    assert (await buyer.begin())["userErrors"] == []
    begun = len(asked)
    assert (await buyer.place())["userErrors"] == []
    return begun, len(asked) - begun


async def _few_and_many(shop: Client, asked: list[str]) -> tuple[tuple[int, int], tuple[int, int]]:
    # What a process asks once for all is asked now.
    await _calls(shop, asked, "zoe", {"L6-S": 1})
    return await _calls(shop, asked, "ann", TWO), await _calls(shop, asked, "bob", FIVE)


async def test_order_of_five_lines_costs_as_many_calls_as_one_of_two(
    shop: Client, asked: list[str]
) -> None:
    two, five = await _few_and_many(shop, asked)

    assert two == five


async def test_twin_that_takes_line_by_line_asks_for_each(
    shop: Client, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: object) -> bool:
        return False

    monkeypatch.setattr(reservations, "take_all", none)
    (_, two), (_, five) = await _few_and_many(shop, asked)

    assert five - two == 3


async def test_twin_that_keeps_page_by_page_asks_for_each(
    shop: Client, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "_add", snapshots._add_each)
    (two, _), (five, _) = await _few_and_many(shop, asked)

    # Two of the five pages were kept for the order before; one of its two, too.
    assert five - two == 2


async def test_order_with_one_short_line_takes_nothing_and_names_it(shop: Client) -> None:
    ann, bob = Buyer(shop), Buyer(shop, "bob")
    for buyer in (ann, bob):
        await buyer.fill({"L2-S": 1, "L3-S": 2, "L4-S": 1})
        await buyer.begin()
    assert (await ann.place())["userErrors"] == []
    before = await state(shop)
    refused = await bob.place()

    assert [(one["code"], one["field"]) for one in refused["userErrors"]] == [
        ("INSUFFICIENT_STOCK", ["lines", "1", "quantity"])
    ]
    assert await state(shop) == before


async def test_pages_that_another_checkout_keeps_at_once_are_kept_once(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unseen(*_: object) -> dict[int, int]:
        monkeypatch.undo()
        return {}

    ann, bob = Buyer(shop), Buyer(shop, "bob")
    await ann.fill(TWO)
    await bob.fill(FIVE)
    assert (await ann.begin())["userErrors"] == []
    monkeypatch.setattr(snapshots, "_ids", unseen)

    assert (await bob.begin())["userErrors"] == []
    assert (await bob.place())["userErrors"] == []
    async with shop.mall.stores.database.read(fresh=True) as session:
        pages = select(func.count()).select_from(snapshots.product_snapshots)
        assert await session.row(int, pages) == len(FIVE)
