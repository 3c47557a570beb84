"""In production strangers learn no name of the schema from a mistake: all are answered alike."""

import time
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
from graphql import GraphQLObjectType
from structlog.testing import capture_logs

from graph import untold
from graph.budget import MISTAKEN, admit
from graph.operation import Caller
from stores.settings import Profile, Settings
from tests.guessing import SCHEMA, of_type, wrong_documents, wrong_variables
from tests.shopping import Client, open_shop
from tests.sockets import copied, listening, open_house

HEADERS = {"x-request-id": "one"}


@pytest.fixture
async def production(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Client]:
    """A shop in production, but for its tokens, and for the time that it takes for mistakes."""
    monkeypatch.setattr(untold, "SECONDS", 0.0)
    told = {"profile": Profile.PRODUCTION, "rate_limit": 0}
    async with open_shop(embedded_settings.model_copy(update=told)) as opened:
        yield opened


async def answers(shop: Client, documents: Iterator[str]) -> dict[tuple[Any, ...], str]:
    """Return whatever answers there are, headers and all, each with a document it is given for."""
    found: dict[tuple[Any, ...], str] = {}
    for text in documents:
        answer = await shop.http.post("/graphql", json={"query": text}, headers=HEADERS)
        told = (answer.status_code, answer.content, tuple(answer.headers.items()))
        found.setdefault(told, text)
    return found


@pytest.mark.slow
async def test_every_wrong_document_is_answered_alike(production: Client) -> None:
    documents = list(wrong_documents(SCHEMA))
    found = await answers(production, iter(documents))

    assert len(found) == 1, list(found.values())[:5]
    assert len(documents) > 500
    ((_, content, _),) = found
    assert content == (
        b'{"errors":[{"message":"The document does not fit the schema of the shop. '
        b'Staff is told what is wrong, and so is everybody in development.",'
        b'"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","requestId":"one"}}]}'
    )


async def test_twin_that_tells_mistakes_confirms_names(
    production: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def everybody(_caller: object) -> bool:
        return True

    monkeypatch.setattr(untold, "_is_told", everybody)
    shop = SCHEMA.type_map["Shop"]
    assert isinstance(shop, GraphQLObjectType)
    documents = list(of_type("Shop", shop))
    assert len(await answers(production, iter(documents))) > len(documents) // 2


@pytest.mark.slow
async def test_every_wrong_variable_is_answered_alike(production: Client) -> None:
    found: dict[tuple[Any, ...], str] = {}
    sent = list(wrong_variables(SCHEMA))
    for text, variables in sent:
        body = {"query": text, "variables": variables}
        answer = await production.http.post("/graphql", json=body, headers=HEADERS)
        found.setdefault((answer.status_code, answer.content), text)

    assert len(found) == 1, list(found)[:5]
    assert len(sent) > 300
    ((_, content),) = found
    assert content.startswith(b'{"errors":[{"message":"A variable has a value that its type does')
    assert content.endswith(b'"extensions":{"code":"BAD_USER_INPUT","requestId":"one"}}]}')


BAD = "query ($f: ProductFilterInput) { products(filter: $f) { totalCount } }"
SENT = {"f": {"brand": "Elm Street 5"}}


async def test_staff_and_the_log_are_told_what_is_wrong(production: Client) -> None:
    for user in ("ola", "mia"):
        (of_document,) = (await production.send("{ shop { nam } }", user))["errors"]
        (of_variable,) = (await production.send(BAD, user, **SENT))["errors"]
        assert of_document["message"] == "Cannot query field 'nam' on type 'Shop'."
        assert of_document["locations"] == [{"line": 1, "column": 10}]
        assert "unknown field 'brand'" in of_variable["message"]
    with capture_logs() as logs:
        for stranger in ("ann", None):
            await production.send("{ shop { nam } }", stranger)
            await production.send(BAD, stranger, **SENT)
    told = [one["mistakes"] for one in logs if one["event"] == "mistakes_untold"]
    assert told[:2] == told[2:]
    assert told[0] == ["Cannot query field 'nam' on type 'Shop'."]
    # The name of the field, but nothing of what a shopper has written.
    assert "unknown field 'brand'" in told[1][0]
    assert "Elm" not in str(told)


LIST = "products(first: 100) { nodes { category { products(first: 100) { nodes { id } } } } }"
GUESSED = [f"{{ nothing {LIST} }}", f"{{ nothing {LIST.replace('products', 'product')} }}"]


async def told_of_costs(settings: Settings) -> list[tuple[list[str], list[Any]]]:
    """Return codes and extensions for wrong documents with a list, and with what is none."""
    told = {"profile": Profile.PRODUCTION, "rate_limit": 1, "max_cost": 5 * MISTAKEN}
    found = []
    for text in GUESSED:
        async with open_shop(settings.model_copy(update=told)) as shop:
            sent = [await shop.http.post("/graphql", json={"query": text}) for _ in range(6)]
        answered = [one.json() for one in sent]
        codes = [one["errors"][0]["extensions"]["code"] for one in answered]
        found.append((codes, [one.get("extensions") for one in answered]))
    return found


async def test_what_a_wrong_document_would_cost_is_not_told(embedded_settings: Settings) -> None:
    """The price of a list would tell that it is one."""
    codes = ["GRAPHQL_VALIDATION_FAILED"] * 4 + ["RATE_LIMITED"] * 2
    assert await told_of_costs(embedded_settings) == [(codes, [None] * 6)] * 2


async def test_twin_that_lets_pay_for_what_was_asked_tells_lists(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def priced(caller: Caller) -> None:
        assert caller.document
        await admit(caller, caller.document.facts(None), {})

    monkeypatch.setattr("graph.limited.pay_for_mistakes", priced)
    right, wrong = await told_of_costs(embedded_settings)
    assert right != wrong


async def test_mistakes_are_answered_alike_over_a_socket(tmp_path: Any, small_folder: Any) -> None:
    chosen = copied(tmp_path, small_folder).model_copy(update={"profile": Profile.PRODUCTION})
    right = '{ products(first: 1) { nodes { id } } node(id: "x") { nothing } }'
    async with open_house(chosen) as (_, address), listening(address) as ear:
        found = []
        for text in (right, "{ nothing }", "subscription { nothing }"):
            await ear.subscribe(text, "1")
            told = await ear.next()
            told["payload"][0]["extensions"].pop("requestId")
            found.append(told)
    assert found[0]["type"] == "error"
    assert found == [found[0]] * 3


@pytest.mark.slow
async def test_every_mistake_takes_the_same_time(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below a name that is known there is much to look at, and nothing below any other."""
    much = " ".join(f"nothing{number}" for number in range(300))
    sent: list[tuple[str, dict[str, Any]]] = [
        (f"{{ shop {{ {much} }} }}", {}),
        (f"{{ shopp {{ {much} }} }}", {}),
        (BAD, {"f": {"brands": [1] * 2_000}}),
        (BAD, {"f": {"brand": [1] * 2_000}}),
    ]
    chosen = embedded_settings.model_copy(update={"profile": Profile.PRODUCTION})
    for seconds in (0.15, 0.0):
        monkeypatch.setattr(untold, "SECONDS", seconds)
        async with open_shop(chosen) as shop:
            took = [await _took(shop, *one) for one in sent * 2]
        if seconds:
            assert min(took) >= seconds
        else:
            # The twin, which answers as soon as it can.
            assert min(took) < 0.1


async def _took(shop: Client, text: str, variables: dict[str, Any]) -> float:
    began = time.perf_counter()
    assert "errors" in await shop.send(text, **variables)
    return time.perf_counter() - began
