"""What clairvoyance makes of a shop that hides its schema, if it is given every name to guess.

    python guessed.py ADDRESS

Prints for how many fields it has told the right type. It sends one word at a time, and not 64: a
shop tells five errors at most, and from what is not told it would take a name for right. Needs the
packages of requirements.txt and nothing of the shop.
"""

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

from clairvoyance import oracle
from clairvoyance.cli import setup_context
from clairvoyance.entities.context import client, config
from clairvoyance.entities.errors import EndpointError
from graphql import GraphQLSchema, build_schema, get_named_type

SCHEMA = Path(__file__).parents[2] / "schema.graphql"
#: Where it begins to guess, and the type there: at the root, and inside what shoppers ask for.
BEGINNINGS = {
    "query { FUZZ }": "Query",
    "query { me { FUZZ } }": "User",
    "query { products { nodes { FUZZ } } }": "Product",
}


def main() -> None:
    """Guess, and count."""
    (address,) = sys.argv[1:]
    schema = build_schema(SCHEMA.read_text(encoding="utf-8"))
    print(asyncio.run(_count(f"{address}/graphql", schema)))


async def _count(address: str, schema: GraphQLSchema) -> int:
    setup_context(address, logging.getLogger("clairvoyance"))
    # It has no option for it.
    config()._bucket_size = 1
    found, words = 0, sorted(set(_words(schema)))
    for document, name in BEGINNINGS.items():
        fields = getattr(schema.type_map[name], "fields", {})
        # It takes for granted that there is a mistake.
        wrong = document.replace("FUZZ", f"FUZZ {oracle.WRONG_FIELD_EXAMPLE}")
        for word in await oracle.probe_valid_fields(words, wrong):
            if word in fields:
                found += await _type(word, document) == get_named_type(fields[word].type).name
    await client().close()
    return found


async def _type(word: str, document: str) -> str | None:
    try:
        told = await oracle.probe_field_type(word, document)
    except EndpointError:
        # So it ends where messages say nothing to it.
        return None
    return told and str(told.name)


def _words(schema: GraphQLSchema) -> Iterator[str]:
    """Yield the name of every field of every object, and some that are near to one."""
    for name, type_ in schema.type_map.items():
        yield f"{name}x"
        if not name.startswith("__"):
            yield from getattr(type_, "fields", {})


if __name__ == "__main__":
    main()
