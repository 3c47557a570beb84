"""GraphiQL in a browser, as a person uses it."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import expect

from graph import graphiql
from tests.graphiql_window import Window, open_window

pytestmark = pytest.mark.slow


@pytest.fixture
async def window(tmp_path: Path, small_folder: Path) -> AsyncGenerator[Window]:
    async with open_window(tmp_path, small_folder) as opened:
        yield opened


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
    variables = {"key": "mine-and-no-other", "input": {"name": "Cups"}}
    await window.variables(variables)
    await window.run()

    assert [sent["variables"] for sent in window.sent] == [variables]
    assert (await window.key()).startswith("Key mine-and-no-other set by the variables")
    assert window.complaints == []


async def test_lost_answer_is_asked_for_by_the_key_of_the_last_run(window: Window) -> None:
    await window.tab("CreateCategory")
    await window.sign_in()
    await window.run()
    await window.offered("What became of it")
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
