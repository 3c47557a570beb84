"""Whoever listens to a shop over WebSocket, and a shop that can be listened to."""

import asyncio
import json
import shutil
import socket
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from mallgraph.app import create_app
from stores.settings import Settings
from tests import shopping
from tests.buying import key
from tests.shopping import Client

STOCK = """subscription ($ids: [ID!]!) { inventoryChanged(variantIds: $ids) {
  kind reservedDelta onHandDelta } }"""
ADJUST = """mutation ($key: ID!, $input: AdjustInventoryInput!) {
  adjustInventory(idempotencyKey: $key, input: $input) { userErrors { message } } }"""

PROTOCOL = Subprotocol("graphql-transport-ws")
#: How long an answer may take; what must not come is waited for less.
SECONDS, QUIET_SECONDS = 10.0, 0.7


class Ear:
    """One connection, and what it heard, by the name of the subscription."""

    def __init__(self, connection: ClientConnection) -> None:
        self.socket = connection

    async def send(self, **message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def next(self, seconds: float = SECONDS) -> dict[str, Any]:
        """Return the next message that is no ping; those are answered."""
        async with asyncio.timeout(seconds):
            while (message := json.loads(await self.socket.recv()))["type"] == "ping":
                await self.send(type="pong")
        told: dict[str, Any] = message
        return told

    async def init(self, token: str | None = None) -> "Ear":
        payload = {"Authorization": f"Bearer {token}"} if token else {}
        await self.send(type="connection_init", payload=payload)
        assert await self.next() == {"type": "connection_ack"}
        return self

    async def subscribe(self, query: str, id_: str | None = None, /, **variables: object) -> str:
        """Begin an operation and return its id."""
        name = id_ or uuid.uuid4().hex
        await self.send(type="subscribe", id=name, payload={"query": query, "variables": variables})
        return name

    async def told(self, count: int = 1) -> list[dict[str, Any]]:
        """Return the data of the next messages."""
        messages = [await self.next() for _ in range(count)]
        assert {message["type"] for message in messages} <= {"next"}, messages
        return [message["payload"]["data"] for message in messages]

    async def quiet(self) -> None:
        """Fail if anything is told for a while."""
        heard = None
        with suppress(TimeoutError):
            heard = await self.next(QUIET_SECONDS)
        assert heard is None

    async def end(self) -> tuple[int | None, str]:
        """Return code and reason when the other side ends it, whatever it says before."""
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    await self.socket.recv()
        except ConnectionClosed as closed:
            received = closed.rcvd
        return (received.code, received.reason) if received else (None, "")


@asynccontextmanager
async def listening(
    address: str, token: str | None = None, *, starts: bool = True, **options: Any
) -> AsyncGenerator[Ear]:
    """Open a connection; it is initialised, unless told otherwise."""
    url = f"{address.replace('http', 'ws')}/graphql"
    chosen = {"subprotocols": [PROTOCOL], "proxy": None, **options}
    async with connect(url, **chosen) as connection:
        ear = Ear(connection)
        yield await ear.init(token) if starts else ear


@asynccontextmanager
async def open_house(
    chosen: Settings,
) -> AsyncGenerator[tuple[Client, str]]:
    """Open a shop on a port, and yield a client that looks behind the counter, and its address."""
    opened = create_app(chosen)
    config = uvicorn.Config(opened, log_config=None, timeout_graceful_shutdown=3)
    server, listening = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
    # Connections inherit it: who does not read is noticed after some thousand bytes.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        assert not running.done()
        await asyncio.sleep(0.01)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        async with httpx2.AsyncClient(trust_env=False, base_url=address) as http:
            yield Client(http, opened.state.mall, chosen), address
    finally:
        server.should_exit = True
        await running


def copied(folder: Path, small_folder: Path, **more: Any) -> Settings:
    """Return the settings of a copy of the small shop, in files."""
    chosen = shopping.settings(folder, **more)
    shutil.copytree(small_folder, chosen.data_dir, dirs_exist_ok=True)
    return chosen


async def adjust(client: Client, variant_id: str) -> None:
    """Find four more units of a variant of Harbour."""
    stocks = await client.ask("{ warehouses { id } }", "mia")
    change = {
        "variantId": variant_id,
        "warehouseId": stocks["warehouses"][0]["id"],
        "onHand": {"delta": 4},
    }
    told = {"changes": [change], "reason": "Found behind the shelf."}
    data = await client.ask(ADJUST, "mia", key=key(), input=told)
    assert data["adjustInventory"]["userErrors"] == []
