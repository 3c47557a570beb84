"""Who may read what: every field of the schema, asked by every kind of viewer."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_leaf_type,
)

from graph import directives, nodes
from graph.schema import sdl
from stores.errors import AccessError
from stores.users import Role
from tests.promoting import Promoter, money, variant_ids
from tests.schema_rules import roles
from tests.shopping import Client

SCHEMA: GraphQLSchema = build_schema(sdl())
#: User -> roles; None is a visitor.
VIEWERS: dict[str | None, frozenset[str]] = {
    None: frozenset(),
    "ann": frozenset({"SHOPPER"}),
    "mia": frozenset({"MERCHANT"}),
    "ola": frozenset({"OWNER"}),
}
#: Arguments without which a field shows nothing.
ARGUMENTS = {
    "Query.product": '(by: {slug: "lamp-7"})',
    "Query.category": '(slug: "desk-lamps")',
    "Query.node": '(id: "ID")',
    "Query.nodes": '(ids: ["ID"])',
    "Query.checkout": '(orderNumber: "1")',
    "Query.order": '(number: "1")',
    "Query.promotion": '(id: "PROMOTION")',
    "Query.promotionPreview": '(promotionId: "PROMOTION", lines: [{variantId: "VARIANT"}])',
    # The accounts of the shop are there before anything was posted.
    "Query.account": '(id: "QWNjb3VudDox")',
    "Query.payment": '(id: "UGF5bWVudDox")',
    "Query.ledgerTransaction": '(reference: "none")',
    "Query.customer": '(id: "USER")',
    "Query.operationStatus": '(idempotencyKey: "k", mutation: "createCategory")',
}
#: Fields that are null to most viewers: no way to what lies behind them.
DEAD_ENDS = {"User.merchant", "Account.merchant", "Promotion.merchant"}

#: In a shop where nobody has bought, there is nothing to ask for these; `test_payments`,
#: `test_parcels_at_once` and `test_snapshot_editors` do.
UNREACHED = {
    "PaymentEvent.ledgerTransaction",
    "Fulfillment.warehouse",
    "ProductSnapshot.changedBy",
}

#: What fields on the way, and a field itself, ask for: roles of which the viewer has one.
Needs = tuple[frozenset[str], ...]


def places() -> Iterator[tuple[str, str, str, Needs]]:
    """Yield the path of root fields to each type, each of its fields, and what these need."""
    assert SCHEMA.query_type
    seen: set[str] = set()
    waiting: list[tuple[str, GraphQLObjectType, Needs]] = [("", SCHEMA.query_type, ())]
    while waiting:
        path, of, before = waiting.pop(0)
        for name, field in of.fields.items():
            own = roles(field.ast_node)
            needs = before if own is None else (*before, frozenset(own))
            if f"{of.name}.{name}" not in UNREACHED:
                yield path, of.name, name, needs
            held = get_named_type(field.type)
            is_way = f"{of.name}.{name}" not in DEAD_ENDS
            if is_way and isinstance(held, GraphQLObjectType) and held.name not in seen:
                seen.add(held.name)
                step = f"{name}{ARGUMENTS.get(f'{of.name}.{name}', '')}"
                waiting.append((f"{path} {step}", held, needs))


def selection(path: str, of: str, name: str) -> str:
    """Return a document that reads one field of one type."""
    parent = SCHEMA.type_map[of]
    assert isinstance(parent, GraphQLObjectType)
    held = get_named_type(parent.fields[name].type)
    inside = "" if is_leaf_type(held) else " { __typename }"
    asked = f"{name}{ARGUMENTS.get(f'{of}.{name}', '')}{inside}"
    for step in reversed(_steps(path)):
        asked = f"{step} {{ {asked} }}"
    return f"{{ {asked} }}"


def _steps(path: str) -> list[str]:
    steps: list[str] = []
    for word in path.split():
        # An argument has blanks inside; it belongs to the step before.
        if steps and steps[-1].count("(") > steps[-1].count(")"):
            steps[-1] += f" {word}"
        else:
            steps.append(word)
    return steps


@pytest.mark.slow
@pytest.mark.parametrize("user", VIEWERS)
async def test_every_field_is_read_by_those_who_may(client: Client, user: str | None) -> None:
    ids = await _ids(client)
    for path, of, name, needs in places():
        query = selection(path, of, name)
        for word, id_ in ids.items():
            query = query.replace(f'"{word}"', f'"{id_}"')
        answer = await client.send(query, user)
        told = [error["extensions"]["code"] for error in answer.get("errors", [])]
        if all(wanted & VIEWERS[user] for wanted in needs):
            assert told == [], (query, answer)
        else:
            # Told of each object that has the field.
            assert set(told) == {"FORBIDDEN" if user else "UNAUTHENTICATED"}, (query, answer)


async def _ids(client: Client) -> dict[str, str]:
    """Return what stands for the IDs in documents; the promotion is shown, and gives nothing."""
    never = [{"minSubtotal": money("9999999")}]
    promotion = await Promoter(client).made(key="policies", name="Never", conditions=never)
    (variant,) = await variant_ids(client, "L7-S")
    product = nodes.encode("Product", await client.product_key("lamp-7"))
    nobody = nodes.encode("User", 7)
    return {"ID": product, "PROMOTION": promotion["id"], "VARIANT": variant, "USER": nobody}


def test_walk_meets_every_type_that_can_be_read() -> None:
    met = {of for _, of, *_ in places()}
    objects = {name for name, of in SCHEMA.type_map.items() if isinstance(of, GraphQLObjectType)}

    # The members of a union are met by its own test, on the page of a product.
    values = {"SpecText", "SpecNumber", "SpecBoolean", "SpecList"}
    # What only a mutation gives back is seen by whoever may run it.
    left = {name for name in objects - met if not name.startswith("__")}
    assert left - _given_back() == values | {"Mutation", "Subscription"}


def _given_back() -> set[str]:
    """Return the types that stand in payloads, and in the parts of these."""
    assert SCHEMA.mutation_type
    waiting: list[object] = [get_named_type(f.type) for f in SCHEMA.mutation_type.fields.values()]
    found: set[str] = set()
    while waiting:
        of = waiting.pop()
        if isinstance(of, GraphQLUnionType):
            waiting += of.types
        elif isinstance(of, GraphQLObjectType) and of.name not in found:
            found.add(of.name)
            waiting += [get_named_type(field.type) for field in of.fields.values()]
    return found - {"SpecText", "SpecNumber", "SpecBoolean", "SpecList"}


USERS = "query ($id: ID!) { node(id: $id) { ... on User { id email roles } } }"


async def test_user_is_seen_by_nobody_but_herself_and_the_owner(client: Client) -> None:
    anns = (await client.ask("{ me { id } }", "ann"))["me"]["id"]
    seeing = {user for user in VIEWERS if (await client.ask(USERS, user, id=anns))["node"]}

    assert seeing == {"ann", "ola"}


async def test_role_guard_refuses_whoever_lacks_the_role(client: Client) -> None:
    assert await _refused(client, directives.RoleGuard)


async def test_twin_guard_that_asks_nobody_lets_everybody_pass(client: Client) -> None:
    class Open(directives.RoleGuard):
        def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
            return next_(source, info, **kwargs)

    assert not await _refused(client, Open)


async def _refused(client: Client, guard: type[directives.RoleGuard]) -> bool:
    info: Any = SimpleNamespace(context=await client.mall.operation(None))
    try:
        guard(frozenset({Role.OWNER})).resolve(lambda *_: "secret", None, info)
    except AccessError:
        return True
    return False
