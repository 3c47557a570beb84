"""How large a document may be, found out in one walk before anything is validated.

Validation takes time that grows with the square of a document, and with the power of its
fragments: twenty of them, each spread twice by the one before, are a million fields. So each
fragment is measured once, and its measures are added wherever it is spread.
"""

from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from graph.nested import nested
from graph.repeats import Definition, Fragments, repeats
from graph.request_errors import RequestCode, document_refused

#: Of the text itself; more of it would be literals and comments.
MAX_CHARACTERS = 64 * 1024
#: A text of many lines is put together line by line.
MAX_LINES = 5_000
MAX_DEPTH = 16
#: Fields, and fragments spread among them, as often as they are.
MAX_SELECTIONS = 3_000
MAX_ALIASES = 200
MAX_ROOT_FIELDS = 50
MAX_DIRECTIVES = 100
MAX_OPERATIONS = 50
MAX_DEFINITIONS = 200
#: Fragments that spread one another in a chain.
MAX_CHAIN = 50
#: Lists of __Type inside one another; what tools ask needs two.
MAX_INTROSPECTED = 3
#: Aliases of the schema itself, and inside it: each is as much work again.
MAX_RENAMED = 2
#: Lists and objects of a value inside one another: rules look at the whole of it at each level.
MAX_NESTED = 16
#: Comparisons of fields that give one value together, and of fragments of one object.
MAX_REPEATS = 3_000
#: A measure that is larger than any limit grows no further.
CEILING = 1_000_000

_META = frozenset({"__schema", "__type"})
_INTROSPECTED = frozenset({"fields", "interfaces", "possibleTypes", "inputFields"})


@dataclass(slots=True)
class Size:
    """What a part of a document amounts to, with its fragments put in."""

    depth: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    #: Fragments in a chain.
    chain: int = 0
    #: Lists of __Type inside one another.
    introspected: int = 0
    #: Aliases of the schema itself and inside it.
    renamed: int = 0
    #: Fields of the selection itself, without those inside them.
    roots: int = 0
    #: Whether the schema itself is asked for.
    has_meta: bool = False

    def add(self, other: "Size") -> "Size":
        """Grow by what stands in the same selection, and return the whole."""
        self.depth = max(self.depth, other.depth)
        self.selections = min(self.selections + other.selections, CEILING)
        self.aliases = min(self.aliases + other.aliases, CEILING)
        self.directives = min(self.directives + other.directives, CEILING)
        self.chain = max(self.chain, other.chain)
        self.introspected = max(self.introspected, other.introspected)
        self.renamed = min(self.renamed + other.renamed, CEILING)
        self.roots = min(self.roots + other.roots, CEILING)
        self.has_meta = self.has_meta or other.has_meta
        return self


_LIMITS = (
    ("depth", MAX_DEPTH, "nests its fields {} deep"),
    ("selections", MAX_SELECTIONS, "has {} fields and fragments"),
    ("aliases", MAX_ALIASES, "has {} aliases"),
    ("roots", MAX_ROOT_FIELDS, "has {} fields at its root"),
    ("directives", MAX_DIRECTIVES, "has {} directives"),
    ("chain", MAX_CHAIN, "spreads {} fragments inside one another"),
    ("introspected", MAX_INTROSPECTED - 1, "asks for {} lists of types inside one another"),
    ("renamed", MAX_RENAMED, "has {} aliases for the schema itself"),
)


def check(document: DocumentNode) -> bool:
    """Return whether a document asks for the schema itself.

    Raises GraphQLError, with a code, if it is larger than anybody needs.
    """
    definitions = document.definitions
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    others = [one for one in definitions if isinstance(one, FragmentDefinitionNode)]
    every: tuple[Definition, ...] = (*operations, *others)
    _at_most(len(operations), MAX_OPERATIONS, "The document has {} operations")
    _at_most(len(definitions), MAX_DEFINITIONS, "The document has {} definitions")
    _at_most(nested(document), MAX_NESTED, "The document has {} lists and objects in one value")
    fragments = fragments_of(document)
    measure = _Measure(fragments)
    has_meta = False
    # Fragments that no operation spreads are validated as well.
    for one in every:
        if not measure.knows(one):
            size = measure.of(one)
            _check_one(one, size, fragments)
            has_meta = has_meta or size.has_meta
    return has_meta


def check_text(text: str) -> None:
    """Raise GraphQLError, with a code, for a text that is longer than anybody needs to parse."""
    _at_most(len(text), MAX_CHARACTERS, "The document has {} characters")
    _at_most(text.count("\n") + text.count("\r"), MAX_LINES, "The document has {} lines")


def _check_one(definition: Definition, size: Size, fragments: Fragments) -> None:
    for name, most, text in _LIMITS:
        _at_most(getattr(size, name), most, f"An operation {text}", definition)
    compared = repeats(definition, fragments)
    _at_most(compared, MAX_REPEATS, "An operation repeats its fields {} times", definition)


def fragments_of(document: DocumentNode) -> Fragments:
    """Return the fragments of a document by name."""
    return {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }


def _at_most(found: int, most: int, text: str, node: Node | None = None) -> None:
    if found > most:
        many = f"{found} or more" if found >= CEILING else str(found)
        raise document_refused(f"{text.format(many)}; {most} are allowed.", node)


class _Measure:
    """Measures the parts of a document, each fragment once."""

    def __init__(self, fragments: Fragments) -> None:
        self._fragments = fragments
        #: None for a fragment that is being measured.
        self._known: dict[str, Size | None] = {}
        #: How many selections we are inside of.
        self._inside = 0

    def knows(self, definition: Definition) -> bool:
        """Return whether it is part of what was measured."""
        name = definition.name.value if definition.name else ""
        return name in self._known and self._fragments[name] is definition

    def of(self, definition: Definition) -> Size:
        directives = len(definition.directives or ())
        for one in definition.variable_definitions or ():
            directives += len(one.directives or ())
        return Size(directives=directives).add(self._set(definition.selection_set))

    def _set(self, selections: SelectionSetNode) -> Size:
        self._inside += 1
        if self._inside > MAX_DEPTH + MAX_CHAIN:
            raise document_refused(
                f"The document is nested too deeply; {MAX_DEPTH} levels are allowed.", selections
            )
        others = [one for one in selections.selections if not _is_plain(one)]
        plain = len(selections.selections) - len(others)
        found = Size(depth=int(plain > 0), selections=plain, roots=plain)
        for one in others:
            found.add(self._selection(one))
        self._inside -= 1
        return found

    def _selection(self, node: SelectionNode) -> Size:
        directives = len(node.directives or ())
        if isinstance(node, FieldNode):
            return self._field(node, directives)
        own = Size(directives=directives, selections=1)
        if isinstance(node, FragmentSpreadNode):
            return own.add(self._spread(node))
        assert isinstance(node, InlineFragmentNode)  # noqa: S101  There is no other selection.
        return own.add(self._set(node.selection_set))

    def _field(self, node: FieldNode, directives: int) -> Size:
        inside = self._set(node.selection_set) if node.selection_set else Size()
        aliases, is_meta = inside.aliases + (node.alias is not None), node.name.value in _META
        return Size(
            inside.depth + 1,
            min(inside.selections + 1, CEILING),
            aliases,
            inside.directives + directives,
            inside.chain,
            inside.introspected + (node.name.value in _INTROSPECTED and bool(inside.depth)),
            aliases if is_meta else inside.renamed,
            1,
            inside.has_meta or is_meta,
        )

    def _spread(self, node: FragmentSpreadNode) -> Size:
        name = node.name.value
        if name not in self._fragments:
            # Validation tells of it.
            return Size()
        if name not in self._known:
            self._known[name] = None
            self._known[name] = self.of(self._fragments[name])
        found = self._known[name]
        if found is None:
            raise _circle(node)
        return Size(chain=found.chain + 1).add(found)


def _is_plain(node: SelectionNode) -> bool:
    """Return whether it is a field with nothing but its name, as most are."""
    return (
        isinstance(node, FieldNode)
        and node.selection_set is None
        and not node.directives
        and node.alias is None
    )


def _circle(node: FragmentSpreadNode) -> GraphQLError:
    return GraphQLError(
        f"The fragment {node.name.value} spreads itself.",
        node,
        extensions={"code": RequestCode.GRAPHQL_VALIDATION_FAILED.value},
    )
