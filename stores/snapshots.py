"""Snapshots: products as buyers saw them; written once, never changed.

Orders point to them, so no edit of a product changes an order by a byte.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Table, UniqueConstraint, select, tuple_

from stores.columns import Instant, Plain, as_row, id_column, key, metadata
from stores.drivers import UniqueViolation
from stores.kept import among
from stores.rows import row
from stores.sql import ReadSession, WriteSession

product_snapshots = Table(
    "product_snapshots",
    metadata,
    id_column(),
    Column("product_id", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("content_hash", key(64), nullable=False),
    Column("body", Plain, nullable=False),
    UniqueConstraint("product_id", "content_hash"),
)


@row
class Snapshot:
    """A product's whole page: `body` holds its texts, media, specs and variants."""

    id: int
    product_id: int
    revision: int
    taken_at: datetime
    content_hash: str
    body: dict[str, Any]


_COLUMNS = [product_snapshots.c[field.name] for field in fields(Snapshot)]
_BY_IDS = select(*_COLUMNS).where(among(product_snapshots.c.id, "ids"))


def content_hash(body: Mapping[str, Any]) -> str:
    """Return 64 hex digits that are equal for equal pages only."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Snapshot]:
    """Return the snapshots that exist, by id."""
    found = await session.rows(Snapshot, _BY_IDS, {"ids": list(ids)})
    return {row.id: row for row in found}


async def keep(session: WriteSession, taken: Sequence[Snapshot]) -> dict[int, int]:
    """Write pages that are new, and return the id of each product's page, by product."""
    known = await _ids(session, taken)
    # In one order for everybody: two checkouts that wait for each other's pages would deadlock.
    new = sorted(
        (one for one in taken if one.product_id not in known), key=lambda one: one.product_id
    )
    return known | await _add(session, new) if new else known


async def _add(session: WriteSession, new: Sequence[Snapshot]) -> dict[int, int]:
    try:
        # All at once: one by one, a cart of hundreds of lines would run out of time.
        await session.insert(product_snapshots, *map(as_row, new))
    except UniqueViolation:
        return await _add_each(session, new)
    return {one.product_id: one.id for one in new}


async def _add_each(session: WriteSession, new: Sequence[Snapshot]) -> dict[int, int]:
    """Write what is not there; of a batch that was refused, a part may be."""
    for one in new:
        # Another checkout took the same picture in this moment.
        with suppress(UniqueViolation):
            await session.insert(product_snapshots, as_row(one))
    return await _ids(session, new)


async def _ids(session: ReadSession, taken: Sequence[Snapshot]) -> dict[int, int]:
    columns = product_snapshots.c
    pages = [(one.product_id, one.content_hash) for one in taken]
    statement = select(columns.product_id, columns.id).where(
        tuple_(columns.product_id, columns.content_hash).in_(pages)
    )
    return dict(await session.rows(lambda product, id_: (product, id_), statement))
