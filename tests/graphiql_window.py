"""A browser's window that shows GraphiQL, and what a person does there."""

import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Response, expect

from graph import graphiql
from stores.local_issuer import LocalIssuer
from stores.settings import Settings
from tests import shopping
from tests.browser import chromium
from tests.servers import missing
from tests.serving import serving

INTROSPECTION = "IntrospectionQuery"


def _is_of_a_run(response: Response) -> bool:
    return INTROSPECTION not in (response.request.post_data or INTROSPECTION)


class Window:
    """A browser's window on a shop, and what went wrong in it."""

    def __init__(self, page: Page, address: str, chosen: Settings) -> None:
        self.page, self.address, self._settings = page, address, chosen
        self.token = self.token_of("ola")
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

    def token_of(self, user: str) -> str:
        """Return a token of a user of the shop."""
        return LocalIssuer(self._settings).token(user, timedelta(minutes=5))

    async def open(self) -> None:
        await self.page.goto(f"{self.address}/graphql")
        await expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible()
        await expect(self.page.locator(".graphiql-response .view-lines")).to_be_visible()

    async def tab(self, name: str) -> None:
        await self.page.get_by_role("tab", name=name).click()

    async def sign_in(self) -> None:
        """Write the token into the editor of headers."""
        await self._write_tool("Headers", {"Authorization": f"Bearer {self.token}"})

    async def variables(self, values: object) -> None:
        """Write the variables into their editor."""
        await self._write_tool("Variables", values)

    async def offered(self, title: str) -> None:
        """Open one of the operations that the page offers."""
        shown = self.page.get_by_role("button", name="Show Operations")
        if await shown.count():
            await shown.click()
        await self.page.get_by_role("button", name=title, exact=True).click()

    async def _write_tool(self, tool: str, values: object) -> None:
        await self.page.get_by_role("button", name=tool).click()
        await self.write(".graphiql-editor-tool .monaco-editor:visible", json.dumps(values))

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
        # The editor draws only what is in sight, so the end of an answer may be missing.
        word = next(iter(answer["data"]))
        await expect(self.page.locator(".graphiql-response")).to_contain_text(word)
        return answer

    async def key(self) -> str:
        return await self.page.get_by_role("status", name="Idempotency key").inner_text()


@asynccontextmanager
async def open_window(folder: Path, filled: Path) -> AsyncGenerator[Window]:
    """Open a copy of a small shop that listens on a port, and GraphiQL on it.

    Skips what is not there.
    """
    if not (graphiql.STATIC / "page.html").exists():
        missing("GraphiQL", "not built; try `make graphiql`.")
    chosen = shopping.settings(folder)
    shutil.copytree(filled, chosen.data_dir)
    async with serving(chosen) as address, chromium() as browser:
        window = Window(await browser.new_page(), address, chosen)
        await window.open()
        yield window
