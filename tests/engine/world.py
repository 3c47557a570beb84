"""A schema with everything a schema can have, told to both executors."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    default_field_resolver,
    is_object_type,
)

from graph.engine import Attribute, Computed, Engine, Many, One, Reading
from tests.engine.objects import Cat, Colour, Dog, Effects, Home, Person, Root, Thing

SDL = """
directive @experimental_disableErrorPropagation on QUERY | MUTATION | SUBSCRIPTION

scalar Day
enum Colour { RED GREEN BLUE }
input Range { low: Int! = 1, high: Int }
input Choice @oneOf { id: ID, name: String, range: Range }

interface Named { id: ID!, name: String }
interface Pet implements Named { id: ID!, name: String, owner: Person, friends: [Pet!] }

type Dog implements Pet & Named {
  id: ID!, name: String, owner: Person, friends: [Pet!], barks: Boolean!, chases: Pet
}
type Cat implements Pet & Named {
  id: ID!, name: String, owner: Person!, friends: [Pet!]!, lives: Int!, naps: [String!]
}
type Home { address: String!, owner: Person, rooms: [[Thing!]], bell: String!, guests: [Person!]! }
union Thing = Dog | Home | Person

type Person implements Named {
  id: ID!, name: String, age: Int!, tall: Float, born: Day, died: Day!, grid: [[Int!]]!
  colour: Colour!, colours: [Colour], home: Home!, likes: Thing, pets: [Pet!]
  tag(prefix: String = "x", colour: Colour = BLUE, choice: Choice): String
  times(by: Int! = 2, range: Range): Int!
  score(by: Int = 3, colours: [Colour!]): Int!
  best: Person, only: Person!, group: [Person!], things: [Thing]!, pet: Pet!, words: [String!]
  slowly(word: String): String, at: String!, boss: Person, team: [Person]
}

type Query {
  person: Person, someone: Person!, people(range: Range): [Person!]!, maybe: [Person]
  named: Named, pets: [Pet!], thing: Thing, things: [[Thing]], word: String, home: Home
}
type Mutation { add(by: Int!): Int, set(to: Int!): Person, must(by: Int = 1): Person! }
"""


#: Who awaits what: by type, the fields that are asked for many objects, and those for one.
MANY = {
    "Dog": {"chases"},
    "Cat": {"owner", "naps"},
    "Home": {"owner", "bell", "guests"},
    "Person": {"score", "best", "only", "group", "things", "pet", "words"},
    "Query": {"people", "maybe", "thing"},
}
ONE = {
    "Person": {"slowly", "at", "boss", "team"},
    "Query": {"someone", "pets"},
    "Mutation": {"add", "set", "must"},
}
#: Objects of this class alone are known by it.
CLASSES: dict[type, str] = {Home: "Home", Cat: "Cat"}
#: Values of this class alone are serialized without asking their scalar.
SCALARS = {"Day": (date, date.isoformat)}


def _tag(source: Person, **arguments: Any) -> Any:
    return source.tag if source.tag is None else f"{source.tag} {sorted(arguments.items())}"  # type: ignore[attr-defined]  # As random as its value.


def _times(source: Person, by: int, range: Mapping[str, int] | None = None) -> Any:
    low = 1 if range is None else range["low"]
    return source.times * by * low  # type: ignore[attr-defined]  # As above.


COMPUTED: dict[str, Callable[..., Any]] = {"tag": _tag, "times": _times}


def _later(source: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
    value = source.later[name]
    return value + len(str(arguments)) if name == "score" and isinstance(value, int) else value


def _caught(source: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
    try:
        return _later(source, name, arguments)
    except Exception as error:  # noqa: BLE001  It is the error of this place alone.
        return error


async def _add(source: Root, info: GraphQLResolveInfo[Effects], by: int) -> int:
    before = info.context.total
    await asyncio.sleep(0)
    info.context.total = before + by
    info.context.log.append(f"add {by}")
    return info.context.total


async def _set(source: Root, info: GraphQLResolveInfo[Effects], to: int) -> Any:
    await asyncio.sleep(0)
    info.context.total = to
    info.context.log.append(f"set {to}")
    return source.later["set"]


def _must(source: Root, info: GraphQLResolveInfo[Effects], by: int) -> Any:
    info.context.log.append(f"must {by} of {info.context.total}")
    return source.later["must"]


def _at(source: Person, info: GraphQLResolveInfo[Effects]) -> str:
    return "/".join(str(one) for one in info.path.as_list())


async def _slowly(source: Person, info: GraphQLResolveInfo[Effects], word: str = "") -> Any:
    await asyncio.sleep(0)
    value = source.later["slowly"]
    return f"{value} {word}" if isinstance(value, str) else value


RESOLVERS: dict[str, Callable[..., Any]] = {
    "add": _add,
    "set": _set,
    "must": _must,
    "at": _at,
    "slowly": _slowly,
}


def reading_of(type_: GraphQLObjectType, name: str, shown: GraphQLField) -> Reading:
    """Tell the engine of a field; objects of a case do not change, so each is a state."""
    if name in MANY.get(type_.name, ()):
        return Many(_many(name), state=id)
    if name in ONE.get(type_.name, ()):
        return One(shown.resolve or default_field_resolver)
    return Computed(COMPUTED[name], state=id) if name in COMPUTED else Attribute(name)


def _many(name: str) -> Callable[..., Any]:
    async def many(
        sources: Sequence[Thing], info: GraphQLResolveInfo[Effects], arguments: Mapping[str, Any]
    ) -> list[Any]:
        await asyncio.sleep(0)
        return [_caught(one, name, arguments) for one in sources]

    return many


def _resolver(type_: GraphQLObjectType, name: str) -> Callable[..., Any]:
    """Return what graphql-core calls, which notes the type of each place."""
    inner = _unnoted(type_, name)

    def noted(source: Any, info: GraphQLResolveInfo[Effects], **arguments: Any) -> Any:
        info.context.types[tuple(info.path.as_list())] = info.return_type
        return inner(source, info, **arguments)

    return noted


def _unnoted(type_: GraphQLObjectType, name: str) -> Callable[..., Any]:
    async def later(source: Any, info: Any, **arguments: Any) -> Any:
        await asyncio.sleep(0)
        return _later(source, name, arguments)

    def computed(source: Any, info: Any, **arguments: Any) -> Any:
        return COMPUTED[name](source, **arguments)

    if name in RESOLVERS:
        return RESOLVERS[name]
    if name in MANY.get(type_.name, ()):
        return later
    if name in ONE.get(type_.name, ()):
        return lambda source, info, **arguments: _later(source, name, arguments)
    return computed if name in COMPUTED else lambda source, info: getattr(source, name)


def _day(value: Any) -> Any:
    if isinstance(value, int):
        raise TypeError(f"{value} is no day.")
    return value.isoformat() if isinstance(value, date) else None


def make_schema() -> GraphQLSchema:
    """Return the schema, as graphql-core executes it."""
    schema = build_schema(SDL)
    kinds = schema.type_map
    for kind in kinds.values():
        if is_object_type(kind) and not kind.name.startswith("__"):
            for name, shown in kind.fields.items():
                shown.resolve = _resolver(kind, name)
    day, colour, thing = kinds["Day"], kinds["Colour"], kinds["Thing"]
    assert isinstance(day, GraphQLScalarType)
    assert isinstance(colour, GraphQLEnumType)
    assert isinstance(thing, GraphQLUnionType)
    day.coerce_output_value = _day
    for name, value in colour.values.items():
        value.value = Colour[name]
    thing.resolve_type = lambda value, info, type_: value.kind
    for name, cls in {"Dog": Dog, "Cat": Cat, "Person": Person}.items():
        told = kinds[name]
        assert isinstance(told, GraphQLObjectType)
        told.is_type_of = lambda value, info, cls=cls: isinstance(value, cls)
    return schema


SCHEMA = make_schema()


def make_engine() -> Engine:
    """Return an engine for the same schema, with no plan yet."""
    return Engine(SCHEMA, reading_of, CLASSES, SCALARS, capacity=2_000)
