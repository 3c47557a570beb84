"""The pages of `bench/pages.py`: what is compared is the same, and what is measured is counted."""

import asyncio
import importlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx2
import pytest

from stores.settings import Settings
from tests.shopping import Client, few
from tests.test_converters import ROOT

ADD = """mutation ($lines: [VariantQuantityInput!]!) {
  addCartLines(idempotencyKey: "one", input: { lines: $lines }) { cart { token } }
}"""
LINES = "{ products(first: 10) { nodes { variants { id } } } }"


@pytest.fixture(autouse=True)
def bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the bench can be imported."""
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    monkeypatch.syspath_prepend(str(ROOT / "bench" / "peers"))


def program(name: str) -> Any:
    return importlib.import_module(name)


@pytest.fixture
async def by_hand(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[httpx2.AsyncClient]:
    """The endpoints that are written by hand, over the stores of the shop."""
    urls = {
        "SQL": settings.sql_url,
        "DOCUMENTS": settings.documents_url,
        "SEARCH": settings.search_url,
    }
    for name, url in urls.items():
        if url:
            monkeypatch.setenv(f"MALLGRAPH_{name}_URL", url.get_secret_value())
    monkeypatch.setenv("MALLGRAPH_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("MALLGRAPH_MEDIA_URL", "https://media.example.com")
    monkeypatch.setenv("MALLGRAPH_CART_TOKEN_KEY", "")
    monkeypatch.setenv("PEER_SEARCH", program("pages_search").question("lamp"))
    async with _opened(program("hand").app, client) as http:
        yield http


@asynccontextmanager
async def _opened(app: Any, client: Client) -> AsyncGenerator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://shop") as http,
    ):
        cart_key = client.mall.stores.cart_tokens._secret()
        app.state.shop = replace(app.state.shop, cart_key=cart_key)
        yield http


async def _pages(client: Client) -> list[Any]:
    """Every page; that of searches only where there is a real index."""
    newest = (await client.ask(LINES))["products"]["nodes"]
    ids = [variant["id"] for product in newest for variant in product["variants"]]
    lines = [{"variantId": id_} for id_ in ids if await _is_available(client, id_)]
    filled = await client.ask(ADD, lines=lines[:10])
    token = filled["addCartLines"]["cart"]["token"]
    documents = program("pages_documents")
    pages = documents.pages(documents.Wanted("lamp-7", "lamps", "lamp", token))
    return [
        page
        for page in pages.values()
        if page.name != "search" or client.settings.search_url is not None
    ]


async def _is_available(client: Client, id_: str) -> bool:
    asked = "query ($id: ID!) { node(id: $id) { ... on ProductVariant { isAvailable } } }"
    found: bool = (await client.ask(asked, id=id_))["node"]["isAvailable"]
    return found


async def test_pages_by_hand_are_those_of_graphql(
    client: Client, by_hand: httpx2.AsyncClient
) -> None:
    for page in await _pages(client):
        answer = await by_hand.get(page.path)
        expected = await client.ask(page.document, **page.variables)
        assert answer.json() == {"data": expected}, page.name
        assert all(expected.values()), page.name


def test_an_answer_that_differs_is_told_with_its_place() -> None:
    answers = program("pages_answers")
    page = program("pages_documents").Page("list20", "", {}, "")
    server = program("pages_servers").Server("hand", 0, None)
    expected = {"products": {"nodes": [{"title": "Lamp"}, {"title": "Tea"}]}}
    answers.check(server, page, expected, {"products": {"nodes": [*expected["products"]["nodes"]]}})
    other = {"products": {"nodes": [{"title": "Lamp"}, {"title": "Coffee"}]}}
    told = r"hand answers another list20 .*: data\.products\.nodes\.1\.title is 'Coffee', not 'Tea'"
    with pytest.raises(answers.OtherAnswer, match=told):
        answers.check(server, page, expected, other)
    with pytest.raises(answers.OtherAnswer, match=r"data\.products\.nodes is"):
        answers.check(server, page, expected, {"products": {"nodes": []}})


@asynccontextmanager
async def _answering(head: str) -> AsyncGenerator[int]:
    """Yield the port of a server that answers in pieces, and with a body of five bytes."""
    ended: list[asyncio.Future[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(done := asyncio.get_running_loop().create_future())
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                for piece in (f"HTTP/1.1 {head}\r\nContent-", "Length: 5\r\n\r\n12", "345"):
                    writer.write(piece.encode())
                    await writer.drain()
                    await asyncio.sleep(0)
        writer.close()
        done.set_result(None)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await asyncio.gather(*ended)


async def test_every_request_of_the_load_is_answered_and_timed() -> None:
    load = program("pages_load")
    async with _answering("200 OK") as port:
        assert await load.ask(port, load.get("/")) == b"12345"
        began = time.perf_counter()
        latencies = await load.run(port, load.get("/"), 0.1, 4)
        took = time.perf_counter() - began
    assert len(latencies) >= 4
    assert 0 < sum(latencies) <= 4 * took


async def test_an_answer_that_is_no_success_ends_the_load() -> None:
    load = program("pages_load")
    async with _answering("503 Service Unavailable") as port:
        with pytest.raises(load.BadAnswer, match="503 Service Unavailable"):
            await load.run(port, load.get("/"), 60, 4)
        with pytest.raises(load.BadAnswer, match="503 Service Unavailable"):
            await load.ask(port, load.get("/"))


def test_ratios_are_those_of_the_cpu_and_are_drawn_as_bars() -> None:
    figures = program("pages_measure").Figures
    found = [figures("cart", "hand", 2.0, 0, 0, 0, 0), figures("cart", "core", 9.0, 0, 0, 0, 0)]
    ratios = program("pages_measure").against(found, "hand")
    assert ratios == {"cart": {"hand": 1.0, "core": 4.5}}
    drawing = ET.fromstring(program("pages_plot").svg(ratios, "hand"))
    told = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert told[1:] == ["cart", "1.00 hand", "4.50 core"]


@pytest.mark.slow
def test_the_command_compares_measures_and_draws_a_shop_in_files(tmp_path: Path) -> None:
    goods = tmp_path / "goods.jsonl"
    goods.write_text("\n".join(json.dumps(row) for row in few()))
    plot = tmp_path / "pages.svg"
    servers = ["--servers", "hand,mallgraph", "--pages", "list20,nested"]
    chosen = [*servers, "--seconds", "0.5", "--plot", str(plot)]
    command = [sys.executable, str(ROOT / "bench" / "pages.py"), str(goods), *chosen]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All answer the same." in done.stdout
    assert re.findall(r"(hand|mallgraph) +│ +[0-9.]+ │ +([0-9.]+) │", done.stdout)[0::2] == [
        ("hand", "1.00"),
        ("hand", "1.00"),
    ]
    assert plot.read_text().count("mallgraph</text>") == 2
