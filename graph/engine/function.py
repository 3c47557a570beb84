"""Writes the function of a position: one loop that reads all plain fields of all its objects.

    for v, answer in zip(values, answers):
        if v.__class__ not in classes_Product: check_object(v, type_Product, field_product, run)
        v1 = v.title
        if not (v1.__class__ is str): v1 = serialize_String(v1)
        answer2 = {'title': v1, 'specs': None}
        wait_0(v); hold_0(answer2)
        answer['product'] = answer2

It expects values to be as the schema says, checks that they are, and raises whatever is not.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from graph.engine import rules
from graph.engine.fragments import Question
from graph.engine.plan import Position
from graph.engine.readings import Attribute, Computed, Constant, Itself
from graph.engine.selections import Field, Selection
from graph.engine.writer import Writer

#: Objects of exactly this class have the type of this name: neither is_type_of nor resolve_type
#: is asked.
Classes: TypeAlias = Mapping[type, str]

#: By name of a scalar: values of exactly this class are serialized by this function, which gives
#: all of them and never nothing; or they are as they are.
Scalars: TypeAlias = Mapping[str, tuple[type, Callable[[Any], Any] | None]]


class Known:
    """What all functions of one schema share."""

    def __init__(self, classes: Classes, scalars: Scalars) -> None:
        """Know the classes of objects, and of values of scalars."""
        self.classes = classes
        self.scalars = scalars
        self.serializer = cache(rules.serializer)
        self.enum_names = cache(rules.EnumNames)


class Function:
    """The function of one position, while it is written."""

    def __init__(self, position: Position, known: Known) -> None:
        """Write the function of `position`."""
        self.writer = Writer()
        self.writer.names |= {
            "Irregular": rules.Irregular,
            "check_object": rules.check_object,
            "name_of": rules.name_of,
        }
        self._position = position
        self._known = known
        #: Names of arguments that hold variables -> names of their fields.
        self._given: dict[str, str] = {}

    def text(self) -> str:
        """Return all of it; `writer.names` holds what it uses."""
        position = self._position
        with self.writer.block("for v, answer in zip(values, answers):"):
            if position.field is None:
                (selection,) = position.selections.values()
                done = self._fields("v", selection)
            else:
                done = self._value("v", position.field.type, position.field)
            self.writer.line(f"answer[{position.key!r}] = {done}")
        head = "def read(values, answers, waiting, run):"
        return "\n".join([head, *self._first_lines(), *self.writer.lines])

    def _first_lines(self) -> list[str]:
        slots = range(len(self._position.slots))
        lines = [f"wait_{n}, hold_{n} = (one.append for one in waiting[{n}])" for n in slots]
        lines += [f"{given} = run.arguments({field})" for given, field in self._given.items()]
        return [f"    {line}" for line in lines]

    def _value(self, v: str, type_: GraphQLOutputType, field: Field) -> str:
        """Write what completes the value of a variable; return the variable that has it then."""
        is_needed = is_non_null_type(type_)
        inner = type_.of_type if is_non_null_type(type_) else type_
        if is_leaf_type(inner):
            self._leaf(v, inner, is_needed=is_needed)
            return v
        if is_needed:
            # What is None is no list, nor an object of the class: each says so itself.
            return self._composite(v, inner, field)
        done = self.writer.variable("done")
        self.writer.line(f"{done} = None")
        with self.writer.block(f"if {v} is not None:"):
            self.writer.line(f"{done} = {self._composite(v, inner, field)}")
        return done

    def _leaf(self, v: str, type_: GraphQLLeafType, *, is_needed: bool) -> None:
        as_it_is, known = self._known_values(v, type_)
        told = [f"not ({as_it_is})"] if as_it_is else []
        told += [] if is_needed else [f"{v} is not None"]
        condition = f"if {' and '.join(told)}: " if told else ""
        self.writer.line(f"{condition}{v} = {known}{self._serialized(v, type_)}")

    def _known_values(self, v: str, type_: GraphQLLeafType) -> tuple[str | None, str]:
        """Return when a value is as it is, and what gives a value of a known class."""
        class_, show = self._known.scalars.get(type_.name, (None, None))
        if class_ is None:
            as_it_is = rules.AS_THEY_ARE.get(type_)
            return as_it_is and as_it_is.format(v), ""
        is_known = f"{v}.__class__ is {self.writer.name(f'class_{type_.name}', class_)}"
        if show is None:
            return is_known, ""
        return None, f"{self.writer.name(f'show_{type_.name}', show)}({v}) if {is_known} else "

    def _serialized(self, v: str, type_: GraphQLLeafType) -> str:
        if isinstance(type_, GraphQLEnumType):
            return f"{self.writer.name(f'names_{type_.name}', self._known.enum_names(type_))}[{v}]"
        serialize = self._known.serializer(type_)
        return f"{self.writer.name(f'serialize_{type_.name}', serialize)}({v})"

    def _composite(self, v: str, type_: GraphQLOutputType, field: Field) -> str:
        if is_list_type(type_):
            return self._list(v, type_, field)
        if is_object_type(type_):
            return self._object(v, type_, field)
        return self._abstract(v, cast("GraphQLAbstractType", type_), field)

    def _list(self, v: str, type_: GraphQLList[Any], field: Field) -> str:
        items, item = self.writer.variable("items"), self.writer.variable("v")
        self.writer.line(
            f"if {v}.__class__ is not list and {v}.__class__ is not tuple: raise Irregular"
        )
        self.writer.line(f"{items} = []")
        with self.writer.block(f"for {item} in {v}:"):
            self.writer.line(f"{items}.append({self._value(item, type_.of_type, field)})")
        return items

    def _object(self, v: str, type_: GraphQLObjectType, field: Field) -> str:
        classes = self._known.classes
        known = frozenset(one for one, name in classes.items() if name == type_.name)
        condition = ""
        if known:
            name = self.writer.name(f"classes_{type_.name}", known)
            condition = f"if {v}.__class__ not in {name}: "
        self.writer.line(
            f"{condition}check_object({v}, {self._type(type_)}, {self._at(field)}, run)"
        )
        return self._fields(v, field.selections[type_.name])

    def _abstract(self, v: str, type_: GraphQLAbstractType, field: Field) -> str:
        classes = self._known.classes
        possible = {one: name for one, name in classes.items() if name in field.selections}
        known = self.writer.name(f"types_{type_.name}", possible)
        kind, done = self.writer.variable("type"), self.writer.variable("done")
        asked = f"name_of({v}, {self._type(type_)}, {self._at(field)}, run)"
        self.writer.line(f"{kind} = {known}.get({v}.__class__) or {asked}")
        branch = "if"
        for selection in field.selections.values():
            if selection.fields:
                with self.writer.block(f"{branch} {kind} == {selection.type.name!r}:"):
                    self.writer.line(f"{done} = {self._fields(v, selection)}")
                branch = "elif"
        self.writer.line(f"{done} = {{}}" if branch == "if" else f"else: {done} = {{}}")
        return done

    def _fields(self, v: str, selection: Selection) -> str:
        parts = [f"{field.key!r}: {self._field(v, field)}" for field in selection.fields]
        answer = self.writer.variable("answer")
        self.writer.line(f"{answer} = {{{', '.join(parts)}}}")
        if any(selection.awaited()):
            slot = self._position.slot_of(selection)
            self.writer.line(f"wait_{slot}({v}); hold_{slot}({answer})")
        return answer

    def _field(self, v: str, field: Field) -> str:
        """Write what reads a field; return the expression for its part of the answer."""
        if isinstance(field.reading, Constant):
            return repr(field.reading.value)
        if not field.is_plain:
            return "None"
        if field.question is None:
            return self._plain(v, field)
        return self._kept(v, field, field.question)

    def _kept(self, v: str, field: Field, question: Question) -> str:
        """Write what takes a field from where it is kept, or else reads and keeps it."""
        done, key = self.writer.variable("done"), self.writer.variable("key")
        self.writer.line(f"{key} = {self._key(v, field, question)}")
        self.writer.line(f"{done} = run.found({key})")
        with self.writer.block(f"if {done} is None:"):
            self.writer.line(f"{done} = run.keep({key}, {self._plain(v, field)})")
        return done

    def _key(self, v: str, field: Field, question: Question) -> str:
        text = self.writer.name(f"asked_{field.key}", question.text)
        return f"({text}, {self.writer.name(f'state_{field.key}', question.state)}({v}))"

    def _plain(self, v: str, field: Field) -> str:
        read = self.writer.variable("v")
        if isinstance(field.reading, Attribute):
            self.writer.line(f"{read} = {v}.{field.reading.name}")
        elif isinstance(field.reading, Itself):
            self.writer.line(f"{read} = {v}")
        elif isinstance(field.reading, Computed):
            self.writer.line(f"{read} = {self._call(v, field, field.reading)}")
        return self._value(read, field.type, field)

    def _call(self, v: str, field: Field, reading: Computed) -> str:
        function = self.writer.name(f"compute_{field.name}", reading.function)
        if field.constants is None:
            at = self._at(field)
            given = at.replace("field_", "given_", 1)
            self._given[given] = at
            return f"{function}({v}, **{given})"
        if not field.constants:
            return f"{function}({v})"
        return f"{function}({v}, **{self.writer.name(f'arguments_{field.key}', field.constants)})"

    def _at(self, field: Field) -> str:
        return self.writer.name(f"field_{field.key}", field)

    def _type(self, type_: Any) -> str:
        return self.writer.name(f"type_{type_.name}", type_)
