"""Specs: immutable documents with ids of their own, in MongoDB or embedded.

A product names the one that holds now. It is written before the product names it, so a reader
never misses it; one that no product names is swept later.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

from stores.rows import row

STORE = "documents"

SpecValue: TypeAlias = str | Decimal | bool | tuple[str, ...]


@row
class Spec:
    """One line of a data sheet: `weight`, `Weight`, 1.2 `kg`; the kind is that of the value."""

    key: str
    label: str
    value: SpecValue
    group: str | None = None
    unit: str | None = None


Documents: TypeAlias = Mapping[int, Sequence[Spec]]


class SpecStore(Protocol):
    """Where specs are kept. Every method raises StoreUnavailable."""

    async def by_ids(self, ids: Collection[int]) -> Documents:
        """Return the documents that exist, by id, in one call."""
        ...

    async def put(self, documents: Documents) -> None:
        """Write documents, in one call; one that exists stays as it is."""
        ...

    async def ids_after(self, id_: int, limit: int) -> list[int]:
        """Return ids of documents behind an id, in order."""
        ...

    async def remove(self, ids: Collection[int]) -> None:
        """Delete documents."""
        ...

    async def prepare(self) -> None:
        """Create what is missing."""
        ...

    async def ping(self) -> None:
        """Return if the store answers."""
        ...

    async def close(self) -> None:
        """Give back what the store holds."""
        ...


def open_specs(url: str, timeout_seconds: float) -> SpecStore:
    """Return the store of `url`: `sqlite+aiosqlite:///file` or `mongodb://host/database`."""
    # Imported here, as an embedded shop needs no MongoDB driver and shall start fast.
    if url.startswith("mongodb"):
        from stores.specs_mongodb import MongoSpecs  # noqa: PLC0415

        return MongoSpecs(url, timeout_seconds)
    from stores.specs_sqlite import SqliteSpecs  # noqa: PLC0415

    return SqliteSpecs(url, timeout_seconds)


def to_plain(specs: Sequence[Spec]) -> list[dict[str, Any]]:
    """Return specs as lists, mappings and texts; a number becomes a text under `number`."""
    return [_plain(spec) for spec in specs]


def from_plain(lines: Sequence[Mapping[str, Any]]) -> list[Spec]:
    """Return the specs that `to_plain` was given."""
    # No function of its own for a line: a page has hundreds, nearly all of them texts.
    return [
        Spec(
            line["key"],
            line["label"],
            line["text"] if "text" in line else _value(line),
            line.get("group"),
            line.get("unit"),
        )
        for line in lines
    ]


def _plain(spec: Spec) -> dict[str, Any]:
    # Without `asdict`, which copies deeply: a catalogue has hundreds of thousands of these.
    named = {"key": spec.key, "label": spec.label, "group": spec.group, "unit": spec.unit}
    told = {name: text for name, text in named.items() if text is not None}
    return told | _plain_value(spec.value)


def _plain_value(value: SpecValue) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"isTrue": value}
    if isinstance(value, Decimal):
        return {"number": format(value, "f")}
    return {"text": value} if isinstance(value, str) else {"items": list(value)}


def _value(line: Mapping[str, Any]) -> SpecValue:
    if "number" in line:
        return Decimal(line["number"])
    return bool(line["isTrue"]) if "isTrue" in line else tuple(line["items"])
