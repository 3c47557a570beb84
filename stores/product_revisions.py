"""Who made a revision of a product: written once by whoever edits one, and never changed.

What an import brings, and what the shop does by itself, has no row.
"""

from collections.abc import Collection

from sqlalchemy import BigInteger, Column, Table, select, tuple_

from stores.columns import id_column, metadata
from stores.sql import ReadSession, WriteSession

product_revisions = Table(
    "product_revisions",
    metadata,
    id_column("product_id"),
    id_column("revision"),
    Column("changed_by", BigInteger, nullable=False),
)


async def add(session: WriteSession, product_id: int, revision: int, changed_by: int) -> None:
    """Note whose edit made a revision."""
    told = {"product_id": product_id, "revision": revision, "changed_by": changed_by}
    await session.insert(product_revisions, told)


async def editors(
    session: ReadSession, revisions: Collection[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """Return the id of the user whose edit made each, by product and revision; if anybody's did."""
    columns = product_revisions.c
    mine = tuple_(columns.product_id, columns.revision).in_(list(revisions))
    statement = select(columns.product_id, columns.revision, columns.changed_by).where(mine)
    found = await session.rows(lambda *row: row, statement)
    return {(product_id, revision): user_id for product_id, revision, user_id in found}
