"""Accounts in a database of their own: whoever dies, a payment is there in both or in neither."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from stores.settings import Settings
from tests import shopping
from tests.conftest import create_database, drop_database, unique
from tests.faults.crash_points import POINTS
from tests.faults.ground import IS_LONG
from tests.faults.two_databases import PRICE_MINOR, STOCK, Till, till

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200 if IS_LONG else 120)]

T = TypeVar("T")

TIMES = 20 if IS_LONG else 1
WAYS = [
    ("embedded", "outbox"),
    ("embedded", "tcc"),
    pytest.param(("mariadb", "outbox"), marks=pytest.mark.server),
    pytest.param(("mariadb", "tcc"), marks=pytest.mark.server),
    pytest.param(("mariadb", "xa"), marks=pytest.mark.server),
    pytest.param(("mysql", "xa"), marks=pytest.mark.server),
]
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
            urls = [f"sqlite+aiosqlite:///{folder}/{name}.db" for name in ("shop", "accounts")]
            if engine != "embedded":
                server = request.getfixturevalue(f"{engine}_url")
                ends.extend((server, unique(name)) for name in ("shop", "accounts"))
                urls = [_run(create_database(*one)) for one in ends[-2:]]
            known[engine] = {"sql_url": urls[0], "accounts_url": urls[1], "data_dir": folder}
            _run(shopping.fill(_settings(known[engine], "tcc"), STOCK))
        return known[engine]

    yield home
    for one in ends:
        _run(drop_database(*one))


def _settings(home: dict[str, Any], way: str) -> Settings:
    folder: Path = home["data_dir"]
    return Settings(_env_file=None, **home | {"data_dir": folder / "data", "accounts_by": way})


@pytest.fixture(params=WAYS, ids="-".join)
def settings(request: pytest.FixtureRequest, homes: Callable[[str], dict[str, Any]]) -> Settings:
    """A shop with its accounts elsewhere, by each way to agree."""
    engine, way = request.param
    return _settings(homes(engine), way)


def way_of(its: Till) -> str:
    return its.settings.accounts_by.value


async def test_payment_whose_coordinator_died_is_in_both_databases_or_in_neither(
    settings: Settings,
) -> None:
    async with till(settings) as its:
        await its.deposit(10 * TIMES * PRICE_MINOR)
        for point in list(POINTS[way_of(its)]) * TIMES:
            order = await its.order()
            await its.crash(order, point)
            await its.recover()
            assert await its.again(order) == [], point
            seen = await its.seen(order)
            its.balance -= PRICE_MINOR

            assert (seen["status"], seen["paymentStatus"]) == ("PAID", "PAID"), point
            assert [one["status"] for one in seen["payments"]] == ["PAID"], point
            assert await its.balance_now() == its.balance, point
            assert not await its.left(), point
        assert await its.faults() == []


async def test_order_that_ends_before_the_decision_costs_nothing(settings: Settings) -> None:
    async with till(settings) as its:
        await its.deposit(2 * TIMES * PRICE_MINOR)
        goes_back = TAKEN.get(way_of(its), ())
        for point in [*UNDECIDED[way_of(its)], *goes_back] * TIMES:
            order = await its.order()
            await its.crash(order, point)
            await its.cancel(order)
            await its.recover()
            seen = await its.seen(order)
            statuses = [one["status"] for one in seen["payments"]]
            # By XA nobody has heard of a payment that was not committed.
            wanted = [] if way_of(its) == "xa" else ["VOIDED"]

            assert statuses == (["REFUNDED"] if point in goes_back else wanted), point
            assert seen["status"] == "CANCELLED", point
            assert await its.balance_now() == its.balance, point
            assert not await its.left(), point
        assert await its.faults() == []


async def test_payment_that_the_balance_does_not_hold_is_refused_whoever_dies(
    settings: Settings,
) -> None:
    async with till(settings) as its:
        await its.spend()
        for point in REFUSED[way_of(its)] * TIMES:
            order = await its.order()
            await its.crash(order, point)
            await its.recover()
            assert await its.again(order) == ["INSUFFICIENT_BALANCE"], point
            seen = await its.seen(order)
            wanted = [] if way_of(its) == "xa" else ["FAILED"]

            assert [one["status"] for one in seen["payments"]] == wanted, point
            assert seen["status"] == "PENDING_PAYMENT", point
            assert await its.balance_now() == 0, point
            assert not await its.left(), point
        assert await its.faults() == []
