"""How many connections come from one address: who opens them all would leave none for others."""

import asyncio
import hashlib
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from starlette.websockets import WebSocket

from graph.admission import Overloaded
from graph.client_address import address
from resolvers.context import Mall
from stores.seats import PROLONGED_SECONDS, Seats

#: Connections of one address, where clients are limited at all: at all processes together if they
#: share a Redis, else at each.
OF_ONE_ADDRESS = 500


class Seating:
    """The connections of a process, by their addresses."""

    def __init__(self) -> None:
        """Begin with none."""
        self._addresses: Counter[str] = Counter()

    @asynccontextmanager
    async def one(self, socket: WebSocket) -> AsyncGenerator[None]:
        """Count a connection while the block runs. Raises Overloaded if its address has enough."""
        mall: Mall = socket.app.state.mall
        if not mall.settings.points_per_second():
            yield
            return
        who = address(socket, mall.settings.trusted_proxies)
        with self._counted(who):
            async with _seat(mall.stores.seats, who):
                yield

    @contextmanager
    def _counted(self, who: str) -> Generator[None]:
        if self._addresses[who] >= OF_ONE_ADDRESS:
            raise Overloaded
        self._addresses[who] += 1
        try:
            yield
        finally:
            self._addresses[who] -= 1
            if not self._addresses[who]:
                del self._addresses[who]


@asynccontextmanager
async def _seat(seats: Seats, address: str) -> AsyncGenerator[None]:
    """Hold a seat among those of all processes while the block runs. Raises Overloaded."""
    who, seat = hashlib.blake2b(address.encode(), digest_size=16).hexdigest(), uuid.uuid4().hex
    if not await seats.take(who, seat, OF_ONE_ADDRESS):
        raise Overloaded
    holding = asyncio.create_task(_hold(seats, who, seat))
    try:
        yield
    finally:
        holding.cancel()
        await seats.leave(who, seat)


async def _hold(seats: Seats, who: str, seat: str) -> None:
    while True:
        await asyncio.sleep(PROLONGED_SECONDS)
        await seats.prolong(who, seat)
