"""GraphiQL in a browser, as a person uses it."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from playwright.async_api import Page, Response, expect

from graph import graphiql
from mallgraph.app import create_app
from stores.settings import Settings
from stores.tokens import LocalIssuer
from tests import shopping
from tests.browser import chromium
from tests.servers import missing

INTROSPECTION = "IntrospectionQuery"

pytestmark = pytest.mark.slow


def _is_of_a_run(response: Response) -> bool:
    return INTROSPECTION not in (response.request.post_data or INTROSPECTION)


class Window:
    """A browser's window on a shop, and what went wrong in it."""

    def __init__(self, page: Page, address: str, token: str) -> None:
        self.page, self.address, self.token = page, address, token
        self.complaints: list[str] = []
        self.sent: list[dict[str, Any]] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._saw(request.url, request.post_data))

    def _saw(self, url: str, body: str | None) -> None:
        if not url.startswith(self.address):
            self.complaints.append(f"asked {url}")
        if body and INTROSPECTION not in body:
            self.sent.append(json.loads(body))

    async def open(self) -> None:
        await self.page.goto(f"{self.address}/graphql")
        await expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
        await expect(self.page.locator(".graphiql-response .view-lines")).to_be_visible()

    async def tab(self, name: str) -> None:
        await self.page.get_by_role("tab", name=name).click()

    async def sign_in(self) -> None:
        """Write the token into the editor of headers."""
        await self.page.get_by_role("button", name="Headers").click()
        headers = {"Authorization": f"Bearer {self.token}"}
        await self.write(".graphiql-editor-tool .monaco-editor:visible", json.dumps(headers))

    async def write(self, editor: str, text: str) -> None:
        """Replace what an editor holds, as a person does."""
        await self.page.locator(editor).click()
        await self.page.keyboard.press("ControlOrMeta+A")
        await self.page.keyboard.insert_text(text)
        # The editor closes brackets by itself.
        await self.page.keyboard.press("ControlOrMeta+Shift+End")
        await self.page.keyboard.press("Delete")

    async def run(self, button: str = "Execute query (Ctrl-Enter)") -> dict[str, Any]:
        """Press the button and return what the shop answered and the page shows."""
        async with self.page.expect_response(_is_of_a_run) as told:
            await self.page.get_by_role("button", name=button).click()
        answer: dict[str, Any] = await (await told.value).json()
        word = "userErrors" if "createCategory" in str(answer) else next(iter(answer["data"]))
        await expect(self.page.locator(".graphiql-response")).to_contain_text(word)
        return answer

    async def key(self) -> str:
        return await self.page.get_by_role("status", name="Idempotency key").inner_text()


@pytest.fixture
async def address(tmp_path: Path) -> AsyncGenerator[tuple[str, Settings]]:
    """A small shop that listens on a port."""
    chosen = shopping.settings(tmp_path)
    await shopping.fill(chosen, shopping.few())
    config = uvicorn.Config(create_app(chosen), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", chosen
    server.should_exit = True
    await serving


@pytest.fixture
async def window(address: tuple[str, Settings]) -> AsyncGenerator[Window]:
    if not (graphiql.STATIC / "page.html").exists():
        missing("GraphiQL", "not built; try `make graphiql`.")
    token = LocalIssuer(address[1]).token("ola", timedelta(minutes=5))
    async with chromium() as browser:
        window = Window(await browser.new_page(), address[0], token)
        await window.open()
        yield window


async def test_first_query_shows_products(window: Window) -> None:
    answer = await window.run()

    assert [node["title"] for node in answer["data"]["search"]["nodes"]] == ["明前龙井绿茶"]
    assert window.complaints == []


async def test_each_run_of_a_mutation_has_a_key_of_its_own(window: Window) -> None:
    await window.tab("CreateCategory")
    await window.sign_in()
    first = await window.run()
    told = await window.key()
    again = await window.run("Send the same key again")
    told_again = await window.key()
    other = await window.run()

    keys = [sent["variables"]["key"] for sent in window.sent]
    assert str(UUID(keys[0])) == keys[0] == keys[1] != keys[2]
    assert told == f"Key {keys[0]} fresh for this run\nSend the same key again"
    assert told_again == f"Key {keys[0]} sent again\nSend the same key again"
    payloads = [answer["data"]["createCategory"] for answer in (first, again, other)]
    assert [payload["isReplay"] for payload in payloads] == [False, True, False]
    assert payloads[0]["category"] == payloads[1]["category"]
    # Under another key it is another request, and there is a category of this name by now.
    assert [error["code"] for error in payloads[2]["userErrors"]] == ["DUPLICATE"]
    assert window.complaints == []


async def test_key_that_the_variables_set_is_sent_as_it_is(window: Window) -> None:
    await window.tab("CreateCategory")
    await window.sign_in()
    await window.page.get_by_role("button", name="Variables").click()
    variables = {"key": "mine-and-no-other", "input": {"name": "Cups"}}
    await window.write(".graphiql-editor-tool .monaco-editor:visible", json.dumps(variables))
    await window.run()

    assert [sent["variables"] for sent in window.sent] == [variables]
    assert (await window.key()).startswith("Key mine-and-no-other set by the variables")
    assert window.complaints == []


async def test_lost_answer_is_asked_for_by_the_key_of_the_last_run(window: Window) -> None:
    await window.tab("CreateCategory")
    await window.sign_in()
    await window.run()
    await window.page.get_by_role("button", name="Show Operations").click()
    await window.page.get_by_role("button", name="What became of it").click()
    answer = await window.run()

    assert answer["data"]["operationStatus"]["state"] == "COMPLETED"
    assert window.sent[1]["variables"]["key"] == window.sent[0]["variables"]["key"]
    assert window.complaints == []


async def test_mistakes_are_underlined(window: Window) -> None:
    await window.write(".graphiql-query-editor .monaco-editor", "{ nothing }")

    await expect(window.page.locator(".squiggly-error").first).to_be_visible()
    assert window.complaints == []


async def test_query_is_put_in_order(window: Window) -> None:
    await window.write(".graphiql-query-editor .monaco-editor", "{shop{name}me{id}}")
    await window.page.get_by_role("button", name="Prettify query").click()

    lines = window.page.locator(".graphiql-query-editor .view-line")
    await expect(lines.nth(2)).to_have_text(re.compile(r"^\s+name$"))
    assert window.complaints == []


async def test_token_is_kept_in_no_storage(window: Window) -> None:
    await window.sign_in()
    await window.run()
    await window.page.wait_for_timeout(1_000)
    stored = await window.page.evaluate("JSON.stringify([localStorage, sessionStorage])")

    assert "Search" in stored
    assert window.token not in stored


async def test_operations_are_there_again_after_a_reload(window: Window) -> None:
    first = await window.run()
    await window.page.wait_for_timeout(1_000)
    await window.open()

    assert await window.run() == first
    assert await window.page.get_by_role("tab").all_inner_texts() == ["Search", "CreateCategory"]
    assert window.complaints == []


async def test_twin_whose_policy_knows_no_nonce_complains(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tuple(one.replace(" 'nonce-{nonce}'", "") for one in graphiql._POLICY)
    monkeypatch.setattr(graphiql, "_POLICY", policy)
    await window.open()

    assert any("Content Security Policy" in complaint for complaint in window.complaints)


async def test_schema_is_open_to_readers(window: Window) -> None:
    await window.page.get_by_role("button", name="Show Documentation Explorer").click()
    docs = window.page.get_by_role("region", name="Documentation Explorer")
    await docs.get_by_role("link", name="Query").click()

    await expect(docs).to_contain_text("Search by words; prices and stock come from the database.")
    assert window.complaints == []
