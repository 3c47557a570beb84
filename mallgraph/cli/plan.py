"""`mallgraph plan`: how the shop executes a document."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from graphql import DocumentNode, GraphQLError, parse, validate

from graph.engine import Unplannable, show
from graph.schema import build
from mallgraph.cli import WRONG_USE, give_up


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE.graphql", help="The document.")],
    operation: Annotated[
        str | None, typer.Option(help="Name of the operation, if it has several.")
    ] = None,
    variables: Annotated[
        str, typer.Option(metavar="JSON", help="Those of @skip and @include, and required ones.")
    ] = "{}",
) -> None:
    """Print what is read in which order for a document, and the functions written for it."""
    text = file.read_text(encoding="utf-8")
    try:
        plan = build().planner.engine.plan(_valid(text), _object(variables), operation)
    except GraphQLError as error:
        give_up(f"{file}: {error}", WRONG_USE)
    except Unplannable as error:
        give_up(f"{file} is executed by graphql-core: {error}")
    typer.echo(show(plan), nl=False)


def _valid(text: str) -> DocumentNode:
    document = parse(text)
    errors = validate(build()._schema, document)  # noqa: SLF001  Strawberry shows it by no other name.
    if errors:
        raise errors[0]
    return document


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        give_up(f"--variables is no JSON: {error}", WRONG_USE)
    if not isinstance(found, dict):
        give_up('--variables is a JSON object such as {"first": 5}.', WRONG_USE)
    return found
