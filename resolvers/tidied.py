"""Values of commands, brought into the form that the shop keeps: trimmed, normalised, checked."""

from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from resolvers.commands import UNCHANGED, Command
from resolvers.value_problems import problems
from stores.errors import Invalid

Rule: TypeAlias = TypeAdapter[Any]


def tidy(command: Command, **rules: Rule) -> None:
    """Bring fields of a new command into form; what an edit leaves as it is stays that.

    Raises Invalid with the path of the first value that cannot be kept.
    """
    for name, rule in rules.items():
        value = getattr(command, name)
        if value is not UNCHANGED:
            # A command is frozen, but this one is still being made.
            object.__setattr__(command, name, tidied(rule, value, to_camel(name)))


def tidied(rule: Rule, value: object, field: str) -> Any:
    """Return the value as it is kept. Raises Invalid at `field`, or at a path inside it."""
    try:
        return rule.validate_python(value, strict=True)
    except ValidationError as error:
        problem = problems(error, field)[0]
        raise Invalid(problem.reason, (field, *problem.path)) from None
