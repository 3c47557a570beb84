"""Every argument of the schema that takes an ID, requests that are whole but for it, and IDs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from graph import nodes
from graph.schema import sdl
from stores.order_numbers import number
from tests import user_writing
from tests.buying import ADDRESS, Buyer, key
from tests.promoting import Promoter
from tests.shipping import Dispatcher
from tests.shopping import Client

SCHEMA = build_schema(sdl())

#: Names of arguments and fields that are not ID but name an object all the same.
NUMBERS = frozenset({"orderNumber", "number"})
#: An ID, but of no object.
_KEYS = frozenset({"idempotencyKey"})
#: What stands where any value of a scalar does.
_SCALARS: dict[str, Any] = {
    "Boolean": True,
    "CurrencyCode": "EUR",
    "DateTime": "2026-01-01T00:00:00Z",
    "Decimal": "1.00",
    "Float": 1.0,
    "Int": 1,
    "String": "x",
    "URL": "https://pictures.example/x.png",
    "BigInt": "1",
}
_DEPTH = 4


@dataclass(frozen=True)
class Place:
    """An argument that takes an ID, or a field inside its input; steps lead there."""

    kind: str
    field: str
    steps: tuple[str, ...]

    def request(self, schema: GraphQLSchema, id_: str, **known: Any) -> tuple[str, dict[str, Any]]:
        """Return a document and its variables; `known` has values by the name of their field."""
        root = schema.query_type if self.kind == "query" else schema.mutation_type
        assert root
        told = root.fields[self.field]
        sent = {
            name: _value(one, self.steps[1:] if name == self.steps[0] else None, id_, name, known)
            for name, one in told.args.items()
            if name == self.steps[0] or is_non_null_type(one.type)
        }
        declared = ", ".join(f"${name}: {told.args[name].type}" for name in sent)
        passed = ", ".join(f"{name}: ${name}" for name in sent)
        inside = _selection(self.kind, told)
        return f"{self.kind} ({declared}) {{ {self.field}({passed}) {inside} }}", sent


def places(schema: GraphQLSchema) -> Iterator[Place]:
    """Yield every place of an ID in the arguments of root fields."""
    assert schema.query_type
    assert schema.mutation_type
    for kind, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for field, told in root.fields.items():
            for name, argument in told.args.items():
                for steps in _steps(name, argument.type, 0):
                    yield Place(kind, field, steps)


def _steps(name: str, type_: GraphQLInputType, depth: int) -> Iterator[tuple[str, ...]]:
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        if depth < _DEPTH:
            for inner, told in named.fields.items():
                for steps in _steps(inner, told.type, depth + 1):
                    yield (name, *steps)
    elif (named.name == "ID" and name not in _KEYS) or name in NUMBERS:
        yield (name,)


def _value(
    told: GraphQLArgument | GraphQLInputField,
    steps: tuple[str, ...] | None,
    id_: str,
    name: str,
    known: dict[str, Any],
) -> Any:
    """Return a value; `steps` lead on to the ID, () means here, and None elsewhere."""
    type_ = told.type.of_type if is_non_null_type(told.type) else told.type
    if is_list_type(type_):
        one = GraphQLInputField(type_.of_type)
        return [_value(one, steps, id_, name, known)]
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        return _object(named, steps, id_, known)
    if steps == ():
        return id_
    if name in known:
        return known[name]
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    return _SCALARS.get(named.name, id_)


def _object(
    named: GraphQLInputObjectType,
    steps: tuple[str, ...] | None,
    id_: str,
    known: dict[str, Any],
) -> dict[str, Any]:
    towards = steps[0] if steps else None
    wanted = {
        name: told
        for name, told in named.fields.items()
        if name == towards or is_non_null_type(told.type)
    }
    if named.is_one_of and not wanted:
        wanted = dict([next(iter(named.fields.items()))])
    return {
        name: _value(told, steps[1:] if steps and name == towards else None, id_, name, known)
        for name, told in wanted.items()
    }


def _selection(kind: str, told: GraphQLField) -> str:
    named = get_named_type(told.type)
    if is_leaf_type(named):
        return ""
    if kind == "mutation":
        return "{ __typename userErrors { code field message details { __typename } } }"
    total = " totalCount" if "totalCount" in getattr(named, "fields", {}) else ""
    return f"{{ __typename{total} }}"


HERS = """{ me { id addresses { id } account { id entries { nodes { id transaction { id } } } }
    orders { nodes { id number version lines { id snapshot { id } } events { id }
      payments { id events { id } refunds { id } } fulfillments { id } returns { id } } } }
  cart { id version lines { id } } }"""
OF_STAFF = """{ products(filter: {statuses: [DRAFT]}) { nodes { id variants { id } } }
  warehouses { id } deliveryRates { id } stockMovements(first: 3) { nodes { id level { id } } }
  reservations { nodes { id } } promotions { nodes { id coupons { nodes { id } } } } }"""


@dataclass(frozen=True)
class Pair:
    """A place, and IDs of one kind for it: some of what bob may not see, and one of nothing."""

    place: Place
    kind: str
    foreign: tuple[str, ...]
    missing: str


@dataclass(frozen=True)
class Scene:
    """A shop in which ann and bob have bought, and all that bob can ask for."""

    shop: Client
    pairs: list[Pair]
    #: Values that other arguments need, by the name of their field.
    known: dict[str, Any]

    async def answer(self, place: Place, id_: str) -> str:
        """Return what bob is told of an ID, without the ID itself and without its key."""
        query, sent = place.request(SCHEMA, id_, **self.known, idempotencyKey=key())
        told = str(await self.shop.send(query, "bob", **sent))
        return told.replace(id_, "ID")


async def scene(shop: Client) -> Scene:
    """Let ann and bob buy, and return every place with the kinds of ID that it may take."""
    foreign = await _foreign_ids(shop)
    bob = Buyer(shop, "bob")
    await bob.fill({"L3-S": 1})
    await bob.begin()
    known = bob.order_input() | {"merchantId": await shop.merchant_id("Harbour")}
    made = [
        Pair(place, kind, tuple(ids[:2] if place.field == "node" else ids[:1]), _missing(kind))
        for place in places(SCHEMA)
        for kind, ids in foreign.items()
        if kind in _kinds(place, list(foreign))
    ]
    return Scene(shop, made, known)


def _kinds(place: Place, every: list[str]) -> list[str]:
    """Return the kinds that a place takes by its name, and one or two that it does not."""
    name, kinds = place.steps[-1], every[1:]
    if name in NUMBERS:
        return ["number"]
    if place.field in ("node", "nodes"):
        return kinds
    word = name.removesuffix("s").removesuffix("Id").lower()
    word = {"id": place.field.lower(), "customer": "user"}.get(word, word)
    named = [one for one in kinds if word in one.lower() or one.lower() in word]
    return [*named, *[one for one in kinds if one not in named][: 1 if named else 2]]


def _missing(kind: str) -> str:
    return number("260101", 77, 5) if kind == "number" else str(nodes.encode(kind, 77))


async def _foreign_ids(shop: Client) -> dict[str, list[str]]:
    """Return what ann has and bob may not see, and what is the staff's: IDs by their kind."""
    ann, dispatcher = Buyer(shop), Dispatcher(shop)
    order = await dispatcher.paid({"L5-S": 1})
    await dispatcher.ship(order)
    await user_writing.done(shop, "createAddress", key(), address=dict(ADDRESS))
    await Promoter(shop).unlocked("TENOFF", status="DRAFT")
    await ann.buy({"L1-S": 1})
    await ann.fill({"L2-S": 1})
    begun = (await ann.begin())["checkout"]
    told = [await shop.ask(HERS, "ann"), await shop.ask(OF_STAFF, "ola"), begun]
    found: dict[str, list[str]] = {"number": [ann.number]}
    for id_ in _ids(told):
        found.setdefault(nodes.decode(id_)[0], []).append(id_)
    return found


def _ids(told: Any) -> list[str]:
    if isinstance(told, list):
        return [id_ for one in told for id_ in _ids(one)]
    if not isinstance(told, dict):
        return []
    own = [told["id"]] if isinstance(told.get("id"), str) else []
    return own + [id_ for one in told.values() for id_ in _ids(one)]
