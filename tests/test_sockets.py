"""WebSocket by graphql-transport-ws: who may open one, what it may say, and how it ends."""

import asyncio
import hashlib
import json
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

import graph.sockets.connection
import graph.sockets.endpoint
import graph.sockets.seats
from graph import nodes
from resolvers import users
from stores.local_issuer import LocalIssuer
from stores.users import Role
from tests.buying import Buyer, by_sku
from tests.eventually import eventually
from tests.shopping import Client
from tests.sockets import STOCK, Ear, adjust, copied, listening, open_house

ORDERS = "subscription { orderUpdated { id } }"
NUMBER = "query ($id: ID!) { node(id: $id) { ... on OrderEvent { order { number } } } }"
ME = "{ me { roles } }"
#: Its answer has some hundred thousand bytes.
LONG = "{ __schema { types { description fields { name description args { description } } } } }"


@pytest.fixture
async def house(tmp_path: Path, small_folder: Path) -> AsyncGenerator[tuple[Client, str]]:
    """A small shop in files that listens on a port, and trusts the pages of one other host."""
    chosen = copied(
        tmp_path,
        small_folder,
        socket_origins="https://shop.example, http://b",
        viewer_ttl_seconds=0,
    )
    async with open_house(chosen) as opened:
        yield opened


async def test_connection_ends_with_a_code_that_says_why(
    house: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = house
    init = {"type": "connection_init"}
    signed_in = init | {"payload": {"authorization": f"Bearer {client.token('ann')}"}}
    asked = {"type": "subscribe", "id": "1", "payload": {"query": ORDERS}}
    bad: list[tuple[list[Any], int]] = [
        (["no JSON"], 4400),
        (["[1]"], 4400),
        ([{"type": "start", "id": "1"}], 4400),
        ([{"type": 1}], 4400),
        ([init | {"payload": [1]}], 4400),
        ([init, asked | {"id": ""}], 4400),
        ([init, asked | {"payload": {"query": 1}}], 4400),
        ([init, asked | {"payload": {"query": "{a}", "variables": 1}}], 4400),
        ([init, asked | {"payload": {"query": "{a}", "variables": {"a": [1] * 10_000}}}], 4400),
        ([asked], 4401),
        ([init | {"payload": {"Authorization": "Bearer abc"}}], 4403),
        ([init | {"payload": {"authorization": "abc"}}], 4403),
        ([init, init], 4429),
        ([signed_in, asked, asked], 4409),
        (["x" * 300_000], 1009),
    ]
    found = []
    for messages, _ in bad:
        async with listening(address, starts=False) as ear:
            for message in messages:
                await ear.socket.send(message if isinstance(message, str) else json.dumps(message))
            found.append((messages, (await ear.end())[0]))
    assert found == bad
    async with listening(address, starts=False) as ear:
        await ear.socket.send(b"{}")
        assert (await ear.end())[0] == 4400
    monkeypatch.setattr(graph.sockets.connection, "INIT_SECONDS", 0.1)
    async with listening(address, starts=False) as ear:
        assert await ear.end() == (4408, "Connection initialisation timeout")


async def test_only_the_one_protocol_is_spoken_and_only_to_pages_that_are_trusted(
    house: tuple[Client, str],
) -> None:
    _, address = house
    for offered in (None, ["graphql-ws"]):
        async with listening(address, starts=False, subprotocols=offered) as ear:
            assert await ear.end() == (4406, "Offer the subprotocol graphql-transport-ws.")
    for origin in (address, "https://shop.example", "HTTPS://SHOP.EXAMPLE", "http://b"):
        async with listening(address, origin=origin) as ear:
            await ear.subscribe("{ __typename }")
            assert await ear.told() == [{"__typename": "Query"}]
    for origin in (
        "https://evil.example",
        "https://shop.example.evil",
        "null",
        "http://shop.example",
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with listening(address, origin=origin):
                pass
        assert refused.value.response.status_code == 403
        told = json.loads(refused.value.response.body or b"")
        assert told["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


async def test_one_address_leaves_room_for_others(
    tmp_path: Path, small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph.sockets.seats, "OF_ONE_ADDRESS", 2)
    found = []
    for limit in (1_000, 0):
        limits: dict[str, Any] = {"rate_limit": limit, "trusted_proxies": "127.0.0.1"}
        chosen = copied(tmp_path / str(limit), small_folder, **limits)
        async with open_house(chosen) as (_, address):
            # Who has left is not counted.
            found += [await _opened(address, *"aaabab") for _ in range(2)]
    # Where nobody is limited, nobody is here either.
    some, every = list("aabb"), list("aaabab")
    assert found == [some, some, every, every]


async def _opened(address: str, *whose: str) -> list[str]:
    """Return who may keep a connection open, of those who come one after the other."""
    hosts, let_in = {"a": "1.2.3.4", "b": "2001:db8::1"}, []
    async with AsyncExitStack() as stack:
        for who in whose:
            headers = {"X-Forwarded-For": hosts[who]}
            try:
                await stack.enter_async_context(listening(address, additional_headers=headers))
                let_in.append(who)
            except InvalidStatus as refused:
                told = refused.response.status_code, refused.response.headers.get("Retry-After")
                let_in += [] if told == (503, "1") else [str(told)]
    return let_in


async def test_operations_are_answered_as_over_http(house: tuple[Client, str]) -> None:
    client, address = house
    wrong = [
        "{",
        "{ nothing }",
        "query A { a: __typename } query B { b: __typename }",
        "{ order(number: 1) { id } }",
        "subscription { orderUpdated { id } inventoryChanged(variantIds: []) { id } }",
        f"{{ {' '.join(f'a{n}: __typename' for n in range(3_000))} }}",
    ]
    async with listening(address, client.token("ann")) as ear:
        await ear.subscribe(ME, "1")
        assert await ear.next() == {
            "type": "next",
            "id": "1",
            "payload": {"data": {"me": {"roles": ["SHOPPER"]}}},
        }
        assert await ear.next() == {"type": "complete", "id": "1"}
        for document in wrong:
            await ear.subscribe(document, "2")
            told, over_http = await ear.next(), await client.send(document, "ann")
            if document.startswith("subscription"):
                assert told["type"] == "error"
            else:
                assert told == {"type": "error", "id": "2", "payload": over_http["errors"]}
        await ear.send(type="ping")
        assert await ear.next() == {"type": "pong"}
    # A header of the handshake does as well; without either a visitor asks.
    headers = {"Authorization": f"Bearer {client.token('mia')}"}
    for sent, roles in ((headers, ["MERCHANT"]), ({}, None)):
        async with listening(address, additional_headers=sent) as ear:
            await ear.subscribe(ME)
            assert await ear.told() == [{"me": roles and {"roles": roles}}]
    over_http = await client.send(ORDERS, "ann")
    assert [one["extensions"]["code"] for one in over_http["errors"]] == ["BAD_REQUEST"]


async def test_connection_has_twenty_operations_and_leaves_nothing_behind(
    house: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = house
    async with listening(address, client.token("ola")) as ear:
        ids = [await ear.subscribe(ORDERS) for _ in range(21)]
        refused = await ear.next()
        assert (refused["type"], refused["id"]) == ("error", ids[-1])
        assert refused["payload"][0]["extensions"] == {"code": "TOO_MANY_OPERATIONS"}
        await eventually(listeners(client), 20)
        for id_ in ids[:5]:
            await ear.send(type="complete", id=id_)
        await eventually(listeners(client), 15)
        # An id is free as soon as its operation has ended.
        await ear.subscribe(ORDERS, ids[0])
        await eventually(listeners(client), 16)
        ear.socket.transport.abort()
    await eventually(listeners(client), 0)

    # The twin, which does not count them.
    monkeypatch.setattr(graph.sockets.connection, "OPERATIONS", float("inf"))
    async with listening(address, client.token("ola")) as ear:
        for _ in range(21):
            await ear.subscribe(ORDERS)
        await eventually(listeners(client), 21)


@pytest.mark.slow
async def test_who_says_nothing_or_reads_nothing_is_let_go(
    house: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = house
    monkeypatch.setattr(graph.sockets.connection, "KEEPALIVE_SECONDS", 0.2)
    monkeypatch.setattr(graph.sockets.connection, "SEND_SECONDS", 0.3)
    async with listening(address, client.token("ola")) as ear:
        # Whoever answers pings stays.
        await ear.subscribe(ORDERS)
        await ear.quiet()
        await eventually(listeners(client), 1)
        assert await ear.end() == (4408, "No answer to a ping.")
    await eventually(listeners(client), 0)
    monkeypatch.setattr(graph.sockets.connection, "KEEPALIVE_SECONDS", 60)
    async with AsyncExitStack() as stack:
        ear = await stack.enter_async_context(
            listening(address, client.token("ola"), max_queue=1, compression=None)
        )
        ear.socket.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096
        )
        await ear.subscribe(ORDERS)
        await eventually(listeners(client), 1)
        ear.socket.transport.pause_reading()
        # So much is kept for it by both ends of the network; with more, it is let go.
        async with asyncio.timeout(20):
            while client.mall.feed.listeners:
                await ear.subscribe(LONG)
                await asyncio.sleep(0.02)
        ear.socket.transport.abort()


async def test_who_says_very_much_at_once_keeps_nobody_waiting(house: tuple[Client, str]) -> None:
    _, address = house
    async with listening(address, compression=None) as ear:
        turns, longest = await _turns(ear, b'{"type":"complete","id":"x"}', 8_000)
    # Whoever is served in between has a turn for each message.
    assert turns > 8_000, longest


async def _turns(ear: Ear, message: bytes, many: int) -> tuple[int, float]:
    """Return how often, and how late, others have their turn while messages come at once."""
    frame = bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message
    ear.socket.transport.write(frame * many)
    await ear.send(type="ping")
    heard, turns, longest = asyncio.ensure_future(ear.next()), 0, 0.0
    while not heard.done():
        began = time.perf_counter()
        await asyncio.sleep(0)
        turns, longest = turns + 1, max(longest, time.perf_counter() - began)
    assert heard.result() == {"type": "pong"}
    return turns, longest


@pytest.mark.slow
async def test_token_that_expires_ends_the_connection_and_a_lost_role_the_subscription(
    house: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = house
    monkeypatch.setattr(graph.sockets.connection, "KEEPALIVE_SECONDS", 0.5)
    # The clocks of the shop and of the issuer may differ by ten seconds.
    short = LocalIssuer(client.settings).token("ann", timedelta(seconds=-8))
    async with listening(address, short) as ear:
        await ear.quiet()
        with pytest.raises(ConnectionClosed) as closed:
            await ear.next()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4403
        assert closed.value.rcvd.reason.startswith("The token expired at ")
    async with listening(address, client.token("ola")) as ear:
        variant = (await by_sku(client, {"L3-S": 1}))["L3-S"]
        id_ = nodes.encode("ProductVariant", variant.id)
        await ear.subscribe(STOCK, "1", ids=[id_])
        await adjust(client, id_)
        await ear.told()
        await users.grant(client.mall, "ola", (Role.SHOPPER,), None)
        await adjust(client, id_)
        told = await ear.next()
        assert (told["type"], told["id"]) == ("error", "1")
        assert told["payload"][0]["extensions"] == {"code": "FORBIDDEN"}


async def test_documents_may_be_named_by_their_hash(house: tuple[Client, str]) -> None:
    client, address = house
    digest = hashlib.sha256(ORDERS.encode()).hexdigest()
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    async with listening(address, client.token("ann")) as ear:
        await ear.send(type="subscribe", id="1", payload=named)
        told = await ear.next()
        assert (told["type"], told["payload"][0]["message"]) == ("error", "PersistedQueryNotFound")
        for payload in (named | {"query": ORDERS}, named):
            await ear.send(type="subscribe", id="2", payload=payload)
            await eventually(listeners(client), 1)
            order = await Buyer(client).buy({"L5-S": 1})
            ((event,),) = [list(one.values()) for one in await ear.told()]
            number = (await client.ask(NUMBER, "ann", id=event["id"]))["node"]["order"]["number"]
            assert number == order["number"]
            await ear.send(type="complete", id="2")
            await eventually(listeners(client), 0)


def listeners(client: Client) -> Callable[[], Awaitable[int]]:
    async def look() -> int:
        return client.mall.feed.listeners

    return look
