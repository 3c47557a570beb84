"""The rules that the schema keeps about its types and fields.

A rule is a function of the schema that yields the places that break it; its docstring is the rule
in words. Rules about what does not exist yet come with it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    print_ast,
    validate_schema,
)

#: Fields that need another store than the object they stand on.
STORE_BORDERS = {
    "Product.specs",
    "Query.search",
    "Cart.totals",
    "Cart.problems",
    "CartLine.variant",
    "CartLine.unitPrice",
    "CartLine.total",
}
BACKWARD_LISTS = {"Query.products", "Category.products", "Query.orders", "User.orders"}
#: Types whose IDs hold within another object only.
LOCAL_IDS = {"CartLine", "DeliveryOption"}
#: Arguments and input fields whose unit or meaning a name alone does not tell.
TELLING = {"width", "timeZone", "interval", "since", "position", "percent", "taxRate", "byteSize"}
OUTPUT_IDS = {"trackingId", "logId", "currentLogId"}
INSTANTS_NOT_AT = {"asOf"}
BUILT_IN = {"String", "Int", "Float", "Boolean", "ID"}
#: What Swift or Kotlin would not take as the name of a class.
RESERVED = {
    "Any",
    "Array",
    "Character",
    "Class",
    "Data",
    "Dictionary",
    "Double",
    "Enum",
    "Error",
    "Exception",
    "Function",
    "Iterator",
    "List",
    "Map",
    "Never",
    "Nothing",
    "Object",
    "Optional",
    "Pair",
    "Result",
    "Self",
    "Sequence",
    "Set",
    "String",
    "Task",
    "Type",
    "Unit",
    "Void",
}
EVERYONE = frozenset({"ANONYMOUS", "SHOPPER", "MERCHANT", "OWNER"})
FORWARD = {"first: Int = 20", "after: String"}
BOTH_WAYS = {"first: Int", "after: String", "last: Int", "before: String"}

Places = Iterator[str]
Rule = Callable[[GraphQLSchema], Places]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    RULES.append(function)
    return function


def types_of(schema: GraphQLSchema) -> dict[str, GraphQLNamedType]:
    told = schema.type_map.items()
    return {name: of for name, of in told if name not in BUILT_IN and not name.startswith("__")}


def objects(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    return [of for of in types_of(schema).values() if isinstance(of, GraphQLObjectType)]


def inputs(schema: GraphQLSchema) -> list[GraphQLInputObjectType]:
    return [of for of in types_of(schema).values() if isinstance(of, GraphQLInputObjectType)]


def fields_of(types: Iterable[GraphQLNamedType]) -> Iterator[tuple[str, str, Any]]:
    """Yield place, name and field of every field; the place is Type.field."""
    for of in types:
        for name, field in getattr(of, "fields", {}).items():
            yield f"{of.name}.{name}", name, field


def target(field: Any) -> str:
    return str(get_named_type(field.type))


def directive(node: Any, name: str) -> Any:
    found = (told for told in node.directives or () if told.name.value == name)
    return next(found, None)


def but_subscriptions(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    return [of for of in objects(schema) if of is not schema.subscription_type]


def roles(node: Any) -> AbstractSet[str] | None:
    told = directive(node, "requiresRole")
    return frozenset(one.value for one in told.arguments[0].value.values) if told else None


def interfaces(of: GraphQLObjectType) -> set[str]:
    return {interface.name for interface in of.interfaces}


def roots(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    return [of for of in (schema.query_type, schema.mutation_type, schema.subscription_type) if of]


@rule
def schema_is_valid(schema: GraphQLSchema) -> Places:
    """The schema is valid."""
    yield from map(str, validate_schema(schema))


@rule
def everything_is_described(schema: GraphQLSchema) -> Places:
    """Types, directives, root fields and enum values are described."""
    yield from (name for name, of in types_of(schema).items() if not of.description)
    yield from (one.name for one in schema.directives if not one.description)
    yield from (place for place, _, field in fields_of(roots(schema)) if not field.description)
    for of in types_of(schema).values():
        values = of.values.items() if isinstance(of, GraphQLEnumType) else ()
        yield from (f"{of.name}.{name}" for name, value in values if not value.description)


@rule
def units_are_told(schema: GraphQLSchema) -> Places:
    """Arguments and input fields such as width, timeZone, position or percent tell their unit."""
    for place, _, field in fields_of(objects(schema)):
        named = field.args.items()
        yield from (
            f"{place}({name})" for name, a in named if name in TELLING and not a.description
        )
    told = fields_of(inputs(schema))
    yield from (place for place, name, field in told if name in TELLING and not field.description)


@rule
def no_type_is_unused(schema: GraphQLSchema) -> Places:
    """Every type can be reached."""
    used = {root.name for root in roots(schema)} | {"Versioned", "CacheControlScope"}
    for of in types_of(schema).values():
        used |= {member.name for member in of.types} if isinstance(of, GraphQLUnionType) else set()
    for _, _, field in fields_of(types_of(schema).values()):
        used |= {target(field), *map(target, getattr(field, "args", {}).values())}
    yield from sorted(set(types_of(schema)) - used - _reached_as_nodes(schema))


def _reached_as_nodes(schema: GraphQLSchema) -> set[str]:
    return {of.name for of in objects(schema) if "Node" in interfaces(of)}


@rule
def fields_with_a_role_are_nullable(schema: GraphQLSchema) -> Places:
    """A field that needs a role is nullable, so that a refusal does not take its parent away.

    A subscription has one field, and nothing besides that could be taken away.
    """
    for place, _, field in fields_of(but_subscriptions(schema)):
        if roles(field.ast_node) and isinstance(field.type, GraphQLNonNull):
            yield place


@rule
def guarded_types_stand_in_guarded_places(schema: GraphQLSchema) -> Places:
    """A type that needs a role is non-null only inside one that needs the same or a stronger."""
    for of in but_subscriptions(schema):
        if re.search("(Connection|Edge)$", of.name):
            continue
        for place, _, field in fields_of([of]):
            held = get_named_type(field.type)
            needed = roles(held.ast_node) if isinstance(held, GraphQLObjectType) else None
            inside = roles(of.ast_node) or EVERYONE
            if isinstance(field.type, GraphQLNonNull) and needed and not inside <= needed:
                yield place


@rule
def borders_between_stores_are_nullable(schema: GraphQLSchema) -> Places:
    """A field that asks another store is nullable: one store away leaves the others standing."""
    known = {place: field for place, _, field in fields_of(objects(schema))}
    yield from sorted(STORE_BORDERS - known.keys())
    for place in STORE_BORDERS & known.keys():
        if isinstance(known[place].type, GraphQLNonNull):
            yield place


@rule
def versioned_types_are_nodes(schema: GraphQLSchema) -> Places:
    """A type with a version is Node & Versioned."""
    for of in objects(schema):
        if "version" in of.fields and not {"Node", "Versioned"} <= interfaces(of):
            yield of.name


@rule
def ids_belong_to_nodes(schema: GraphQLSchema) -> Places:
    """A type with an id is a Node, unless it is a part of one."""
    named = (of for of in objects(schema) if "id" in of.fields and of.name not in LOCAL_IDS)
    yield from (of.name for of in named if "Node" not in interfaces(of))


@rule
def node_lookups_are_nullable(schema: GraphQLSchema) -> Places:
    """Both node and each of nodes may be null."""
    assert schema.query_type
    for name, kind in (("node", "Node"), ("nodes", "[Node]!")):
        if str(schema.query_type.fields[name].type) != kind:
            yield name


@rule
def pages_go_forward(schema: GraphQLSchema) -> Places:
    """A connection takes first and after, some last and before too; it tells @listSize."""
    for place, _, field in fields_of(objects(schema)):
        if not target(field).endswith("Connection"):
            continue
        wanted = BOTH_WAYS if place in BACKWARD_LISTS else FORWARD
        names = {"first", "after", "last", "before"}
        has = {print_ast(a.ast_node) for name, a in field.args.items() if name in names}
        if has != wanted or not directive(field.ast_node, "listSize"):
            yield place


@rule
def connection_shape(schema: GraphQLSchema) -> Places:
    """A connection has edges, nodes, pageInfo: PageInfo! and a nullable totalCount."""
    for of in objects(schema):
        if of.name.endswith("Connection"):
            has = {name: str(field.type) for name, field in of.fields.items()}
            place = (has.get("pageInfo"), has.get("totalCount"))
            if not {"edges", "nodes"} <= set(has) or place != ("PageInfo!", "Int"):
                yield of.name


@rule
def limits_have_defaults(schema: GraphQLSchema) -> Places:
    """An argument named limit has a default, and its field @listSize."""
    for place, _, field in fields_of(objects(schema)):
        limit = field.args.get("limit")
        has_default = limit is not None and limit.ast_node.default_value is not None
        if limit and not (has_default and directive(field.ast_node, "listSize")):
            yield place


@rule
def lists_are_bounded(schema: GraphQLSchema) -> Places:
    """A list of objects that a store is asked for tells its size."""
    for place, _, field in fields_of(roots(schema)):
        if "[" in str(field.type) and not directive(field.ast_node, "listSize"):
            yield place


@rule
def floats_are_scores(schema: GraphQLSchema) -> Places:
    """Float is for scores only."""
    for place, name, field in fields_of(types_of(schema).values()):
        if target(field) == "Float" and name != "score":
            yield place


@rule
def scalars_are_specified(schema: GraphQLSchema) -> Places:
    """Custom scalars say by what they are specified; there is no JSON, Upload or Any."""
    for name, of in types_of(schema).items():
        if isinstance(of, GraphQLScalarType) and not of.specified_by_url:
            yield name
    yield from sorted(set(types_of(schema)) & {"JSON", "Upload", "Any"})


@rule
def money_is_money(schema: GraphQLSchema) -> Places:
    """Amounts and prices that are shown are Money."""
    words = "amount|price|subtotal|total|tax|debit|credit|discount|paid"
    amount = re.compile(f"({words})$", re.IGNORECASE)
    for place, name, field in fields_of(objects(schema)):
        if amount.search(name) and target(field) != "Money" and not place.startswith("Money."):
            yield place


@rule
def sequences_are_big(schema: GraphQLSchema) -> Places:
    """Log ids and sequences are BigInt."""
    for place, name, field in fields_of([*objects(schema), *inputs(schema)]):
        if re.search("(logId|sequence)$", name, re.IGNORECASE) and target(field) != "BigInt":
            yield place


@rule
def booleans_are_questions(schema: GraphQLSchema) -> Places:
    """Booleans are named is… or has…."""
    for place, name, field in fields_of(types_of(schema).values()):
        if target(field) == "Boolean" and not re.match("(is|has)[A-Z]", name):
            yield place


@rule
def instants_end_in_at(schema: GraphQLSchema) -> Places:
    """Instants that are shown end in At."""
    for place, name, field in fields_of(objects(schema)):
        if target(field) == "DateTime" and not name.endswith("At") and name not in INSTANTS_NOT_AT:
            yield place


@rule
def outputs_hold_objects(schema: GraphQLSchema) -> Places:
    """What is shown holds objects, not their IDs."""
    for place, name, _ in fields_of(objects(schema)):
        if (
            name.endswith("Id")
            and name not in OUTPUT_IDS
            and not re.match("(deleted|erased)", name)
        ):
            yield place


@rule
def names_are_free(schema: GraphQLSchema) -> Places:
    """No type has a name that Swift or Kotlin needs."""
    yield from sorted(set(types_of(schema)) & RESERVED)
