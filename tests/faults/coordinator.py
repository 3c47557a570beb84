"""Coordinators that die: each pays one order by the balance, in a process of its own.

    with coordinators() as some:
        status = await some.pay(settings, order, point="behind the try")

One process has everything imported, and forks for each payment; so a death costs milliseconds.
What a dead process leaves behind is what `kill -9` leaves: connections that are cut, transactions
that nobody ends.
"""

import asyncio
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.at_work import at_work
from resolvers import payment_calls
from resolvers.context import Mall
from resolvers.mutations import run
from resolvers.payment_starting import START_PAYMENT, StartPayment
from resolvers.viewers import Viewer
from stores import open_stores
from stores.order_numbers import LENGTH
from stores.settings import Settings
from stores.users import Role
from tests.faults import crash_points

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Order:
    """An order to pay, as it was read, and the key that it is paid under."""

    shopper: str
    user_id: int
    number: str
    version: int
    key: str


@dataclass
class Coordinators:
    """The process that forks."""

    process: subprocess.Popen[str]

    async def pay(
        self, settings: Settings, order: Order, point: str, *, is_twin: bool = False
    ) -> int:
        """Let a coordinator pay, and die at a point; return its exit status.

        A twin writes no decision down.
        """
        told = {
            "settings": _plain(settings),
            "order": vars(order),
            "point": point,
            "is_twin": is_twin,
        }
        return int(await asyncio.to_thread(self._asked, json.dumps(told)))

    def _asked(self, line: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(line, file=self.process.stdin, flush=True)
        return self.process.stdout.readline()


@contextmanager
def coordinators() -> Generator[Coordinators]:
    """Yield the process that forks; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.coordinator"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Coordinators(process)


def _plain(settings: Settings) -> dict[str, Any]:
    """Return the settings that were set, with their secrets."""
    told = settings.model_dump(exclude_unset=True)
    return {name: _word(value) for name, value in told.items() if value is not None}


def _word(value: Any) -> Any:
    reveal = getattr(value, "get_secret_value", None)
    value = reveal() if reveal else getattr(value, "value", value)
    return str(value) if isinstance(value, Path) else value


def _serve() -> None:
    warm: list[Any] = []
    for line in sys.stdin:
        told = json.loads(line)
        if told["settings"] not in warm:
            _warm(told)
            warm.append(told["settings"])
        child = os.fork()
        if child == 0:
            _live(told)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  Whoever asked reads it.


def _warm(told: Mapping[str, Any]) -> None:
    """Prepare what every payment needs, by one of an order that nobody has."""
    order = Order(**told["order"] | {"number": "0" * LENGTH, "key": "warm"})
    asyncio.run(_pay(_settings(told), order))


def _settings(told: Mapping[str, Any]) -> Settings:
    return Settings(_env_file=None, **told["settings"])


def _live(told: Mapping[str, Any]) -> None:
    settings = _settings(told)
    if told["is_twin"]:
        crash_points.forget_decisions()
    crash_points.arm(settings.accounts_by.value, told["point"])
    status = 1
    try:
        asyncio.run(_pay(settings, Order(**told["order"])))
        status = 0
    except Exception:  # noqa: BLE001  Nobody else tells of it: the process is at its end.
        traceback.print_exc()
    finally:
        os._exit(status)


async def _pay(settings: Settings, order: Order) -> None:
    async with open_stores(settings) as stores:
        mall = Mall(stores, settings)
        async with at_work(mall):
            await paid(mall, order)


async def paid(mall: Mall, order: Order) -> None:
    """Do what startPayment does, by the balance."""
    viewer = Viewer(order.user_id, frozenset({Role.SHOPPER}), None)
    ctx = await mall.operation(viewer)
    wanted = StartPayment(order.number, order.version, "BALANCE")
    outcome = await run(ctx, START_PAYMENT, order.key, lambda: wanted)
    await payment_calls.follow(ctx, outcome)


if __name__ == "__main__":
    _serve()
