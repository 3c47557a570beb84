"""Who follows orders misses none and hears none twice, whatever is killed meanwhile."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from stores.local_issuer import LocalIssuer
from stores.order_events import order_events
from stores.settings import Settings
from tests.eventually import eventually
from tests.faults.ground import FAIR, IS_LONG, Ground, ground
from tests.sockets import listening

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 if IS_LONG else 120)]

SHOPPERS = 100 if IS_LONG else 8
KILLS = 10 if IS_LONG else 1
STOCK = {"red": 10_000, "blue": 10_000}
ORDERS = """subscription ($since: BigInt) {
  orderUpdated(since: $since) { publishSequence toStatus order { number } } }"""


class Follower:
    """Follows all orders, over as many connections as it takes."""

    def __init__(self, address: str, token: str) -> None:
        """Begin with the first event there ever was."""
        self.address, self.token = address, token
        self.since = "0"
        self.heard: list[dict[str, Any]] = []
        self.ends: list[int | None] = []

    async def follow(self) -> None:
        """Listen until cancelled; connect again whenever the connection breaks."""
        while True:
            with suppress(OSError, InvalidHandshake, TimeoutError, AssertionError):
                await self._listen()
            await asyncio.sleep(0.05)

    async def _listen(self) -> None:
        try:
            async with listening(self.address, self.token) as ear:
                await ear.subscribe(ORDERS, since=self.since)
                while True:
                    message = await ear.next(60)
                    assert message["type"] == "next", message
                    event = message["payload"]["data"]["orderUpdated"]
                    self.since = event["publishSequence"]
                    self.heard.append(event)
                    if len(self.heard) % 5 == 0:
                        # Also the client may break it, in the middle of whatever comes.
                        ear.socket.transport.abort()
        except ConnectionClosed as closed:
            self.ends.append(closed.rcvd.code if closed.rcvd else None)


async def happened(its: Ground) -> int:
    async with its.database.read(fresh=True) as session:
        return await session.row(int, select(func.count()).select_from(order_events)) or 0


async def test_follower_hears_each_event_once_though_server_and_connection_are_killed(
    place: Settings, tmp_path: Path
) -> None:
    async with ground(place, tmp_path, STOCK, weather=FAIR, twin="short_lease") as its:
        token = LocalIssuer(place).token("ola", timedelta(minutes=10))
        follower = Follower(f"http://127.0.0.1:{its.server.port}", token)
        following = asyncio.create_task(follower.follow())
        placed: list[str] = []

        async def buy(number: int) -> None:
            shopper = its.shopper(f"buyer-{number}")
            await shopper.fill({"red": 1})
            await shopper.begin()
            order = (await shopper.place())["order"]
            placed.append(order["number"])
            if number % 2:
                await shopper.cancel(order)

        buying = asyncio.gather(*(buy(number) for number in range(SHOPPERS)))
        await its.killed(KILLS, SHOPPERS, lambda: len(placed))
        await buying
        wanted = await happened(its)

        async def heard() -> int:
            return len(follower.heard)

        await eventually(heard, wanted, 20)
        await asyncio.sleep(0.7)
        its.server.tell_to_stop()
        assert await its.server.ended() == 0
        following.cancel()
        its.report(f"following orders, {wanted} events, ends {follower.ends}")

        sequences = [int(event["publishSequence"]) for event in follower.heard]
        assert sequences == sorted(set(sequences))
        steps = {(one["order"]["number"], one["toStatus"]) for one in follower.heard}
        assert len(steps) == wanted == SHOPPERS + SHOPPERS // 2
        assert follower.ends[-1] == 1001
        assert "Traceback" not in its.server.told()
