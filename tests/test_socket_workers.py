"""Several processes behind one port: who listens at one is told of what is done at any other."""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from stores import leases, outbox
from stores.ids import utc_now
from stores.sql import WriteSession
from tests.buying import Buyer
from tests.eventually import eventually
from tests.kept_shops import KeptShops
from tests.shopping import Client, open_mall
from tests.sockets import Ear, listening
from tests.test_cli import Shell
from tests.test_metrics_of_workers import WRITERS, urls, value

pytestmark = [pytest.mark.server, pytest.mark.slow]

ORDERS = """subscription ($since: BigInt) { orderUpdated(since: $since) {
  publishSequence toStatus order { number } } }"""
#: Points that a look at the schema costs, and how many one may spend at once.
LOOK, POINTS, SAVED = "{ __schema { queryType { name } } }", 5_000, 80_000


@asynccontextmanager
async def two_workers(folder: Path, shops: KeptShops) -> AsyncGenerator[Client]:
    """Serve a small shop by two processes, and look behind its counter."""
    async with shops.one(folder) as chosen, open_mall(chosen) as mall:
        variables = {
            **urls(chosen),
            "MALLGRAPH_DATA_DIR": str(chosen.data_dir),
            "MALLGRAPH_RATE_LIMIT": "1",
            "MALLGRAPH_MAX_COST": str(SAVED),
        }
        with Shell(folder).serve("--workers", "2", **variables) as (address, _):
            async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
                yield Client(http, mall, chosen)


def workers(address: str) -> list[int]:
    """Return the processes that take connections, which are children of one that does not."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    port = f":{urlsplit(address).port:04X}"
    (socket,) = [f"socket:[{row[9]}]" for row in rows if row[1].endswith(port) and row[3] == "0A"]
    holders = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        # It may have ended meanwhile, or be somebody else's.
        with suppress(OSError):
            if os.readlink(link) == socket:  # noqa: PTH115  Path would look for a file.
                holders.add(int(link.parts[2]))
    return sorted(one for one in holders if _parent(one) in holders)


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


async def of_both(stack: AsyncExitStack, client: Client, who: str) -> dict[int, Ear]:
    """Open a connection to each process, while the other one stands still."""
    address = str(client.http.base_url).rstrip("/")
    found: dict[int, Ear] = {}
    for process in (both := workers(address)):
        (other,) = set(both) - {process}
        os.kill(other, signal.SIGSTOP)
        try:
            told = listening(address, client.token(who))
            found[process] = await stack.enter_async_context(told)
        finally:
            os.kill(other, signal.SIGCONT)
    return found


def steps(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    events = [one["orderUpdated"] for one in told]
    return [(one["order"]["number"], one["toStatus"]) for one in events]


async def test_orders_are_followed_across_processes_and_past_the_end_of_one(
    tmp_path: Path, small_shops: KeptShops
) -> None:
    async with two_workers(tmp_path, small_shops) as client, AsyncExitStack() as stack:
        await _started(client)
        ann, ears = Buyer(client), await of_both(stack, client, "ann")
        for ear in ears.values():
            await ear.subscribe(ORDERS)
            await ear.subscribe("{ __typename }")
            assert [(await ear.next())["type"] for _ in range(2)] == ["next", "complete"]
        order = await ann.buy({"L3-S": 1})
        heard = {process: await ear.told() for process, ear in ears.items()}
        placed = [(order["number"], "PENDING_PAYMENT")]
        assert [steps(told) for told in heard.values()] == [placed, placed]
        await _told_by_one_scrape(client)
        await _counted_together(stack, client)

        (killed, cut_off), (_, alive) = ears.items()
        os.kill(killed, signal.SIGKILL)
        assert await cut_off.end() == (None, "")
        await ann.cancel(order)
        await client.mall.stores.database.transact(_ended)
        cancelled = [(order["number"], "CANCELLED")]
        assert steps(await alive.told()) == cancelled
        # Whoever comes back, to whichever process, is told what it has missed, once.
        since = heard[killed][0]["orderUpdated"]["publishSequence"]
        async with listening(str(client.http.base_url).rstrip("/"), client.token("ann")) as ear:
            await ear.subscribe(ORDERS, since=since)
            assert steps(await ear.told()) == cancelled
            await ear.quiet()


async def _started(client: Client) -> None:
    """Wait until both processes take connections: each has told its part of the metrics."""

    async def writers() -> float:
        address = str(client.http.base_url).rstrip("/")
        return value(address, "mallgraph_pool_size", 'pool="writers"')

    await eventually(writers, 2 * WRITERS, 15)


async def _told_by_one_scrape(client: Client) -> None:
    address = str(client.http.base_url).rstrip("/")

    async def operations() -> float:
        return value(address, "mallgraph_socket_operations")

    await eventually(operations, 2.0, 8)


async def _counted_together(stack: AsyncExitStack, client: Client) -> None:
    """What a user spends at one process is missing at the other."""
    first, second = (await of_both(stack, client, "moe")).values()
    codes = []
    for ear in (first, second) * (SAVED // POINTS // 2 + 1):
        await ear.subscribe(LOOK, "1")
        told = await ear.next()
        if told["type"] == "next":
            assert (await ear.next())["type"] == "complete"
            continue
        codes += [one["extensions"]["code"] for one in told["payload"]]
    # A new document costs each process a point more, which leaves too few for one look.
    assert codes in (["RATE_LIMITED"] * 2, ["RATE_LIMITED"] * 3)


async def _ended(session: WriteSession) -> None:
    """Let the lease of the relay end, as it does some seconds after its holder did."""
    table = leases.leases
    past = table.update().where(table.c.name == outbox.LEASE)
    await session.update(past.values(until=utc_now() - timedelta(minutes=1)))
