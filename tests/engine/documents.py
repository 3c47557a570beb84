"""Random documents: whatever a client may write about the schema of `tests.engine.world`."""

from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLNamedType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_object_type,
    parse,
    validate,
)

from tests.engine.world import SCHEMA

#: Variables by type of argument: name, how it is declared, values it may be given.
VARIABLES: dict[str, list[tuple[str, str, list[Any]]]] = {
    "Boolean!": [
        ("yes", "Boolean!", [True, False]),
        ("maybe", "Boolean! = true", [True, False]),
        ("no", "Boolean = false", [True, False]),
    ],
    "String": [("word", "String", ["w", None]), ("text", 'String = "t"', ["w", None])],
    "Int": [("number", "Int", [5, None]), ("three", "Int = 3", [4, None])],
    "Int!": [("needed", "Int!", [6]), ("seven", "Int! = 7", [8]), ("three", "Int = 3", [4])],
    "Colour": [("colour", "Colour = RED", ["GREEN", None])],
    "[Colour!]": [("colours", "[Colour!] = [RED]", [["GREEN", "BLUE"], "RED", None])],
    "Choice": [("choice", "Choice", [{"id": 1}, {"name": "n"}, {"range": {"high": 2}}, None])],
    "Range": [("range", "Range = {high: 3}", [{}, {"low": 2, "high": None}, None])],
}
LITERALS: dict[str, list[str]] = {
    "String": ['"s"', "null"],
    "Int": ["1", "null"],
    "Int!": ["2"],
    "Colour": ["BLUE", "null"],
    "[Colour!]": ["[RED, GREEN]", "BLUE", "[]", "null"],
    "Choice": ['{id: "i"}', "{range: {low: 4}}", "{name: $label}", "null"],
    "Range": ["{}", "{low: 5}", "{low: $needed, high: $number}", "null"],
}
DECLARED = {name: (told, values) for of in VARIABLES.values() for name, told, values in of} | {
    "label": ("String!", ["l"])
}
#: With it, an error nulls its own place, whatever the type.
UNPROPAGATED = "@experimental_disableErrorPropagation"


class Documents:
    """Writes documents and values of their variables."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left = 0
        self._fragments: dict[str, str] = {}
        #: (field, arguments) -> alias, so that equal keys ask for equal things.
        self._aliases: dict[tuple[str, str], str] = {}

    def valid(self) -> tuple[str, DocumentNode]:
        """Return a document that the schema allows."""
        while True:
            text = self._text()
            document = parse(text)
            if not validate(SCHEMA, document, max_errors=1):
                return text, document

    def variables(self, text: str) -> dict[str, Any]:
        """Return values of the variables of a document; sometimes a value is missing or wrong."""
        given = {}
        for name, (told, values) in DECLARED.items():
            is_asked = f"${name}:" in text
            is_needed = "!" in told and "=" not in told
            if is_asked and (is_needed or self._random.random() < 0.6):
                given[name] = self._random.choice(values)
        return given

    def _text(self) -> str:
        """Return a document of two lines: the head of an operation, and all the rest."""
        self._left = self._random.randint(5, 60)
        self._fragments, self._aliases = {}, {}
        kind = "mutation" if self._random.random() < 0.15 else "query"
        root = SCHEMA.mutation_type if kind == "mutation" else SCHEMA.query_type
        assert root is not None
        body = self._selection(root, 0) + "".join(self._fragments.values())
        used = [name for name in DECLARED if f"${name}" in _words(body)]
        told = ", ".join(f"${name}: {DECLARED[name][0]}" for name in used)
        return f"{kind} Asked{f'({told})' if told else ''}{self._propagation()}\n{body}"

    def _propagation(self) -> str:
        return f" {UNPROPAGATED}" if self._random.random() < 0.2 else ""

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        parts = [self._part(type_, depth) for _ in range(self._random.randint(1, 5))]
        return "{ " + " ".join(parts) + " }"

    def _part(self, type_: GraphQLNamedType, depth: int) -> str:
        self._left -= 1
        chance = self._random.random()
        if chance < 0.1:
            return f"{self._random.choice(['', 'kind: '])}__typename{self._directive()}"
        if depth < 6 and chance < (0.5 if is_abstract_type(type_) else 0.2):
            return self._fragment(type_, depth)
        return self._field(type_, depth) or "__typename"

    def _fragment(self, type_: GraphQLNamedType, depth: int) -> str:
        condition = self._condition(type_)
        chance = self._random.random()
        if chance < 0.1:
            return f"...{self._directive()} {self._selection(type_, depth + 1)}"
        if chance < 0.6:
            body = self._selection(condition, depth + 1)
            return f"... on {condition.name}{self._directive()} {body}"
        usable = [
            name for name, text in self._fragments.items() if f" on {condition.name} " in text
        ]
        if usable and chance < 0.8:
            return f"...{self._random.choice(usable)}{self._directive()}"
        body = self._selection(condition, depth + 1)
        # Named after its body is written, so that no fragment holds itself.
        name = f"F{len(self._fragments)}"
        self._fragments[name] = f" fragment {name} on {condition.name} {body}"
        return f"...{name}{self._directive()}"

    def _condition(self, type_: GraphQLNamedType) -> Any:
        if is_object_type(type_):
            above = [one for one in SCHEMA.type_map.values() if is_abstract_type(one)]
            fitting = [one for one in above if SCHEMA.is_sub_type(one, type_)]
            return self._random.choice([type_, *fitting])
        return self._random.choice([type_, *SCHEMA.get_possible_types(type_)])  # type: ignore[arg-type]  # It is abstract.

    def _field(self, type_: GraphQLNamedType, depth: int) -> str | None:
        fields = getattr(type_, "fields", {})
        is_last = depth >= 6 or self._left <= 0
        fitting = [
            name
            for name, told in fields.items()
            if not is_last or is_leaf_type(get_named_type(told.type))
        ]
        if not fitting:
            return None
        name = self._random.choice(fitting)
        arguments = self._arguments(fields[name].args)
        inner = get_named_type(fields[name].type)
        body = "" if is_leaf_type(inner) else self._selection(inner, depth + 1)
        return f"{self._key(name, arguments)}{arguments}{self._directive()} {body}"

    def _key(self, name: str, arguments: str) -> str:
        """Return `alias: name`; the same alias for the same arguments."""
        if self._random.random() < 0.1:
            return (
                f"{name}{len(arguments)}_too: {name}"
                if not arguments
                else self._alias(name, arguments)
            )
        return self._alias(name, arguments) if arguments else name

    def _alias(self, name: str, arguments: str) -> str:
        alias = self._aliases.setdefault((name, arguments), f"{name}_{len(self._aliases)}")
        return f"{alias}: {name}"

    def _arguments(self, told: dict[str, GraphQLArgument]) -> str:
        parts = []
        for name, argument in told.items():
            type_ = str(argument.type)
            if type_.endswith("!") or self._random.random() < 0.5:
                parts.append(f"{name}: {self._value(type_)}")
        return f"({', '.join(parts)})" if parts else ""

    def _value(self, type_: str) -> str:
        if self._random.random() < 0.5:
            return "$" + self._random.choice(VARIABLES[type_])[0]
        return self._random.choice(LITERALS[type_])

    def _directive(self) -> str:
        if self._random.random() > 0.15:
            return ""
        name = self._random.choice(["skip", "include"])
        value = self._random.choice(["true", "false", "$yes", "$maybe", "$no", "$yes"])
        return f" @{name}(if: {value})"


def _words(text: str) -> set[str]:
    return {word.strip("(){}[],:") for word in text.replace(")", " ").replace("}", " ").split()}
