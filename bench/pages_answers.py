"""What the servers answer, and whether it is the same."""

from typing import Any

import orjson
import pages_load
from pages_documents import Page
from pages_servers import Server


class OtherAnswer(Exception):
    """A server answers something else than mallgraph does."""


def request(server: Server, page: Page) -> bytes:
    """Return the bytes that ask a server for a page."""
    if server.name == "hand":
        return pages_load.get(page.path)
    return pages_load.post("/graphql", page.body())


async def answer(server: Server, page: Page) -> Any:
    """Return the data that a server answers, in a form that can be compared."""
    body = orjson.loads(await pages_load.ask(server.port, request(server, page)))
    if body.get("errors") or not all((body.get("data") or {"": None}).values()):
        raise OtherAnswer(f"{server.name} has no {page.name}: {body}")
    return _sorted_hits(body["data"])


def check(server: Server, page: Page, expected: Any, found: Any) -> None:
    """Raise OtherAnswer at the first place where they differ."""
    if place := _difference(expected, found, "data"):
        raise OtherAnswer(f"{server.name} answers another {page.name} than mallgraph: {place}")


def _sorted_hits(data: Any) -> Any:
    """Return the hits of a search as a set: those of one score may come in any order."""
    if search := data.get("search"):
        search["nodes"].sort(key=lambda node: node["id"])
    return data


def _difference(expected: Any, found: Any, path: str) -> str | None:
    if isinstance(expected, dict) and isinstance(found, dict):
        names = dict.fromkeys([*expected, *found])
        pairs = [(name, expected.get(name, ...), found.get(name, ...)) for name in names]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [(n, *pair) for n, pair in enumerate(zip(expected, found, strict=True))]
    else:
        is_same = type(expected) is type(found) and expected == found
        return None if is_same else f"{path} is {found!r:.200}, not {expected!r:.200}"
    told = (_difference(one, other, f"{path}.{name}") for name, one, other in pairs)
    return next(filter(None, told), None)
