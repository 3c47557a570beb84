"""What lies between the network and the shop: heads, frames, and who is believed."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from mallgraph.cli import going_away, short_heads, slow_readers
from mallgraph.cli.serve import configured, doors
from mallgraph.cli.short_heads import MAX_HEAD
from stores.settings import Settings
from tests import shopping

pytestmark = pytest.mark.slow

#: More than both ends of the network keep.
MUCH = 40_000_000
ASKED = b"GET / HTTP/1.1\r\nhost: shop\r\n"
SHAKEN = (
    ASKED + b"connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
#: A ping of 100 bytes, and parts of a message that have none; masked with zeros.
PING = bytes([0x89, 0x80 | 100]) + bytes(4 + 100)
FIRST, MORE = bytes([0x01, 0x80]) + bytes(4), bytes([0x00, 0x80]) + bytes(4)


#: What requests for /gone were told of their clients.
gone: list[str] = []


async def _told(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell who asks, by which scheme; over WebSocket, listen and say nothing."""
    assert scope["type"] != "lifespan"
    await receive()
    if scope["path"] == "/much":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(MUCH)})
        return
    if scope["path"] == "/gone":
        gone.append((await receive())["type"])
        return
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    body = json.dumps([scope["client"][0], scope["scheme"]]).encode()
    length = str(len(body)).encode()
    headers = [(b"content-length", length), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def _served(settings: Settings, **changed: Any) -> AsyncGenerator[int]:
    config = configured(_told, settings)
    for name, value in {"lifespan": "off", **changed}.items():
        setattr(config, name, value)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        assert not running.done()
        await asyncio.sleep(0.01)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await running


async def _answer(port: int, *parts: bytes, seconds: float = 5.0) -> bytes:
    """Return all that is told to who sends this, and None of who is not let go."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(seconds):
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await reader.read()
    except ConnectionError:
        return b"cut off"
    except TimeoutError:
        return b"open"
    finally:
        writer.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return shopping.settings(tmp_path)


async def test_head_is_bounded_in_length_and_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_heads, "HEAD_SECONDS", 0.5)
    long = [b"a: " + b"b" * 1_000 + b"\r\n"] * (10 * MAX_HEAD // 1_000)
    one = [b"a: ", *[b"b" * 1_000] * (10 * MAX_HEAD // 1_000)]
    heads = ([ASKED, *long], [ASKED, *one], [ASKED], [b""], [ASKED, b"\r\n"])
    async with _served(settings) as port:
        found = [await _answer(port, *parts) for parts in heads]
    # Whoever still sends may not hear why.
    assert {one[9:12] for one in found[:2]} <= {b"431", b""}
    assert found[2:4] == [b"", b""]
    assert found[4].startswith(b"HTTP/1.1 200")


async def test_twin_of_uvicorn_alone_keeps_a_head_of_any_length_for_ever(
    settings: Settings,
) -> None:
    long = [b"a: " + b"b" * 1_000 + b"\r\n"] * (10 * MAX_HEAD // 1_000)
    async with _served(settings, http=HttpToolsProtocol) as port:
        assert await _answer(port, ASKED, *long, seconds=1) == b"open"


async def test_slow_body_and_next_request_are_no_slow_heads(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_heads, "HEAD_SECONDS", 0.3)
    async with _served(settings) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n")
        for _ in range(3):
            await asyncio.sleep(0.2)
            writer.write(b"x")
        assert (await reader.read()).endswith(b'["127.0.0.1", "http"]')
        writer.close()


async def test_answer_that_is_not_read_is_dropped_and_one_read_slowly_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_readers, "LOOK_SECONDS", 0.5)
    async with _served(settings) as port:
        assert await _read_after(port, 2.0) < MUCH
        assert await _read_after(port, *[0.2] * 10) > MUCH


async def test_twin_of_uvicorn_alone_keeps_what_is_not_read(settings: Settings) -> None:
    async with _served(settings, http=HttpToolsProtocol, timeout_keep_alive=0.3) as port:
        assert await _read_after(port, 2.0) > MUCH


async def _read_after(port: int, *pauses: float) -> int:
    """Return how much can be read of a large answer with such pauses."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=65_536)
    writer.write(b"GET /much HTTP/1.1\r\nconnection: close\r\n\r\n")
    count = 0
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        for pause in pauses:
            await asyncio.sleep(pause)
            count += len(await reader.readexactly(1_500_000))
        while part := await reader.read(1_000_000):
            count += len(part)
    writer.close()
    return count


@pytest.mark.parametrize("trusted", ["", "127.0.0.1", "10.0.0.0/8"])
async def test_only_a_trusted_proxy_tells_who_asks(tmp_path: Path, trusted: str) -> None:
    settings = shopping.settings(tmp_path, trusted_proxies=trusted)
    told = b"x-forwarded-for: 1.2.3.4, 5.6.7.8\r\nx-forwarded-proto: https\r\n\r\n"
    async with _served(settings) as port:
        answer = await _answer(port, ASKED, told)
    is_trusted = trusted == "127.0.0.1"
    expected = ["5.6.7.8", "https"] if is_trusted else ["127.0.0.1", "http"]
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == expected


async def test_nothing_piles_up_for_a_socket(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(going_away, "MAX_FRAMES", 100)
    async with _served(settings) as port:
        assert await _cut_off(port, PING)
        reader, writer = await _shaken(port)
        writer.write(FIRST + MORE * 1_000)
        async with asyncio.timeout(5):
            # 1009: a message is too large.
            assert await reader.read() == b"\x88\x02\x03\xf1"
        writer.close()


async def test_twin_of_uvicorn_alone_lets_pongs_pile_up(settings: Settings) -> None:
    async with _served(settings, ws=WebSocketsSansIOProtocol) as port:
        assert not await _cut_off(port, PING)


async def _cut_off(port: int, frame: bytes) -> bool:
    """Return whether who sends 20 MB of frames, and reads nothing, is let go meanwhile."""
    _, writer = await _shaken(port)
    try:
        for _ in range(200):
            writer.write(frame * 1_000)
            await writer.drain()
    except ConnectionError:
        return True
    finally:
        writer.transport.abort()
    return False


async def _leave(port: int) -> list[str]:
    """Leave while the first of two requests is answered; return what that is told."""
    gone.clear()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(ASKED.replace(b"/", b"/gone", 1) + b"\r\n" + ASKED + b"\r\n")
    await asyncio.sleep(0.2)
    writer.transport.abort()
    await asyncio.sleep(0.2)
    return list(gone)


async def test_request_is_told_of_a_client_that_has_gone(settings: Settings) -> None:
    async with _served(settings) as port:
        assert await _leave(port) == ["http.disconnect"]


async def test_twin_of_uvicorn_alone_tells_the_last_request_only(settings: Settings) -> None:
    # Nobody ends it.
    told: dict[str, Any] = {"http": HttpToolsProtocol, "timeout_graceful_shutdown": 1}
    async with _served(settings, **told) as port:
        assert await _leave(port) == []


async def _shaken(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_024)
    writer.write(SHAKEN)
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def _turns(listening: list[socket.socket], clients: int) -> int:
    """Return after how many turns of the loop all clients that came together are let in."""
    inside = list[asyncio.BaseTransport]()

    class Guest(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            inside.append(transport)

    loop, address = asyncio.get_running_loop(), listening[0].getsockname()
    servers = [await loop.create_server(Guest, sock=one) for one in listening]
    with ExitStack() as stack:
        for _ in range(clients):
            stack.enter_context(socket.create_connection(address))
        turns = 0
        while len(inside) < clients:
            await asyncio.sleep(0)
            turns += 1
    for server in servers:
        server.close()
    return turns


def test_clients_that_come_together_are_let_in_together() -> None:
    assert uvloop.run(_turns(doors(socket.create_server(("127.0.0.1", 0))), 96)) < 20


def test_twin_with_one_door_lets_one_in_at_each_turn() -> None:
    assert uvloop.run(_turns([socket.create_server(("127.0.0.1", 0))], 96)) >= 96
