"""Our own walk finds what graphql-core finds, in its order and its words."""

from collections.abc import Iterator

from graphql import DocumentNode, GraphQLError, TypeInfo, parse, specified_rules, validate

from graph.documents import limited
from graph.request_errors import TOLD_ERRORS
from graph.schema import schema
from graph.validation import _ADDED, _Context, mistakes
from graph.walk import Walk
from tests import hostile
from tests.guessing import SCHEMA, wrong_documents

CORE = schema._schema
RULES = [*specified_rules, *(one for one in _ADDED if one not in specified_rules)]
#: Mistakes of every kind, several in a document, inside one another.
WRONG = """
query A($a: Int, $a: Nothing, $unused: [ID!], $b: ProductFilterInput = {nothing: 1}) @skip(if: 1) {
  products(first: $b, nothing: 1, first: 2) { nodes { id { x } slug: title slug specs } }
  ...F ...Nothing ...G @nothing
  node(id: 1.5) { ... on Shop { name } ... on Nothing { id } ... on ProductStatus { id } }
}
query A { node { id } search(facets: [{key: null, key: "a"}, "x", {}]) @skip { totalCount } }
fragment F on Query { shop { name @include(if: true) @include(if: $later) } ...G }
fragment G on Query { products(filter: {price: {min: [1]}, statuses: [SOLD]}) { ...F } }
fragment Unused on Int { id }
fragment F on Product { id }
mutation M { addCartLines(input: {lines: [{quantity: "1"}]}) { isReplay } }
subscription S { orderUpdated { step: id } inventoryChanged { kind } }
type T { a: Int }
"""
ALONE = """{ shop { name(x: 1) } }
{ shop }
{ shop { nothing } }
query ($a: Product) { shop { name } }
{ shop { name } } { shop { name } }
{ product(by: {id: "1", slug: "x"}) { id } }
{ product(by: {id: null}) { id } }
query ($a: ID) { product(by: {id: $a}) { id } }
query ($a: String) { products(first: $a) { totalCount } }
query ($a: [Int]) { products(first: $a) { totalCount } }
query ($a: Int!) { shop { name } }
{ products(first: $a) { totalCount } }
{ products(filter: {brands: [1, "a", null]}) { totalCount } }
{ a: shop { name } a: products { totalCount } }
{ products(first: 1) { totalCount } products(first: 2) { totalCount } }
{ products { ... @nothing { totalCount } ... @skip(if: true) @skip(if: true) { totalCount } } }
{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }
{ nodes(ids: ["a"]) { ... on Product { id variants { ...P } } } } fragment P on Product { id }
subscription ($a: Boolean!) { orderUpdated @skip(if: $a) { kind } }
query ($a: Boolean @skip(if: true)) { shop { name @include(if: $a) } }"""

#: Those of what this schema does not have, or has all of.
SILENT = [
    "KnownOperationTypesRule",
    "DeferStreamDirectiveOnRootField",
    "DeferStreamDirectiveOnValidOperationsRule",
    "DeferStreamDirectiveLabel",
    "StreamDirectiveOnListField",
    "MaybeNullValidationRule",
]


def documents() -> Iterator[DocumentNode]:
    """Yield all that may be told wrong, within the limits and without."""
    yield parse(WRONG)
    for text in [*ALONE.splitlines(), *wrong_documents(SCHEMA)]:
        yield parse(text)
    for _, text in hostile.documents():
        try:
            node = parse(text, max_tokens=2_000)
            limited(CORE, node)
        except GraphQLError:
            continue
        yield node


def told(errors: list[GraphQLError]) -> list[tuple[str, object]]:
    return [(one.message, one.locations) for one in errors]


def test_own_walk_finds_the_same_mistakes() -> None:
    wrong, found = [], 0
    for node in documents():
        ours = told(mistakes(CORE, node, specified_rules))[:TOLD_ERRORS]
        theirs = told(validate(CORE, node, RULES, TOLD_ERRORS, hide_suggestions=True))
        found += bool(ours)
        if ours != theirs[:TOLD_ERRORS]:
            wrong.append((node, ours, theirs))

    assert wrong == []
    assert found > 500


def test_each_rule_alone_finds_the_same_mistakes() -> None:
    """Together, what one finds hides what another does not."""
    nodes = [parse(WRONG), *map(parse, ALONE.splitlines())]
    silent = []
    for rule in RULES:
        errors: list[GraphQLError] = []
        for node in nodes:
            ours: list[GraphQLError] = []
            types = TypeInfo(CORE)
            context = _Context(CORE, node, types, ours.append)
            Walk([rule(context)], types).over(node)
            assert told(ours) == told(validate(CORE, node, [rule], hide_suggestions=True)), rule
            errors += ours
        silent += [] if errors else [rule.__name__]

    assert silent == SILENT
