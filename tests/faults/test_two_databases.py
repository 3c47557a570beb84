"""Accounts in a database of their own: whoever dies, a payment is there in both or in neither."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import pytest

from stores.settings import Settings
from tests import shopping
from tests.conftest import create_database, drop_database, unique
from tests.eventually import eventually
from tests.faults.coordinator import Coordinators, Order, coordinators
from tests.faults.crash_points import POINTS
from tests.faults.ground import IS_LONG
from tests.faults.two_databases import PRICE_MINOR, STOCK, Till, till

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200 if IS_LONG else 120)]

T = TypeVar("T")
#: Where an order and its payments stand, and what the shopper has left.
Stand: TypeAlias = tuple[str, list[str], int]

TIMES = 20 if IS_LONG else 1
#: Of thirty, ten are waited before anybody else goes on, and three from turn to turn.
MOST_SECONDS = 30 - 10 - 2 * 3
FILES = [("embedded", "outbox"), ("embedded", "tcc")]
SERVERS = [
    pytest.param(("mariadb", "tcc"), marks=pytest.mark.server),
    pytest.param(("mariadb", "xa"), marks=pytest.mark.server),
    pytest.param(("mysql", "xa"), marks=pytest.mark.server),
]
LONG = [
    pytest.param(("mariadb", "outbox"), marks=pytest.mark.server),
    pytest.param(("mysql", "tcc"), marks=pytest.mark.server),
]
WAYS = [*FILES, *SERVERS, *(LONG if IS_LONG else ())]
#: The short form looks at what does not depend on the engine in files alone.
FEW = WAYS if IS_LONG else FILES
#: What died before others heard of it, is undone: by way.
UNHEARD = {
    "tcc": {"within the intent"},
    "outbox": {"within the intent"},
    "xa": {
        "before the branch",
        "behind XA START",
        "behind the posting",
        "behind XA END",
        "behind XA PREPARE",
    },
}
#: By way: where the money is not taken yet, or only held; an order that ends then is not paid.
UNDECIDED = {
    "tcc": ("behind the intent", "within the try", "behind the try", "within the decision"),
    "outbox": ("behind the intent", "within the taking"),
    "xa": ("behind XA PREPARE",),
}
#: Where the money was taken, and nobody knows it yet: it goes back by itself.
TAKEN = {"outbox": ("behind the taking", "within the decision")}
#: Those that a payment passes which the balance does not hold.
REFUSED = {
    "tcc": (
        "behind the intent",
        "behind the try",
        "within the decision",
        "behind the decision",
        "behind confirm or cancel",
        "behind the end",
    ),
    "outbox": ("behind the intent", "behind the taking"),
    "xa": ("behind XA START",),
}


def _run(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def homes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Callable[[str], dict[str, Any]]]:
    """Shops with two databases, one on each engine; ways take turns with it."""
    known: dict[str, dict[str, Any]] = {}
    ends: list[tuple[str, str]] = []

    def home(engine: str) -> dict[str, Any]:
        if engine not in known:
            folder = tmp_path_factory.mktemp(engine)
            known[engine] = _in_files(folder)
            if engine != "embedded":
                # The tables of one of them are there, and empty.
                second, kept = request.getfixturevalue(f"{engine}_tables")
                kept.rewind()
                ends.append((request.getfixturevalue(f"{engine}_url"), unique("shop")))
                known[engine]["sql_url"] = _run(create_database(*ends[-1]))
                known[engine]["accounts_url"] = second
            _run(shopping.fill(_settings(known[engine], "tcc"), STOCK))
        return known[engine]

    yield home
    for one in ends:
        _run(drop_database(*one))


def _in_files(folder: Path) -> dict[str, Any]:
    urls = [f"sqlite+aiosqlite:///{folder}/{name}.db" for name in ("shop", "accounts")]
    return {"sql_url": urls[0], "accounts_url": urls[1], "data_dir": folder}


def _settings(home: dict[str, Any], way: str) -> Settings:
    folder: Path = home["data_dir"]
    return Settings(_env_file=None, **home | {"data_dir": folder / "data", "accounts_by": way})


@pytest.fixture(scope="module")
def dying() -> Generator[Coordinators]:
    """Coordinators that die where they are told to."""
    with coordinators() as some:
        yield some


@pytest.fixture(params=WAYS, ids="-".join)
def settings(request: pytest.FixtureRequest, homes: Callable[[str], dict[str, Any]]) -> Settings:
    """A shop with its accounts elsewhere, by each way to agree."""
    engine, way = request.param
    return _settings(homes(engine), way)


def way_of(settings: Settings) -> str:
    return settings.accounts_by.value


async def _crashed(its: Till, points: Sequence[str], *, is_rich: bool = True) -> list[Order]:
    """Let a coordinator die at each point, each with a payment of its own."""
    orders = await its.orders(len(points), is_rich=is_rich)
    return [
        await its.crash(order, point, is_rich=is_rich)
        for order, point in zip(orders, points, strict=True)
    ]


async def _stands(its: Till, order: Order) -> Stand:
    """Return where an order and its payments stand, and what the shopper has left."""
    seen = await its.seen(order)
    statuses = [one["status"] for one in seen["payments"]]
    return seen["status"], statuses, await its.balance(order)


async def test_payment_whose_coordinator_died_is_in_both_databases_or_in_neither(
    settings: Settings, dying: Coordinators
) -> None:
    points = list(POINTS[way_of(settings)])
    async with till(settings, dying) as its:
        for _ in range(TIMES):
            orders = await _crashed(its, points)
            seconds = await its.recover()
            before = [await _stands(its, order) for order in orders]
            codes = [await its.again(order) for order in orders]
            behind = [await _stands(its, order) for order in orders]

            neither: Stand = ("PENDING_PAYMENT", [], PRICE_MINOR)
            both: Stand = ("PAID", ["PAID"], 0)
            heard = UNHEARD[way_of(settings)]
            wanted = {point: neither if point in heard else both for point in points}
            assert dict(zip(points, before, strict=True)) == wanted
            # Sent again with the same key, all are paid, and none twice.
            assert (codes, behind) == ([[]] * len(points), [both] * len(points))
            assert seconds < MOST_SECONDS
            assert not await its.left()
        assert await its.faults() == []


@pytest.mark.parametrize("settings", FEW, indirect=True, ids="-".join)
async def test_order_that_ends_before_the_decision_costs_nothing(
    settings: Settings, dying: Coordinators
) -> None:
    way = way_of(settings)
    held, taken = UNDECIDED[way], TAKEN.get(way, ())
    async with till(settings, dying) as its:
        for _ in range(TIMES):
            orders = await _crashed(its, [*held, *taken])
            for order in orders:
                await its.cancel(order)
            await its.recover()
            found = [await _stands(its, order) for order in orders]

            # By XA nobody has heard of a payment that was not committed.
            voided = "CANCELLED", [] if way == "xa" else ["VOIDED"], PRICE_MINOR
            back = "CANCELLED", ["REFUNDED"], PRICE_MINOR
            assert found == [voided] * len(held) + [back] * len(taken)
            assert not await its.left()
        assert await its.faults() == []


@pytest.mark.parametrize("settings", FEW, indirect=True, ids="-".join)
async def test_payment_that_the_balance_does_not_hold_is_refused_whoever_dies(
    settings: Settings, dying: Coordinators
) -> None:
    points = REFUSED[way_of(settings)]
    async with till(settings, dying) as its:
        for _ in range(TIMES):
            orders = await _crashed(its, points, is_rich=False)
            await its.recover()
            codes = [await its.again(order) for order in orders]
            found = [await _stands(its, order) for order in orders]

            statuses = [] if way_of(settings) == "xa" else ["FAILED"]
            assert codes == [["INSUFFICIENT_BALANCE"]] * len(points)
            assert found == [("PENDING_PAYMENT", statuses, 0)] * len(points)
            assert not await its.left()
        assert await its.faults() == []


@pytest.mark.skipif(not IS_LONG, reason="It waits for the clock.")
async def test_shop_that_is_open_ends_everything_within_thirty_seconds(
    settings: Settings, dying: Coordinators
) -> None:
    way = way_of(settings)
    async with till(settings, dying) as its:
        orders = await _crashed(its, list(POINTS[way]))
        await eventually(its.left, Counter(), seconds=30)
        found = Counter([(await _stands(its, order))[0] for order in orders])

        unheard = len(UNHEARD[way])
        assert found == {"PAID": len(orders) - unheard, "PENDING_PAYMENT": unheard}
        assert await its.faults() == []


@pytest.mark.parametrize("way", ["tcc", "outbox"] if IS_LONG else ["tcc"])
async def test_without_a_row_that_decides_the_money_is_lost(
    way: str, tmp_path: Path, dying: Coordinators
) -> None:
    settings = _settings(_in_files(tmp_path), way)
    await shopping.fill(settings, STOCK)
    async with till(settings, dying) as its:
        (order,) = await its.orders(1)
        await dying.pay(settings, order, "behind the decision", is_twin=True)
        with suppress(AssertionError):
            await its.recover(patience_seconds=1)

        assert (await _stands(its, order))[0] == "PAID"
        assert "CHARGE_SUCCESS, by the ledger: 300" in str(await its.faults())
