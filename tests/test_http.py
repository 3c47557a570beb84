"""What the application answers, whatever it is sent."""

import asyncio
import re
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

import resolvers.users
from graph import answers, http, view
from graph.request_errors import RequestCode
from graph.telling import Telling
from mallgraph.app import kept_running
from resolvers.context import Mall
from stores.errors import AccessCode, ErrorCode, StoreUnavailable
from stores.settings import Settings
from tests import malformed, shopping
from tests.shopping import Client, open_shop

ME = "{ me { id } }"
JSON = {"content-type": "application/json"}
GRAPHQL_JSON = {"accept": "application/graphql-response+json"}


@pytest.fixture
async def shop(embedded_settings: Settings) -> AsyncGenerator[Client]:
    async with open_shop(embedded_settings) as opened:
        yield opened


def codes(answer: httpx2.Response) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json()["errors"]]


async def test_every_malformed_request_is_told_what_is_wrong_with_it(shop: Client) -> None:
    wrong, asked = [], list(malformed.requests())
    for name, expected, request in asked:
        answer = await shop.http.send(request(shop.http))
        if (answer.status_code, _shape(answer)) != (expected, (["errors"], True)):
            wrong.append((name, answer.status_code, answer.text))

    assert wrong == []
    assert len(asked) >= 60


def _shape(answer: httpx2.Response) -> tuple[list[str], bool]:
    """Return the parts of a body, and whether it has a code that is no bug's."""
    known = {code.value for kind in (RequestCode, AccessCode) for code in kind} - {"INTERNAL"}
    assert answer.headers["content-type"].startswith("application/graphql-response+json")
    return list(answer.json()), set(codes(answer)) <= known


async def test_body_that_never_tells_its_length_is_cut_off(shop: Client) -> None:
    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(1_000):
            yield b" " * 1_000

    answer = await shop.http.post("/graphql", content=endless(), headers=JSON)

    assert (answer.status_code, codes(answer)) == (413, ["PAYLOAD_TOO_LARGE"])


DOCUMENTS = [
    ("{ me", "GRAPHQL_PARSE_FAILED"),
    ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ("query A { me { id } } query B { me { id } }", "OPERATION_RESOLUTION_FAILURE"),
    ("query ($id: ID!) { node(id: $id) { id } }", "BAD_USER_INPUT"),
]


@pytest.mark.parametrize(("query", "code"), DOCUMENTS)
async def test_document_that_is_not_executed_has_a_code_and_no_data(
    shop: Client, query: str, code: str
) -> None:
    plain = await shop.http.post("/graphql", json={"query": query})
    modern = await shop.http.post("/graphql", json={"query": query}, headers=GRAPHQL_JSON)

    assert (plain.status_code, modern.status_code) == (200, 400)
    assert plain.json() == modern.json()
    assert (codes(plain), list(plain.json())) == ([code], ["errors"])


async def test_operation_that_is_not_in_the_document_is_told_as_others(shop: Client) -> None:
    wrong = {"query": ME, "operationName": "Other"}
    plain = await shop.http.post("/graphql", json=wrong)
    modern = await shop.http.post("/graphql", json=wrong, headers=GRAPHQL_JSON)

    assert (plain.status_code, modern.status_code) == (200, 400)
    assert codes(plain) == codes(modern) == ["OPERATION_RESOLUTION_FAILURE"]


async def test_mistakes_of_a_document_are_told_five_at_most(shop: Client) -> None:
    wrong = "{" + " ".join(f"wrong{number}" for number in range(50)) + "}"
    answer = await shop.http.post("/graphql", json={"query": wrong})

    assert codes(answer) == ["GRAPHQL_VALIDATION_FAILED"] * 5


async def test_errors_of_fields_are_told_five_at_most(shop: Client) -> None:
    wrong = "{" + " ".join(f'a{number}: node(id: "x") {{ id }}' for number in range(50)) + "}"
    answer = await shop.http.post("/graphql", json={"query": wrong})

    assert codes(answer) == ["INVALID"] * 5


async def test_argument_outside_its_rules_is_told_with_its_path(shop: Client) -> None:
    answer = await shop.send("{ products(first: 101) { nodes { id } } }")

    assert answer["errors"][0]["extensions"] == {"code": "INVALID", "field": ["first"]}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/json", "application/json"),
        ("application/graphql-response+json", "application/graphql-response+json"),
        (
            "application/json, application/graphql-response+json",
            "application/graphql-response+json",
        ),
        ("application/graphql-response+json;q=0.9, application/json", "application/json"),
        ("application/graphql-response+json;q=0, */*", "application/json"),
        ("application/graphql-response+json;q=x", "application/graphql-response+json"),
    ],
)
async def test_answer_is_of_the_kind_that_the_client_likes_best(
    shop: Client, accept: str, kind: str
) -> None:
    answer = await shop.http.post("/graphql", json={"query": ME}, headers={"accept": accept})

    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"


async def test_query_by_address(shop: Client) -> None:
    asked = {
        "query": "query Ids($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        "variables": '{"ids":[]}',
        "operationName": "Ids",
    }
    answer = await shop.http.get("/graphql", params=asked)

    assert (answer.status_code, answer.json()["data"]) == (200, {"nodes": []})


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "BAD_REQUEST"),
        ({"query": ME, "variables": "{"}, "BAD_REQUEST"),
        ({"query": ME, "variables": "[]"}, "BAD_REQUEST"),
        ({"query": ME, "extensions": "1"}, "BAD_REQUEST"),
    ],
)
async def test_broken_address_is_refused(shop: Client, asked: dict[str, str], code: str) -> None:
    answer = await shop.http.get("/graphql", params=asked)

    assert (answer.status_code, codes(answer)) == (400, [code])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_are_refused(shop: Client, method: str) -> None:
    answer = await shop.http.request(method, "/graphql")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("path", ["/", "/nothing", "/graphql/", "/media/", "/media"])
async def test_unknown_address_is_told_in_json(shop: Client, path: str) -> None:
    answer = await shop.http.get(path)

    assert (answer.status_code, codes(answer)) == (404, ["NOT_FOUND"])


async def test_wrong_method_elsewhere_is_told_in_json(shop: Client) -> None:
    answer = await shop.http.post("/healthz")

    assert (answer.status_code, codes(answer)) == (405, ["METHOD_NOT_ALLOWED"])
    assert "GET" in answer.headers["allow"]


async def broken(*_call: object) -> None:
    raise RuntimeError("the secret of the shop")


async def test_bug_is_masked_and_logged_with_the_request_id(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers.users, "me", broken)
    with capture_logs() as lines:
        headers = {"x-request-id": "My-request.1"}
        answer = await shop.http.post("/graphql", json={"query": ME}, headers=headers)

    (error,) = answer.json()["errors"]
    assert error["message"] == "Internal error."
    assert error["path"] == ["me"]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "My-request.1"}
    (line,) = [line for line in lines if line["event"] == "operation_failed"]
    assert line["request_id"] == "My-request.1"
    assert str(line["exc_info"]) == "the secret of the shop"


async def test_twin_that_masks_nothing_tells_the_secret(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers.users, "me", broken)
    monkeypatch.setattr(Telling, "one", lambda _self, error: error)

    assert "the secret of the shop" in str(await shop.send(ME))


async def test_bug_outside_of_graphql_is_masked(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "answer", lambda *_call: 1 / 0)
    with capture_logs() as lines:
        answer = await shop.http.post("/graphql", json={"query": ME})

    request_id = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"] == {"code": "INTERNAL", "requestId": request_id}
    assert [line["event"] for line in lines] == ["request_failed", "request"]


async def test_request_ends_by_its_deadline(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_ctx: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(resolvers.users, "me", slow)
    monkeypatch.setattr(view, "DEADLINE_SECONDS", 0.2)
    answer = await shop.http.post("/graphql", json={"query": ME})

    assert (answer.status_code, codes(answer)) == (503, ["DEADLINE_EXCEEDED"])


async def test_every_answer_has_the_headers_of_security(shop: Client) -> None:
    answers = [
        await shop.http.get(path) for path in ("/healthz", "/nothing", "/graphql?query={me{id}}")
    ]

    for answer in answers:
        assert answer.headers.items() >= {
            (name.lower(), value) for name, value in http.SECURITY_HEADERS.items()
        }
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    assert answers[2].headers["cache-control"] == "no-store"


@pytest.mark.parametrize("given", ["", "a b", "a" * 65, "ü", "a\r\n"])
async def test_request_id_that_could_mislead_the_log_is_replaced(shop: Client, given: str) -> None:
    answer = await shop.http.get("/healthz", headers={b"x-request-id": given.encode()})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_request_is_one_line_of_the_log(shop: Client) -> None:
    with capture_logs() as lines:
        await shop.http.post("/graphql", json={"query": "query Mine { me { id } }"})

    (line,) = lines
    assert line.pop("ms") > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "Mine",
    }


async def test_process_that_lives_says_so(shop: Client) -> None:
    answer = await shop.http.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_shop_in_order_is_ready(shop: Client) -> None:
    answer = await shop.http.get("/readyz")

    told = answer.json()
    assert all(store.pop("latencyMs") >= 0 for store in told["stores"].values())
    up = {"state": "up", "kind": "sqlite"}
    assert (answer.status_code, told) == (
        200,
        {
            "status": "ready",
            "stores": {"relational": up, "documents": up, "search": up, "carts": up},
        },
    )


@pytest.fixture
def away(tmp_path: Path, embedded_settings: Settings) -> Settings:
    """Settings of a copy of the shop; a store goes away when a folder takes its place."""
    copied = shopping.settings(tmp_path)
    shutil.copytree(embedded_settings.data_dir, copied.data_dir)
    return copied


def take_away(chosen: Settings, name: str) -> None:
    chosen.data_dir.joinpath(name).rename(chosen.data_dir / f"{name}.kept")
    for ending in ("-wal", "-shm"):
        chosen.data_dir.joinpath(name + ending).unlink(missing_ok=True)
    chosen.data_dir.joinpath(name).mkdir()


def bring_back(chosen: Settings, name: str) -> None:
    chosen.data_dir.joinpath(name).rmdir()
    chosen.data_dir.joinpath(f"{name}.kept").rename(chosen.data_dir / name)


@pytest.mark.slow
async def test_shop_without_a_minor_store_serves_the_rest(away: Settings) -> None:
    take_away(away, "documents.db")
    query = "{ products(first: 3) { nodes { title specs { key } } } }"
    async with open_shop(away) as shop:
        ready = await shop.http.get("/readyz")
        answer = await shop.send(query)

    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["stores"]["documents"] == {"state": "down", "kind": "sqlite"}
    assert [node["specs"] for node in answer["data"]["products"]["nodes"]] == [None] * 3
    assert all(node["title"] for node in answer["data"]["products"]["nodes"])
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "STORE_UNAVAILABLE", "retryAfterMs": 1_000}


@pytest.mark.slow
async def test_relational_store_may_be_away_at_start_and_come_back(away: Settings) -> None:
    take_away(away, "shop.db")
    async with open_shop(away) as shop:
        ready = await shop.http.get("/readyz")
        answer = await shop.http.post("/graphql", json={"query": ME})
        bring_back(away, "shop.db")
        ready_again = await shop.http.get("/readyz")
        me = await _eventually(shop, "{ me { roles } }", "new@customer")

    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert (answer.json()["data"], codes(answer)) == (None, ["STORE_UNAVAILABLE"])
    assert (ready_again.status_code, ready_again.json()["status"]) == (200, "ready")
    assert me == {"data": {"me": {"roles": ["SHOPPER"]}}}


async def _eventually(shop: Client, query: str, user: str) -> dict[str, Any]:
    """Ask until the number that new ids need is held again, which takes a pause of the job."""
    for _ in range(100):
        answer = await shop.send(query, user)
        if "errors" not in answer:
            break
        await asyncio.sleep(0.1)
    return answer


async def test_job_that_dies_is_begun_again(shop: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mallgraph.app._FIRST_PAUSE", 0.01)
    failures = [RuntimeError("broken"), StoreUnavailable("relational")]

    async def job(_mall: Mall) -> None:
        if failures:
            raise failures.pop(0)

    with capture_logs() as lines:
        await kept_running(job, shop.mall)

    assert [(line["event"], line["job"]) for line in lines] == [
        ("job_died", "job"),
        ("job_waits", "job"),
    ]


async def test_picture_is_served_for_ever_and_runs_nothing(away: Settings) -> None:
    async with open_shop(away) as shop:
        key = shop.mall.stores.media.put(b"<svg/>", "svg")
        answer = await shop.http.get(f"/media/{key}")

    assert (answer.status_code, answer.content) == (200, b"<svg/>")
    expected = {
        "content-type": "image/svg+xml",
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    assert {name: answer.headers[name].split("; charset")[0] for name in expected} == expected


@pytest.mark.parametrize(
    "key",
    [
        "../issuer.pem",
        "..%2fissuer.pem",
        "%2e%2e/shop.db",
        "%2fetc%2fpasswd",
        "issuer.pem",
        "%00",
        "a" * 64 + ".svg",
        "a" * 64 + ".html",
        "a" * 64 + ".part",
    ],
)
async def test_nothing_but_pictures_is_served(shop: Client, key: str) -> None:
    shop.token("ann")
    answer = await shop.http.get(f"/media/{key}")

    assert (answer.status_code, codes(answer)) == (404, ["NOT_FOUND"])


def test_list_of_errors_names_every_code_and_no_other() -> None:
    text = Path("docs/errors.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)

    known = {code.value for kind in (RequestCode, AccessCode, ErrorCode) for code in kind}
    assert set(listed) == known
