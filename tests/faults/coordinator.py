"""Coordinators that die: each pays one order by the balance, in a process of its own.

    async with coordinators() as pay:
        status = await pay(settings, order, point="behind the try")

One process has everything imported, and forks for each payment; so a death costs milliseconds.
What a dead process leaves behind is what `kill -9` leaves: connections that are cut, transactions
that nobody ends.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
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

    process: asyncio.subprocess.Process

    async def pay(self, settings: Settings, order: Order, point: str | None = None) -> int:
        """Let a coordinator pay, and die at a point; return its exit status."""
        told = {"settings": _plain(settings), "order": vars(order), "point": point}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(told).encode() + b"\n")
        await self.process.stdin.drain()
        return int(await self.process.stdout.readline())


@asynccontextmanager
async def coordinators() -> AsyncGenerator[Coordinators]:
    """Yield the process that forks; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.coordinator",
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Coordinators(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def _plain(settings: Settings) -> dict[str, Any]:
    """Return the settings that were set, with their secrets."""
    told = settings.model_dump(exclude_unset=True)
    return {name: _word(value) for name, value in told.items() if value is not None}


def _word(value: Any) -> Any:
    reveal = getattr(value, "get_secret_value", None)
    value = reveal() if reveal else getattr(value, "value", value)
    return str(value) if isinstance(value, Path) else value


def _serve() -> None:
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(told)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  Whoever asked reads it.


def _live(told: Mapping[str, Any]) -> None:
    settings = Settings(_env_file=None, **told["settings"])
    if told["point"]:
        crash_points.arm(settings.accounts_by.value, told["point"])
    status = 1
    try:
        asyncio.run(_pay(settings, Order(**told["order"])))
        status = 0
    finally:
        os._exit(status)


async def _pay(settings: Settings, order: Order) -> None:
    async with open_stores(settings) as stores:
        mall = Mall(stores, settings)
        async with at_work(mall):
            viewer = Viewer(order.user_id, frozenset({Role.SHOPPER}), None)
            ctx = await mall.operation(viewer)
            wanted = StartPayment(order.number, order.version, "BALANCE")
            outcome = await run(ctx, START_PAYMENT, order.key, lambda: wanted)
            await payment_calls.follow(ctx, outcome)


if __name__ == "__main__":
    _serve()
