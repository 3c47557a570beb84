"""The schema: its file, its rules, and who may read what."""

from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, find_breaking_changes
from strawberry.types import get_object_definition

from graph import policies
from graph.declare import extend, gql_type, query
from graph.products import Product
from graph.schema import object_types, schema, sdl
from graph.users import User
from tests.schema_rules import RULES, Rule, schema_is_valid

FILE = Path(__file__).parents[1] / "schema.graphql"

#: One rule broken at a time, in words of the schema: what is written instead of what.
BROKEN = {
    "everything_is_described": ('"""One category."""', ""),
    "units_are_told": (
        "Pixels wanted; the next larger size kept is given, the original without it.",
        "",
    ),
    "fields_with_a_role_are_nullable": (
        "  priceRange: PriceRange!",
        "  priceRange: PriceRange! @requiresRole(roles: [OWNER])",
    ),
    "guarded_types_stand_in_guarded_places": ("  me: User", "  me: User!"),
    "borders_between_stores_are_nullable": ("): [Spec!] @cost", "): [Spec!]! @cost"),
    "node_lookups_are_nullable": ("  node(id: ID!): Node", "  node(id: ID!): Node!"),
    "pages_go_forward": ("first: Int = 20", "first: Int"),
    "connection_shape": ("  totalCount: Int", "  totalCount: Int!"),
    "floats_are_scores": ("  score: Float!", "  weight: Float!"),
    "booleans_are_questions": ("  isAvailable: Boolean!", "  available: Boolean!"),
    "instants_end_in_at": ("  createdAt: DateTime!", "  created: DateTime!"),
    "outputs_hold_objects": ("  slug: String!", "  slugId: String!"),
    "money_is_money": ("  price: Money!", "  price: Decimal!"),
    "ids_belong_to_nodes": ("type PageInfo {", "type PageInfo {\n  id: ID!"),
    "versioned_types_are_nodes": ("type PageInfo {", "type PageInfo {\n  version: Int!"),
    "names_are_free": ("Money", "Result"),
}


@cache
def text() -> str:
    return sdl()


@cache
def built() -> GraphQLSchema:
    return build_schema(text())


def test_schema_file_is_current() -> None:
    assert FILE.read_text() == text(), "Run `mallgraph schema --write` if the change is meant."


def test_schema_breaks_no_client_of_its_file() -> None:
    changes = find_breaking_changes(build_schema(FILE.read_text()), built())

    assert [change.description for change in changes] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_schema_keeps_the_rule(rule: Rule) -> None:
    assert list(rule(built())) == []


@pytest.mark.parametrize("name", BROKEN)
def test_twin_that_breaks_a_rule_is_found(name: str) -> None:
    right, wrong = BROKEN[name]
    broken = text().replace(right, wrong)
    rule = next(one for one in RULES if one.__name__ == name)

    assert broken != text()
    assert list(rule(build_schema(broken))) != []


def test_breaking_change_is_found() -> None:
    broken = text().replace("  subtitle: String\n", "")

    assert find_breaking_changes(built(), build_schema(broken)) != []


def test_every_field_says_who_may_read_it() -> None:
    bare = [
        f"{definition.name}.{field.name}"
        for definition in object_types(schema)
        for field in definition.fields
        if field.metadata.get("policy") is None
    ]

    assert bare == []


def test_field_that_does_not_say_who_may_read_it_builds_no_schema() -> None:
    @gql_type()
    class Silent:
        """Says nothing."""

        secret: str

    with pytest.raises(ValueError, match=r"Silent\.secret"):
        policies.check([get_object_definition(Silent, strict=True)])


def test_public_type_that_holds_a_guarded_one_must_say_so() -> None:
    @gql_type(public=True)
    class Careless:
        """Takes the policy of its type for a field that needs more."""

        user: User | None

    with pytest.raises(ValueError, match=r"Careless\.user"):
        policies.check([get_object_definition(Careless, strict=True)])


def test_field_without_a_docstring_is_refused() -> None:
    with pytest.raises(ValueError, match="docstring"):

        @query(public=True)
        async def silent() -> int:
            return 1


def test_field_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):

        @extend(Product, public=True)
        async def specs(products: list[Product], info: object) -> list[int]:
            """Same name again."""
            return [len(products)]


def test_rules_see_a_schema_that_is_not_valid() -> None:
    assert list(schema_is_valid(build_schema("type Query { _: Int } type Empty"))) != []
