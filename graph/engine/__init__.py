"""A compiled, breadth-first executor of GraphQL; README.md tells how it works."""

from graph.engine.engine import Engine
from graph.engine.fragments import Fragments
from graph.engine.function import Classes, Scalars
from graph.engine.readings import (
    Attribute,
    Computed,
    Itself,
    Many,
    One,
    Reading,
    ReadingOf,
    by_resolver,
)
from graph.engine.run import Run
from graph.engine.selections import Unplannable
from graph.engine.show import show

__all__ = [
    "Attribute",
    "Classes",
    "Computed",
    "Engine",
    "Fragments",
    "Itself",
    "Many",
    "One",
    "Reading",
    "ReadingOf",
    "Run",
    "Scalars",
    "Unplannable",
    "by_resolver",
    "show",
]
