"""Transfers: what the shop's database has decided, and the accounts' database has to follow.

A row is written in the transaction that decides, so it is the decision: nothing else remembers it.
Whoever finds one carries it out, as often as it takes; what is done is deleted.
"""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Column, Table, delete, select, update

from stores.columns import Instant, Plain, as_row, id_column, instant, key, metadata, microseconds
from stores.drivers import UniqueViolation
from stores.kept import among
from stores.ledger import REFERENCE_LENGTH, Draft, EntrySide, Posting, Transaction
from stores.ledger_accounts import AccountKind, Place
from stores.rows import row
from stores.sql import ReadSession, WriteSession

#: What is not carried out by whoever decided it is taken up by others after so long.
PATIENCE = timedelta(seconds=10)

transfers = Table(
    "transfers",
    metadata,
    # That of the transaction in the ledger; of a branch, the number that its name holds.
    id_column(),
    Column("kind", key(10), nullable=False),
    Column("reference", key(REFERENCE_LENGTH), nullable=False),
    Column("posting", Plain, nullable=True),
    Column("created_at", Instant, nullable=False),
    # Null if there is nothing to do: it only keeps others from deciding otherwise.
    Column("due_at", Instant, nullable=True, index=True),
)


class TransferKind(Enum):
    """What is to be done in the accounts' database."""

    #: Post it; it cannot be refused.
    POST = "POST"
    #: Post what was held for it.
    CONFIRM = "CONFIRM"
    #: Let go what is held, or may yet be.
    CANCEL = "CANCEL"
    #: Commit the branch that was prepared.
    COMMIT = "COMMIT"
    #: Roll it back.
    ABORT = "ABORT"


@row
class Transfer:
    """One decision."""

    id: int
    kind: str
    reference: str
    posting: dict[str, Any] | None
    created_at: datetime
    due_at: datetime | None


def of_posting(kind: TransferKind, posting: Posting) -> Transfer:
    """Return the decision to post."""
    its = posting.transaction
    due_at = its.occurred_at + PATIENCE
    return Transfer(its.id, kind.value, its.reference, plain(posting), its.occurred_at, due_at)


def bare(kind: TransferKind, id_: int, reference: str, at: datetime) -> Transfer:
    """Return a decision that needs no more than a name."""
    due_at = None if kind is TransferKind.ABORT else at + PATIENCE
    return Transfer(id_, kind.value, reference, None, at, due_at)


_COLUMNS = [transfers.c[field.name] for field in fields(Transfer)]
_BY_IDS = select(*_COLUMNS).where(among(transfers.c.id, "ids"))


async def add(session: WriteSession, transfer: Transfer) -> None:
    """Decide. Raises UniqueViolation if it was decided otherwise."""
    await session.insert(transfers, as_row(transfer))


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Transfer]:
    """Return the decisions that exist, by id."""
    return {one.id: one for one in await session.rows(Transfer, _BY_IDS, {"ids": list(ids)})}


async def decided(session: WriteSession, otherwise: Transfer) -> Transfer:
    """Return what was decided under an id; if nothing was, it is decided `otherwise` now."""
    try:
        await add(session, otherwise)
    except UniqueViolation:
        return (await by_ids(session, [otherwise.id]))[otherwise.id]
    return otherwise


async def due(session: ReadSession, now: datetime, limit: int) -> list[Transfer]:
    """Return what nobody has carried out in time, the longest overdue first."""
    column = transfers.c.due_at
    statement = select(*_COLUMNS).where(column <= now).order_by(column, transfers.c.id)
    return await session.rows(Transfer, statement.limit(limit))


async def are_waiting(session: ReadSession, references: Collection[str]) -> bool:
    """Return whether one of what is posted under these names is decided, and not carried out."""
    statement = select(transfers.c.id).where(transfers.c.reference.in_(references))
    return await session.row(int, statement) is not None


async def later(session: WriteSession, id_: int, at: datetime) -> None:
    """Let something be tried again then, if it is not done."""
    statement = update(transfers).where(transfers.c.id == id_)
    await session.update(statement.values(due_at=at))


async def done(session: WriteSession, id_: int) -> None:
    """Forget what was carried out."""
    await session.update(delete(transfers).where(transfers.c.id == id_))


async def forget_aborted(session: WriteSession, before: datetime, limit: int) -> int:
    """Delete up to `limit` branches that were rolled back before then; return how many."""
    columns = transfers.c
    old = select(columns.id).where(columns.due_at.is_(None), columns.created_at < before)
    ids = await session.rows(int, old.limit(limit))
    if not ids:
        return 0
    return await session.update(delete(transfers).where(columns.id.in_(ids)))


def plain(posting: Posting) -> dict[str, Any]:
    """Return a posting as JSON has it."""
    its = posting.transaction
    told = as_row(its) | {"occurred_at": microseconds(its.occurred_at)}
    drafts = [
        [one.place.kind.value, one.place.id, one.side.value, one.amount_minor, one.memo]
        for one in posting.drafts
    ]
    ids = list(posting.ids)
    return {"transaction": told, "drafts": drafts, "ids": ids, "currency": posting.currency}


def posting_of(told: Mapping[str, Any]) -> Posting:
    """Return what `plain` was told."""
    transaction = Transaction(**told["transaction"])
    at = instant(told["transaction"]["occurred_at"])
    drafts = [
        Draft(Place(AccountKind(kind), id_), EntrySide(side), amount, memo)
        for kind, id_, side, amount, memo in told["drafts"]
    ]
    return Posting(replace(transaction, occurred_at=at), drafts, told["ids"], told["currency"])
