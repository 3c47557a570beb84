"""Deny by default: no schema is built while a field does not say who may read it."""

from collections.abc import Iterable, Iterator

from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryContainer, StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from graph.directives import RequiresRole


def check(definitions: Iterable[StrawberryObjectDefinition]) -> None:
    """Raise ValueError, naming the fields, unless each field has a policy.

    A field that holds a guarded type says its own policy, instead of taking that of its type,
    unless the type is guarded itself: so whoever declares it has thought of those who may not.
    """
    bare = [place for definition in definitions for place in _bare(definition)]
    if bare:
        raise ValueError(f"Say roles= or public=True of {', '.join(sorted(bare))}.")


def _bare(definition: StrawberryObjectDefinition) -> Iterator[str]:
    for field in definition.fields:
        told, is_own = field.metadata.get("policy"), field.metadata.get("is_own_policy")
        if told is None or not (is_own or _is_guarded(definition) or not _holds_guarded(field)):
            yield f"{definition.name}.{field.name}"


def _holds_guarded(field: StrawberryField) -> bool:
    inner: object = field.type
    while isinstance(inner, StrawberryContainer):
        inner = inner.of_type
    held = get_object_definition(inner) if isinstance(inner, type) else None
    return held is not None and _is_guarded(held)


def _is_guarded(definition: StrawberryObjectDefinition) -> bool:
    return any(isinstance(told, RequiresRole) for told in definition.directives or ())
