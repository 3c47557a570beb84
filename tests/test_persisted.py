"""Documents that clients name by their hash, as Apollo, urql and graphql-codegen do."""

import hashlib
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from graph import persisted
from stores import persisted as kept
from stores import shared_redis
from stores.persisted import MemoryDocuments, RedisDocuments
from stores.settings import Settings
from stores.shared_redis import SharedRedis
from tests.servers import free_port
from tests.shopping import Client, open_shop

SHOP = "{ shop { name } }"
NAMED = {"shop": {"name": "Test shop"}}
GRAPHQL_JSON = {"accept": "application/graphql-response+json"}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def by_hash(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}


@pytest.fixture
async def shop(embedded_settings: Settings) -> AsyncGenerator[Client]:
    async with open_shop(embedded_settings) as opened:
        yield opened


async def post(shop: Client, accept: str = "*/*", **sent: object) -> httpx2.Response:
    return await shop.http.post("/graphql", json=sent, headers={"accept": accept})


async def get(shop: Client, **sent: object) -> httpx2.Response:
    told = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()
    }
    return await shop.http.get("/graphql", params=told)


NOT_FOUND = {
    "errors": [
        {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
    ]
}


async def test_hash_is_enough_once_somebody_has_sent_the_text(shop: Client) -> None:
    first = await post(shop, extensions=by_hash(SHOP))
    modern = await post(shop, *GRAPHQL_JSON.values(), extensions=by_hash(SHOP))
    assert (first.status_code, first.json()) == (200, NOT_FOUND)
    assert (modern.status_code, modern.json()) == (400, NOT_FOUND)
    assert first.headers["cache-control"] == "no-store"

    sent = await post(shop, query=SHOP, extensions=by_hash(SHOP))
    again = await post(shop, extensions=by_hash(SHOP))
    empty = await post(shop, query="", extensions=by_hash(SHOP))
    fetched = await get(shop, extensions=by_hash(SHOP))
    named = await post(shop, documentId=f"sha256:{digest(SHOP)}")

    assert [one.json()["data"] for one in (sent, again, empty, fetched, named)] == [NAMED] * 5
    assert fetched.headers["cache-control"] == "public, max-age=300"


async def test_hash_may_come_first_by_address_too(shop: Client) -> None:
    text = "{ shop { currencyCode } }"
    await get(shop, query=text, extensions=by_hash(text))

    assert (await get(shop, extensions=by_hash(text))).json()["data"] == {
        "shop": {"currencyCode": "EUR"}
    }


async def test_text_under_the_hash_of_another_is_refused(shop: Client) -> None:
    wrong = await post(shop, query="{ shop { slug } }", extensions=by_hash(SHOP))
    assert wrong.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert wrong.status_code == 400


async def test_twin_that_checks_no_hash_lets_a_stranger_answer_for_the_shop(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persisted, "_check_text", lambda *_asked: None)
    trap, real = "{ shop { name: timeZone } }", "{ shop { name } } # real"
    await post(shop, query=trap, extensions=by_hash(real))

    assert (await post(shop, extensions=by_hash(real))).json()["data"] != NAMED


async def test_document_that_is_refused_is_not_kept(shop: Client) -> None:
    for text in ("{ nothing }", "{ shop {", "{ shop { name } " + "a: __typename " * 300 + "}"):
        refused = await post(shop, query=text, extensions=by_hash(text))
        assert "data" not in refused.json()
        assert (await post(shop, extensions=by_hash(text))).json() == NOT_FOUND


@pytest.mark.parametrize(
    "told",
    [
        {},
        1,
        [],
        "x",
        {"version": 2, "sha256Hash": digest(SHOP)},
        {"version": 1},
        {"version": 1, "sha256Hash": None},
        {"version": 1, "sha256Hash": digest(SHOP).upper()},
        {"version": 1, "sha256Hash": digest(SHOP)[:-1]},
        {"version": 1, "sha256Hash": f"{digest(SHOP)}\n"},
    ],
)
async def test_malformed_hash_is_refused(shop: Client, told: object) -> None:
    for sent in ({}, {"query": SHOP}):
        answer = await post(shop, **sent, extensions={"persistedQuery": told})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (400, "BAD_REQUEST"), told


@pytest.fixture
async def trusted(embedded_settings: Settings, tmp_path: Path) -> AsyncGenerator[Client]:
    """A shop that executes the documents of a file, and no others."""
    path = tmp_path / "persisted-documents.json"
    # graphql-codegen hashes by SHA-1 unless it is told otherwise.
    path.write_text(json.dumps({"cafe": SHOP, f"sha256:{digest(SHOP)}": SHOP}))
    told = {"persisted_documents": path, "trusted_documents_only": True}
    async with open_shop(embedded_settings.model_copy(update=told)) as opened:
        yield opened


async def test_shop_of_trusted_documents_executes_no_others(trusted: Client) -> None:
    known = [
        await post(trusted, documentId="cafe"),
        await post(trusted, documentId=f"sha256:{digest(SHOP)}"),
        await post(trusted, extensions=by_hash(SHOP)),
        await post(trusted, query=SHOP),
        await get(trusted, documentId="cafe"),
    ]
    assert [one.json()["data"] for one in known] == [NAMED] * 5

    other = "{ shop { currencyCode } }"
    codes = []
    for sent in (
        {"query": other},
        {"query": other, "extensions": by_hash(other)},
        {"extensions": by_hash(other)},
        {"documentId": "none"},
        {"query": SHOP + " "},
        {"query": "{ __schema { queryType { name } } }"},
        {"query": SHOP, "documentId": "cafe"},
    ):
        answer = await post(trusted, **sent)
        assert "data" not in answer.json()
        codes.append(answer.json()["errors"][0]["extensions"]["code"])
    unknown, untrusted = "PERSISTED_QUERY_NOT_FOUND", "DOCUMENT_NOT_TRUSTED"
    assert codes == [untrusted] * 2 + [unknown] * 2 + [untrusted] * 2 + ["BAD_REQUEST"]


async def _left_of_ten() -> list[int]:
    """Return which of ten documents are kept, of which the first is asked for all the time."""
    store = MemoryDocuments()
    for number in range(10):
        await store.put(str(number), "x" * 30)
        await store.put(str(number), "x" * 30)
        await store.get("0")
    return [number for number in range(10) if await store.get(str(number))]


async def test_documents_of_a_process_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "CHARACTERS", 100)
    assert await _left_of_ten() == [0, 8, 9]

    # The twin, which has room for everything.
    monkeypatch.setattr(kept, "CHARACTERS", float("inf"))
    assert await _left_of_ten() == list(range(10))


@pytest.mark.server
async def test_processes_share_documents_in_redis(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PLACES", 1)
    monkeypatch.setattr(shared_redis, "TIMEOUT_SECONDS", 10.0)
    shared = SharedRedis(redis_url)
    first, second = RedisDocuments(shared), RedisDocuments(shared)
    one, other = digest("one"), digest("other")
    await first.put(one, "one")
    assert (await second.get(one), await second.get(other)) == ("one", None)
    # There is one place only, and the next one takes it over.
    await second.put(other, "other")
    third = RedisDocuments(shared)
    assert (await third.get(one), await third.get(other)) == (None, "other")
    assert 0 < await shared.client.ttl("document:0") <= kept.SECONDS
    await shared.client.delete("document:0")
    await shared.close()


async def test_documents_are_kept_near_while_redis_is_away() -> None:
    shared = SharedRedis(f"redis://127.0.0.1:{free_port()}")
    store = RedisDocuments(shared)
    await store.put(digest("one"), "one")

    assert await store.get(digest("one")) == "one"
    assert await RedisDocuments(shared).get(digest("one")) is None
    await shared.close()
