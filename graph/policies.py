"""Deny by default: no schema is built while a field does not say who may read it."""

from collections.abc import Iterable, Iterator

from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryContainer, StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from graph.directives import RequiresRole


def check(types: Iterable[type]) -> None:
    """Raise ValueError, naming the fields, unless each field has a policy.

    A field of a guarded type must say its own policy, unless it stands inside a type that needs
    the same role: so whoever declares it has thought of those who may not.
    """
    bare = [place for cls in types for place in _bare(get_object_definition(cls, strict=True))]
    if bare:
        raise ValueError(f"Say roles= or public=True of {', '.join(sorted(bare))}.")


def _bare(definition: StrawberryObjectDefinition) -> Iterator[str]:
    for field in definition.fields:
        told = field.metadata.get("policy")
        if told is None or (told == "public" and _needs_more(definition, field)):
            yield f"{definition.name}.{field.name}"


def _needs_more(owner: StrawberryObjectDefinition, field: StrawberryField) -> bool:
    needed = _roles_of(_inner(field.type))
    own = any(isinstance(told, RequiresRole) for told in owner.directives or ())
    return needed is not None and not own and not field.metadata.get("handles_roles", False)


def _inner(of: object) -> object:
    while isinstance(of, StrawberryContainer):
        of = of.of_type
    return of


def _roles_of(of: object) -> list[object] | None:
    definition = get_object_definition(of) if isinstance(of, type) else None
    told = definition.directives if definition else None
    return next((list(one.roles) for one in told or () if isinstance(one, RequiresRole)), None)
