"""Random documents over random values, by the engine and by graphql-core.

`python -m tests.engine.fuzz 50000 7` runs 50,000 cases of seed 7. Warnings of coroutines that were
never awaited are graphql-core's, which leaves them behind where null goes up past them.
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from graphql import DocumentNode, ExecutionResult, execute, parse

from graph.engine import Engine, Fragments
from tests.engine.compare import difference, difference_in_place, told
from tests.engine.documents import UNPROPAGATED, Documents
from tests.engine.objects import Effects, Root
from tests.engine.values import Values
from tests.engine.world import SCHEMA, make_engine

#: Values that each document is run with.
EACH = 10


@dataclass(frozen=True)
class Case:
    """One document, with variables and values."""

    number: int
    text: str
    document: DocumentNode
    variables: dict[str, Any]
    root: Root


def cases(count: int, seed: int) -> Iterator[Case]:
    """Yield random cases; number and seed give the same one again."""
    for first in range(0, count, EACH):
        documents = Documents(Random(f"{seed} {first}"))
        text, document = documents.valid()
        for number in range(first, min(first + EACH, count)):
            root = Values(Random(f"{seed} {number} values")).root()
            yield Case(number, text, document, documents.variables(text), root)


async def wrong(engine: Engine, case: Case, fragments: Fragments | None = None) -> str | None:
    """Return what is wrong with the answer of the engine to a case, or None."""
    result, did = await by_engine(engine, case, fragments)
    reference, should = await by_graphql_core(case, case.document)
    if result is None:
        return "It has no plan." if not told(reference) or reference.data else None
    if (did.log, did.total) != (should.log, should.total):
        return f"It did {did.log}, not {should.log}."
    if UNPROPAGATED in case.text:
        return difference_in_place(result, reference)
    if not result.errors and not reference.errors:
        return difference(result, reference, reference, {})
    whole, noted = await by_graphql_core(case, _unpropagated(case.text))
    return difference(result, reference, whole, noted.types)


async def by_engine(
    engine: Engine, case: Case, fragments: Fragments | None = None
) -> tuple[ExecutionResult | None, Effects]:
    """Return the answer of the engine, and what it did."""
    effects = Effects()
    run = engine.prepare(case.document, case.variables)
    result = await run.result(case.root, effects, fragments) if run else None
    return result, effects


async def by_graphql_core(case: Case, document: DocumentNode) -> tuple[ExecutionResult, Effects]:
    """Return the answer of graphql-core, and what it did."""
    effects = Effects()
    result = execute(
        SCHEMA,
        document,
        root_value=case.root,
        context_value=effects,
        variable_values=case.variables,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    return result, effects


@lru_cache(maxsize=1)
def _unpropagated(text: str) -> DocumentNode:
    head, body = text.split("\n")
    return parse(f"{head} {UNPROPAGATED}\n{body}")


async def run(count: int, seed: int) -> list[str]:
    """Return what went wrong in so many cases, with their numbers."""
    engine, found = make_engine(), []
    for case in cases(count, seed):
        what = await wrong(engine, case)
        if what:
            found.append(f"seed {seed}, case {case.number}: {what}\n{case.text}\n{case.variables}")
    return found


def main(count: int, seed: int) -> None:
    """Print what went wrong; exit with 1 if anything did."""
    found = asyncio.run(run(count, seed))
    sys.stdout.write(
        "\n\n".join([*found[:10], f"{count} cases of seed {seed}: {len(found)} wrong.\n"])
    )
    sys.exit(bool(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
