"""Whatever is refused for now, by 429 or 503, says when to come again."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import httpx2
import orjson
import pytest

import resolvers.users
from graph import admission, graphiql, http, view
from graph.request_errors import RequestCode
from resolvers import provider_news
from stores.errors import ErrorCode, StoreUnavailable
from stores.health import Doctor, Health, State
from stores.ids import utc_now
from stores.settings import Settings
from stores.tokens import Tokens
from stores.webhook_signatures import HEADER, sign
from tests.crowd import QUERY, busy
from tests.paying import WEBHOOK_KEY, with_cards
from tests.shopping import open_shop

Refused: TypeAlias = Callable[[Settings, pytest.MonkeyPatch], Awaitable[httpx2.Response]]


async def _too_slow(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> httpx2.Response:
    async def slow(_ctx: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(resolvers.users, "me", slow)
    monkeypatch.setattr(view, "DEADLINE_SECONDS", 0.1)
    return await _asked(settings, "{ me { id } }")


async def _crowded(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> httpx2.Response:
    monkeypatch.setattr(admission, "INSIDE", 1)
    async with busy(settings, monkeypatch, QUERY) as (shop, slow, running):
        refused = await shop.http.post("/graphql", json=QUERY)
        slow.let_go.set()
        await running
    return refused


async def _spent(settings: Settings, _monkeypatch: pytest.MonkeyPatch) -> httpx2.Response:
    poor = settings.model_copy(update={"rate_limit": 1, "max_cost": 2})
    return await _asked(poor, *[QUERY["query"]] * 30)


async def _nobody_knows(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> httpx2.Response:
    async def away(_tokens: Tokens, _token: str) -> str:
        raise StoreUnavailable("identity provider")

    monkeypatch.setattr(Tokens, "subject", away)
    return await _asked(settings, "{ me { id } }")


async def _not_ready(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> httpx2.Response:
    async def down(_doctor: Doctor) -> dict[str, Health]:
        return {"relational": Health(State.DOWN, "sqlite")}

    monkeypatch.setattr(Doctor, "look", down)
    async with open_shop(settings) as shop:
        return await shop.http.get("/readyz")


async def _not_built(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> httpx2.Response:
    monkeypatch.setattr(graphiql, "STATIC", Path("/nothing"))
    async with open_shop(settings) as shop:
        return await shop.http.get("/graphql", headers={"accept": "text/html"})


async def _news(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> httpx2.Response:
    async def away(*_news: object) -> None:
        raise StoreUnavailable("relational")

    monkeypatch.setattr(provider_news, "take_in", away)
    body = orjson.dumps({"id": "event", "requestId": "payment-1"})
    signed = {HEADER: sign(body, WEBHOOK_KEY, utc_now())}
    async with open_shop(with_cards(settings, "http://127.0.0.1:9")) as shop:
        return await shop.http.post("/webhooks/cards", content=body, headers=signed)


async def _asked(settings: Settings, *texts: str) -> httpx2.Response:
    """Return the last answer of some queries of ann's."""
    async with open_shop(settings) as shop:
        headers = {"authorization": f"Bearer {shop.token('ann')}"}
        sent = [
            await shop.http.post("/graphql", json={"query": text}, headers=headers)
            for text in texts
        ]
    return sent[-1]


#: Each refusal for now with its code, which pages and news have none of.
REFUSALS: dict[Refused, tuple[int, str | None]] = {
    _too_slow: (503, RequestCode.DEADLINE_EXCEEDED.value),
    _crowded: (503, RequestCode.OVERLOADED.value),
    _spent: (429, RequestCode.RATE_LIMITED.value),
    _nobody_knows: (503, ErrorCode.STORE_UNAVAILABLE.value),
    _not_ready: (503, None),
    _not_built: (503, None),
    _news: (503, None),
}


async def _told(settings: Settings, refused: Refused) -> tuple[int, str | None, int | None]:
    """Return the status of a refusal, its code, and the seconds that both, or the header, tell."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        answer = await refused(settings, monkeypatch)
    seconds = int(answer.headers.get("retry-after", 0))
    body = answer.json() if answer.headers["content-type"].startswith("application/json") else {}
    extensions = body["errors"][0]["extensions"] if "errors" in body else {}
    in_body = extensions.get("retryAfterMs", 1_000 * seconds if not extensions else 0)
    return answer.status_code, extensions.get("code"), seconds if in_body > 0 else None


async def test_every_refusal_for_now_tells_when_to_come_again(embedded_settings: Settings) -> None:
    wrong = []
    for refused, (status, code) in REFUSALS.items():
        told = await _told(embedded_settings, refused)
        if told[:2] != (status, code) or not told[2]:
            wrong.append((refused.__name__, told))

    assert wrong == []


async def test_twin_that_leaves_it_to_whoever_refuses_forgets_pages(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_LATER", ())
    told = [await _told(embedded_settings, refused) for refused in (_not_ready, _too_slow)]

    assert told == [(503, None, None), (503, "DEADLINE_EXCEEDED", 1)]
