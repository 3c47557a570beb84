"""Accounts in another database, by XA (two-phase commit), on MySQL and MariaDB.

A posting is a branch: a transaction of the accounts' database that is prepared before the shop's
own commits. The shop's transaction holds the decision, a row of `transfers`; so the coordinator is
one of the two parties, and its commit decides: behind it the branch can only be committed, without
it only be rolled back. A branch that is prepared survives every crash, and keeps its locks until
somebody ends it: `go_on` asks `XA RECOVER`, and does.

Whoever finds a branch without a decision may not guess that there will be none: a process that
sleeps may yet commit. So it decides to roll back, by a row of the same key. If the sleeper has
written its row, that waits for it, and is not written; else the sleeper's row is refused.
"""

import hashlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from stores import ledger, ledger_reads, transfers
from stores.accounts_home import STORE, Name, Taking
from stores.calls import asking
from stores.drivers import Away, open_branches, sorted_errors
from stores.errors import StoreUnavailable
from stores.ids import first_id_at
from stores.ledger import Posting
from stores.sql import Database, OperationDatabase, WriteSession
from stores.transfers import Transfer, TransferKind, bare

BATCH = 100

_log = structlog.get_logger()


class AccountsByXa:
    """Posts by branches that are prepared before the shop commits."""

    taking: Taking | None = None

    def __init__(self, shop: Database, accounts: Database, url: str, seconds: float) -> None:
        """Lead from the shop's database to that of the accounts, which lies at `url`."""
        self.database = accounts
        self._shop, self._seconds = shop, seconds
        self._engine = open_branches(make_url(url))
        # All databases of a server share one list of branches, and none has two ledgers.
        place = str(make_url(url).database)
        self._prefix = f"mallgraph-{hashlib.sha256(place.encode()).hexdigest()[:12]}-"

    def seen_by(self, operation: OperationDatabase) -> OperationDatabase:  # noqa: ARG002  Not it.
        """Return the accounts' database, which has no replica."""
        return OperationDatabase(self.database, is_fresh=True)

    async def post(self, session: WriteSession, posting: Posting) -> None:
        """Post in the branch of this transaction; the first posting opens it, and decides."""
        mine = [one for one in session.enlisted if isinstance(one, _XaBranch)]
        branch = mine[0] if mine else await self._open(session, posting)
        await branch.post(posting)

    async def cancel(self, session: WriteSession, name: Name, at: datetime) -> None:
        """Do nothing: nobody asks for money before it is decided upon."""

    async def _open(self, session: WriteSession, posting: Posting) -> "_XaBranch":
        its = posting.transaction
        commit = bare(TransferKind.COMMIT, its.id, its.reference, its.occurred_at)
        await transfers.add(session, commit)
        begun = await self._begun(its.id)
        within = WriteSession(begun, is_again=session.is_again)
        branch = _XaBranch(within, begun, self._xid(its.id), its.id, self._shop, self._seconds)
        session.enlist(branch)
        return branch

    async def _begun(self, id_: int) -> AsyncConnection:
        async with asking(STORE, "begin", self._seconds):
            with _sorted():
                connection = await self._engine.connect()
                try:
                    await connection.exec_driver_sql(f"XA START {self._xid(id_)}")
                except BaseException:
                    await connection.invalidate()
                    await connection.close()
                    raise
        return connection

    def _xid(self, id_: int) -> str:
        return f"'{self._prefix}{id_}'"

    async def go_on(self, now: datetime) -> int:
        """End the branches that a crash left prepared; forget decisions that were carried out."""
        found = await self.prepared()
        # Younger ones are at work.
        old = [id_ for id_ in found if id_ < first_id_at(now - transfers.PATIENCE)]
        ended = sum([await self._end(id_, now) for id_ in old])
        async with self._shop.read(fresh=True) as session:
            waiting = await transfers.due(session, now, BATCH)
        for one in waiting:
            if one.id not in found:
                await self._forget(one, now)
        return ended + len(waiting)

    async def prepared(self) -> Sequence[int]:
        """Return the ids of the branches of this ledger that wait for their end."""
        async with asking(STORE, "recover", self._seconds):
            with _sorted():
                async with self._engine.connect() as connection:
                    names = await _recovered(connection)
        mine = [name for name in names if name.startswith(self._prefix)]
        return [int(name.removeprefix(self._prefix)) for name in mine]

    async def _end(self, id_: int, now: datetime) -> bool:
        """End a branch as it was decided; False if the connection that prepared it is open yet."""
        transfer = await self._decision(id_, now)
        if transfer is None:
            return False
        word = "COMMIT" if transfer.kind == TransferKind.COMMIT.value else "ROLLBACK"
        is_ended = await self._said(f"XA {word} {self._xid(id_)}")
        if is_ended:
            _log.warning("branch_was_ended", id=id_, by=word)
        return is_ended

    async def _decision(self, id_: int, now: datetime) -> Transfer | None:
        """Return what was decided, which is to roll back if nothing was; None if nobody can tell.

        A row that somebody has written and not committed keeps this one waiting, in vain.
        """
        abort = bare(TransferKind.ABORT, id_, "", now)
        try:
            return await self._shop.transact(partial(transfers.decided, otherwise=abort))
        except StoreUnavailable as error:
            # Another branch may be told more of.
            _log.warning("branch_is_undecided", id=id_, error=error.for_operators())
            return None

    async def _said(self, statement: str) -> bool:
        async with asking(STORE, "end", self._seconds):
            with _sorted():
                async with self._engine.connect() as connection:
                    return await _run(connection, statement)

    async def _forget(self, transfer: Transfer, now: datetime) -> None:
        """Forget a decision whose branch has been committed; what was lost is kept, and told."""
        async with self.database.read() as session:
            is_there = await ledger_reads.by_reference(session, transfer.reference)
        if is_there:
            await self._shop.transact(partial(transfers.done, id_=transfer.id))
            return
        _log.error("branch_is_lost", id=transfer.id, cure="mallgraph verify")
        at = now + transfers.PATIENCE
        await self._shop.transact(partial(transfers.later, id_=transfer.id, at=at))

    async def close(self) -> None:
        """Close both ways into the accounts' database."""
        await self._engine.dispose()
        await self.database.close()


@dataclass(frozen=True, slots=True)
class _XaBranch:
    """A transaction of the accounts' database, enlisted in one of the shop's."""

    session: WriteSession
    connection: AsyncConnection
    xid: str
    #: The id of the decision, which lies in the shop's database.
    id: int
    shop: Database
    seconds: float

    async def post(self, posting: Posting) -> None:
        """Post, as part of the branch."""
        async with asking(STORE, "post", self.seconds):
            with _sorted():
                await ledger.post(self.session, posting)

    async def prepare(self) -> None:
        """Promise that it can be committed, whatever happens."""
        async with asking(STORE, "prepare", self.seconds):
            with _sorted():
                await self.connection.exec_driver_sql(f"XA END {self.xid}")
                await self.connection.exec_driver_sql(f"XA PREPARE {self.xid}")

    async def committed(self) -> None:
        """Commit it, and forget the decision; if that fails, others will."""
        try:
            async with asking(STORE, "commit", self.seconds):
                with _sorted():
                    await self.connection.exec_driver_sql(f"XA COMMIT {self.xid}")
            await self.connection.close()
            await self.shop.transact(partial(transfers.done, id_=self.id))
        except Exception as error:  # noqa: BLE001  What was decided must not fail here.
            _log.warning("branch_waits", id=self.id, error=repr(error))
            await self.in_doubt()

    async def rolled_back(self) -> None:
        """Roll it back, whether it was prepared or not."""
        is_done = False
        try:
            async with asking(STORE, "rollback", self.seconds):
                await _run(self.connection, f"XA END {self.xid}")
                is_done = await _run(self.connection, f"XA ROLLBACK {self.xid}")
        except Exception as error:  # noqa: BLE001  It ends with its connection.
            _log.warning("branch_is_dropped", id=self.id, error=repr(error))
        finally:
            await (self.connection.close() if is_done else self.in_doubt())

    async def in_doubt(self) -> None:
        """Close the connection: a branch that is prepared stays, another one is rolled back."""
        with suppress(Exception):
            await self.connection.invalidate()
            await self.connection.close()


@contextmanager
def _sorted() -> Generator[None]:
    """Tell of an accounts' database that is away; what may succeed now begins again."""
    try:
        with sorted_errors():
            yield
    except Away as error:
        raise StoreUnavailable(STORE, why=str(error)) from error


async def _recovered(connection: AsyncConnection) -> list[str]:
    try:
        found = await connection.exec_driver_sql("XA RECOVER")
    except DBAPIError as error:
        if not error.orig or error.orig.args[:1] != (1401,):
            raise
        # They would keep their locks for ever.
        _log.error("branches_are_not_shown", cure="mallgraph grants")
        raise StoreUnavailable(STORE, why="Its user lacks XA_RECOVER_ADMIN.") from error
    return [_text(tuple(told)[-1]) for told in found]


async def _run(connection: AsyncConnection, statement: str) -> bool:
    """Run a statement about a branch; False if that is in no state for it."""
    try:
        await connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return False
    return True


def _text(told: object) -> str:
    return told.decode("ascii", "replace") if isinstance(told, bytes) else str(told)
