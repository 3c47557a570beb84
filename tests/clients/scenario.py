"""The way of a buyer through the shop, step by step, the same for every client."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

FOLDER = Path(__file__).parent
STEPS: list[dict[str, Any]] = json.loads((FOLDER / "scenario.json").read_text())
DOCUMENTS = {path.stem: path.read_text() for path in (FOLDER / "operations").glob("*.graphql")}
_PLACE = re.compile(r"\$\{(new:)?(\w+)\}")


class Refused(Exception):
    """The shop refused an operation, by a code."""


class Walker(Protocol):
    """One client."""

    async def run(self, name: str, variables: dict[str, Any], token: str | None) -> Any:
        """Return the data of an operation, sent until there is an answer. Raises Refused."""
        ...

    def listen(self, name: str, variables: dict[str, Any], token: str | None) -> AsyncIterator[Any]:
        """Yield the data that a subscription tells."""
        ...


async def walk(walker: Walker, token: str) -> list[str]:
    """Walk all steps; return the titles of those done."""
    known: dict[str, Any] = {}
    done = []
    for step in STEPS:
        if not step.get("isCached"):
            await _take(walker, step, known, token if step.get("as") == "shopper" else None)
            done.append(step["title"])
    return done


async def _take(
    walker: Walker, step: dict[str, Any], known: dict[str, Any], token: str | None
) -> None:
    name, variables = step["operation"], _filled(step["variables"], known)
    if code := step.get("refused"):
        assert await _refusal(walker, name, variables, token) == code, step["title"]
        return
    data = await _told(walker, step, variables, token)
    found = {path: _at(data, path) for path in step["expect"]}
    assert found == _filled(step["expect"], known), step["title"]
    known.update({name: _at(data, path) for name, path in step.get("take", {}).items()})


async def _refusal(
    walker: Walker, name: str, variables: dict[str, Any], token: str | None
) -> str | None:
    try:
        await walker.run(name, variables, token)
    except Refused as refused:
        return str(refused)
    return None


async def _told(
    walker: Walker, step: dict[str, Any], variables: dict[str, Any], token: str | None
) -> Any:
    if "listens" not in step:
        return await walker.run(step["operation"], variables, token)
    heard: list[Any] = []
    async for data in walker.listen(step["operation"], variables, token):
        heard.append(data)
        if len(heard) == step["listens"]:
            break
    return heard


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = len(data) if name == "length" else data[int(name) if name.isdigit() else name]
    return data


def _filled(value: Any, known: dict[str, Any]) -> Any:
    """`${name}` is a value that was taken before, `${new:name}` a new key, made once and kept."""
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, known) for name, one in value.items()}
    found = _PLACE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return value
    if found[1]:
        known[found[2]] = str(uuid.uuid4())
    return known[found[2]]
