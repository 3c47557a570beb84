"""The shop answers by plans what it answers by graphql-core, and knows documents again."""

import json
from collections.abc import Generator, Mapping
from typing import Any

import pytest
import strawberry.schema.schema

from graph import execution
from graph.directives import RoleGuard
from graph.engine import Engine
from graph.engine.plan import Plan
from graph.execution import Planned
from graph.operation import Caller
from graph.schema import build
from stores.errors import StoreUnavailable
from tests.shopping import Client
from tests.test_store_calls import LISTS, NODES, STAFF_LISTS, TREE

#: Documents that exercise what a list does not: refusals, abstract types, other roots.
OTHERS = {
    "roles": "{ products(first: 3) { nodes { variants { sku inventoryLevels { onHand } } } } }",
    "staff": "{ warehouses { code } stockMovements { totalCount } }",
    "arguments": "{ products(first: 2) { nodes { media { url(width: 0) alt } slug } } }",
    "ids": '{ node(id: "x") { id } nodes(ids: ["x", "UHJvZHVjdDox"]) { __typename id } }',
    "unions": """{ product(by: {slug: "lamp-7"}) { ...Sheet }
      a: product(by: {slug: "lamp-7"}) {
        b: title ... on Node { id __typename } ... on Versioned { version } } }
      fragment Sheet on Product { specs(keys: ["weight", "includes"]) { key value { __typename
      ... on SpecNumber { number } ... on SpecList { items } } } }""",
    "introspection": "{ __schema { queryType { name } } products(first: 1) { totalCount } }",
    "refused": "{ a: products(first: 1000) { totalCount } b: products(first: 1) { totalCount } }",
    "nothing": '{ product(by: {slug: "none"}) { title } cart { itemCount } }',
    "mutation": """mutation { a: addCartLines(idempotencyKey: "k1", input: {lines: []}) {
      userErrors { code field } } b: addCartLines(idempotencyKey: "k 2", input: {lines: []})
      { isReplay cart { itemCount } } }""",
    "wrong": "{ product { title } }",
}
LISTED = {name: query for name, (query, _) in {**LISTS, **STAFF_LISTS}.items()}
DOCUMENTS = {**LISTED, **OTHERS, "tree": TREE}


@pytest.fixture
def schema() -> Generator[Any]:
    made = build()
    yield made
    made.is_planned = True


async def _both(
    client: Client, schema: Any, query: str, user: str | None, **variables: object
) -> tuple[Any, Any]:
    """Return what is answered by plans, and by graphql-core alone."""
    schema.is_planned = True
    first = _comparable(await client.send(query, user, **variables))
    # Now the document is known, and nothing of Strawberry stands around it.
    again = _comparable(await client.send(query, user, **variables))
    assert again == first
    schema.is_planned = False
    return first, _comparable(await client.send(query, user, **variables))


def _comparable(answer: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return data with the order of its keys, and the errors in any order."""
    errors = [
        {name: one for name, one in error.items() if name != "extensions"}
        | {"code": error["extensions"]["code"]}
        for error in answer.get("errors", ())
    ]
    return json.dumps(answer.get("data")), sorted(map(json.dumps, errors))


@pytest.mark.parametrize("user", [None, "ann", "mia", "ola"])
@pytest.mark.parametrize("name", DOCUMENTS)
async def test_plans_answer_as_graphql_core_does(
    client: Client, schema: Any, name: str, user: str | None
) -> None:
    variables = {"n": 5} if "$n" in DOCUMENTS[name] else {}
    planned, unplanned = await _both(client, schema, DOCUMENTS[name], user, **variables)

    assert planned == unplanned


async def test_plans_find_objects_as_graphql_core_does(client: Client, schema: Any) -> None:
    found = await client.ask(
        "{ products(first: 9) { nodes { id category { id } variants { id } } } }"
    )
    ids = [
        node[of]["id"] if of else node["id"]
        for node in found["products"]["nodes"]
        for of in ("", "category")
    ]
    query = NODES.replace("... on Product", "id __typename ... on Category { name } ... on Product")
    planned, unplanned = await _both(client, schema, query, None, ids=[*ids, "nothing"])

    assert planned == unplanned
    assert "Category" in planned[0]


async def test_store_that_is_away_is_told_once(
    client: Client, schema: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("specs")

    monkeypatch.setattr(client.mall.stores.specs, "by_ids", away)
    query = "{ products(first: 3, sort: TITLE) { nodes { slug specs { key } } } }"
    planned, unplanned = await _both(client, schema, query, None)

    assert planned == unplanned
    assert len(planned[1]) == 1


async def test_all_but_introspection_has_a_plan(
    client: Client, schema: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[bool] = []
    real = Engine.prepare

    def noted(self: Engine, *told: Any, **named: Any) -> Any:
        run = real(self, *told, **named)
        ran.append(run is not None)
        return run

    monkeypatch.setattr(Engine, "prepare", noted)
    for name, query in DOCUMENTS.items():
        if name not in ("introspection", "wrong"):
            await client.send(query, "mia", **({"n": 2} if "$n" in query else {}))

    assert ran == [True] * (len(DOCUMENTS) - 2)


async def test_known_document_is_neither_parsed_nor_validated_nor_planned_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "query ($slug: String!) { product(by: {slug: $slug}) { title } }"
    first = await client.send(query, slug="lamp-1")
    for name in ("parse", "validate_document"):
        monkeypatch.setattr(strawberry.schema.schema, name, None)
    monkeypatch.setattr(Plan, "__init__", None)

    assert await client.send(query, slug="lamp-1") == first
    assert (await client.send(query, slug="lamp-2"))["data"] == {"product": {"title": "Lamp 002"}}


async def test_known_document_is_executed_without_strawberry(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "{ products(first: 1000) { totalCount } }"
    first = await client.send(query)
    monkeypatch.setattr(strawberry.Schema, "execute", None)

    assert _comparable(await client.send(query)) == _comparable(first)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(StoreUnavailable("relational"), "STORE_UNAVAILABLE"), (LookupError("x"), "INTERNAL")],
)
async def test_known_document_whose_context_cannot_be_made_is_told_so_in_the_same_words(
    client: Client, monkeypatch: pytest.MonkeyPatch, wrong: Exception, code: str
) -> None:
    async def broken(*_: object) -> None:
        raise wrong

    query = "{ shop { name } }"
    await client.ask(query)
    monkeypatch.setattr(Caller, "context", broken)
    known = await client.send(query)
    unknown = await client.send(f"{query} # {code}")

    assert known["data"] is None
    assert [error["extensions"]["code"] for error in known["errors"]] == [code]
    assert _comparable(known) == _comparable(unknown)


async def test_refused_document_is_refused_each_time_in_the_same_words(client: Client) -> None:
    for query in ("{ nope }", "{ products( }", "{ products { nodes { title(a: 1) } } }"):
        first, second = [await client.send(query) for _ in range(2)]

        assert [_comparable(one) for one in (first, second)] == [_comparable(first)] * 2
        assert "data" not in second


async def test_errors_of_one_request_do_not_reach_the_next(client: Client) -> None:
    query = "query ($first: Int!) { products(first: $first) { totalCount } }"
    refused = await client.send(query, first=1_000)
    served = await client.send(query, first=1)
    wrong = await client.send(query, first="x")
    again = await client.send(query, first=1_000)

    assert "errors" not in served
    assert wrong["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert _comparable(again) == _comparable(refused)


async def test_documents_of_a_shop_do_not_fill_its_memory(client: Client, schema: Any) -> None:
    kept = schema.planner.documents
    for number in range(30):
        await client.send("{ __typename " + f"#{number}" + " " * 40_000 + "\n}")

    assert kept._weight <= execution.CHARACTERS
    assert 0 < len(kept) <= 4


async def test_twin_that_keeps_invalid_documents_answers_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_validate(self: Planned) -> Generator[None]:
        told = self.execution_context
        told.pre_execution_errors = []
        yield

    monkeypatch.setattr(Planned, "on_validate", on_validate)

    assert "data" in await client.send("{ __typename nope }")


async def test_twin_that_asks_for_no_role_shows_the_stock_to_everyone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = await client.send(OTHERS["roles"])
    monkeypatch.setattr(RoleGuard, "check", lambda _self, _info: None)
    shown = await client.send(OTHERS["roles"])

    assert {one["extensions"]["code"] for one in refused["errors"]} == {"UNAUTHENTICATED"}
    assert _comparable(shown) != _comparable(refused)
