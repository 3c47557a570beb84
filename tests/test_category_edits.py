"""The tree of categories, edited; and what every mutation does with its key."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from graph import nodes, schema
from graph.operation_status import looked_up
from resolvers.mutations import Mutation
from stores import idempotency
from stores.audit import audit_entries
from stores.categories import categories
from stores.idempotency import idempotency_keys
from stores.outbox import outbox
from tests.shopping import Client

CREATE = """
mutation ($key: ID!, $input: CreateCategoryInput!) {
  createCategory(idempotencyKey: $key, input: $input) {
    category { id version slug name position parent { slug } }
    isReplay
    userErrors { code field message details { ... on RetryDetails { retryAfterMs } } }
  }
}
"""


async def create(shop: Client, key: str, user: str = "mia", **input: Any) -> dict[str, Any]:
    answer = await shop.ask(CREATE, user, key=key, input=input)
    payload: dict[str, Any] = answer["createCategory"]
    return payload


async def refusal(shop: Client, key: str, **input: Any) -> tuple[str, list[str] | None]:
    payload = await create(shop, key, **input)
    (error,) = payload["userErrors"]
    assert (payload["category"], payload["isReplay"]) == (None, False)
    assert error["message"]
    return error["code"], error["field"]


async def count(shop: Client, table: Table) -> int:
    async with shop.mall.stores.database.read(fresh=True) as session:
        return await session.row(int, select(func.count()).select_from(table)) or 0


async def lamps(shop: Client) -> str:
    found = await shop.ask('{ category(slug: "lamps") { id } }')
    id_: str = found["category"]["id"]
    return id_


async def test_category_is_put_among_its_siblings(shop: Client) -> None:
    parent_id = await lamps(shop)
    payload = await create(shop, "k1", name="Wall lamps", parentId=parent_id, position=0)

    assert payload["category"].pop("id")
    assert payload == {
        "category": {
            "version": 1,
            "slug": "wall-lamps",
            "name": "Wall lamps",
            "position": 0,
            "parent": {"slug": "lamps"},
        },
        "isReplay": False,
        "userErrors": [],
    }
    tree = await shop.ask('{ category(slug: "lamps") { children { slug position } } }')
    assert tree["category"]["children"] == [
        {"slug": slug, "position": position}
        for position, slug in enumerate(["wall-lamps", "desk-lamps", "floor-lamps"])
    ]


async def test_retry_is_a_replay_and_shows_what_it_asks_for(shop: Client) -> None:
    first = await create(shop, "k1", name="Candles")
    events = await count(shop, outbox)
    again = await create(shop, "k1", name="Candles")

    assert again == first | {"isReplay": True}
    assert await count(shop, outbox) == events
    other = CREATE.replace("id version slug name position parent { slug }", "title: name")
    answer = await shop.ask(other, "mia", key="k1", input={"name": "Candles"})
    assert answer["createCategory"]["category"] == {"title": "Candles"}


async def test_key_of_another_input_is_refused_and_of_another_user_is_free(shop: Client) -> None:
    await create(shop, "k1", name="Candles")

    assert await refusal(shop, "k1", name="Torches") == (
        "IDEMPOTENCY_KEY_REUSED",
        ["idempotencyKey"],
    )
    payload = await create(shop, "k1", user="ola", name="Torches")
    assert (payload["isReplay"], payload["userErrors"]) == (False, [])


async def test_optional_argument_told_as_its_default_is_the_same_input(shop: Client) -> None:
    await create(shop, "k1", name="Candles")
    assert (await create(shop, "k1", name="Candles", parentId=None))["isReplay"]


async def test_refusal_changes_nothing_and_leaves_its_key_free(shop: Client) -> None:
    tables = [categories, idempotency_keys, audit_entries, outbox]
    before = [await count(shop, table) for table in tables]
    assert await refusal(shop, "k1", name="Other lamps", slug="lamps") == ("DUPLICATE", ["slug"])
    assert [await count(shop, table) for table in tables] == before
    payload = await create(shop, "k1", name="Other lamps")
    assert (payload["isReplay"], payload["userErrors"]) == (False, [])


BAD_KEYS = ["", " ", "a b", "é", "k" * 256, "tab\t", "k\n"]


async def test_key_that_is_none_is_refused(shop: Client) -> None:
    for key in BAD_KEYS:
        assert await refusal(shop, key, name="Candles") == ("INVALID", ["idempotencyKey"]), key


async def test_longest_and_strangest_keys_are_kept_apart(shop: Client) -> None:
    names = {"a": "Ash", "A": "Birch", "'; --": "Cedar", "k" * 255: "Elm"}
    names = {key.replace(" ", "~"): name for key, name in names.items()}
    for key, name in names.items():
        assert not (await create(shop, key, name=name))["isReplay"]
    for key, name in names.items():
        assert (await create(shop, key, name=name))["isReplay"]


BAD: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"name": ""}, "INVALID", ["name"]),
    ({"name": "  "}, "INVALID", ["name"]),
    ({"name": "x" * 101}, "INVALID", ["name"]),
    ({"name": "a\nb"}, "INVALID", ["name"]),
    ({"name": "???"}, "INVALID", ["name"]),
    ({"name": "Candles", "slug": "Not A Slug"}, "INVALID", ["slug"]),
    ({"name": "Candles", "slug": ""}, "INVALID", ["slug"]),
    ({"name": "Candles", "position": -1}, "INVALID", ["position"]),
    ({"name": "Candles", "parentId": "x"}, "INVALID", ["parentId"]),
    ({"name": "Candles", "parentId": nodes.encode("Product", 5)}, "INVALID", ["parentId"]),
    ({"name": "Candles", "parentId": nodes.encode("Category", 5)}, "NOT_FOUND", ["parentId"]),
    ({"name": "Lamps"}, "DUPLICATE", ["name"]),
]


async def test_bad_category_is_told_where(shop: Client) -> None:
    for input_, code, field in BAD:
        assert await refusal(shop, "k1", **input_) == (code, field), input_


@pytest.mark.parametrize("user", [None, "ann"])
async def test_buyers_create_no_categories(shop: Client, user: str | None) -> None:
    answer = await shop.send(CREATE, user, key="k1", input={"name": "Candles"})

    assert answer["data"] == {"createCategory": None}
    code = "FORBIDDEN" if user else "UNAUTHENTICATED"
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_who_did_what_is_written_down(shop: Client) -> None:
    payload = await create(shop, "k1", name="Candles")
    _, key = nodes.decode(payload["category"]["id"])
    columns = audit_entries.c
    wanted = select(columns.role, columns.mutation, columns.idempotency_key, columns.target)
    async with shop.mall.stores.database.read(fresh=True) as session:
        assert await session.row(lambda *row: row, wanted) == (
            "MERCHANT",
            "createCategory",
            "k1",
            f"Category:{key}",
        )


async def storm(shop: Client) -> tuple[int, int]:
    """Send one key many times at once; return how many acted, and how many categories came."""
    before = await count(shop, categories)
    sent = [create(shop, "k1", name="Candles", slug=None) for _ in range(20)]
    answers = await asyncio.gather(*sent)
    acted = [one for one in answers if one["category"] and not one["isReplay"]]
    return len(acted), await count(shop, categories) - before


async def test_equal_calls_at_once_act_once(shop: Client) -> None:
    assert await storm(shop) == (1, 1)


async def test_twin_without_the_claim_acts_many_times(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unguarded(_session: object, wanted: object) -> object:
        return wanted

    monkeypatch.setattr(idempotency, "claim", unguarded)
    first = await create(shop, "k1", name="Candles")
    again = await create(shop, "k1", name="Candles", slug="candles-2")
    assert (first["isReplay"], again["isReplay"]) == (False, False)
    assert again["category"]


LOST = """
query ($key: ID!, $mutation: String!) { operationStatus(idempotencyKey: $key, mutation: $mutation) {
  state object { ... on Category { slug } } startedAt completedAt } }
"""


async def lost(shop: Client, key: str, user: str | None = "mia") -> dict[str, Any]:
    answer = await shop.ask(LOST, user, key=key, mutation="createCategory")
    status: dict[str, Any] = answer["operationStatus"]
    return status


async def test_lost_answer_is_looked_up_by_whoever_sent_the_key(shop: Client) -> None:
    unknown = {"state": "UNKNOWN", "object": None, "startedAt": None, "completedAt": None}
    assert await lost(shop, "k1") == unknown
    await create(shop, "k1", name="Candles")
    status = await lost(shop, "k1")

    assert (status["state"], status["object"]) == ("COMPLETED", {"slug": "candles"})
    assert status["startedAt"]
    assert [await lost(shop, "k1", user) for user in ("ola", None)] == [unknown, unknown]


async def test_mutation_that_does_not_exist_cannot_be_looked_up(shop: Client) -> None:
    answer = await shop.send(LOST, "mia", key="k1", mutation="destroyShop")
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "INVALID", "field": ["mutation"]}


def test_every_mutation_can_be_looked_up() -> None:
    kind = schema.build()._schema.mutation_type
    assert kind
    assert looked_up() == set(kind.fields)


def test_mutation_without_a_rule_is_a_bug() -> None:
    assert Mutation("nothing", frozenset(), "Category", lambda *_: {}).rule is None
