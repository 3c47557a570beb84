"""Rows: values that are read by the thousand, so they must be made fast."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def row(cls: type[T]) -> type[T]:
    """Make a dataclass with slots that nobody changes: type checkers refuse it.

    Python does not, as a frozen dataclass takes four times as long to be made.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
