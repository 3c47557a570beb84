"""Starts the shop with one guard taken away, to show what it guards from.

    python -m tests.faults.twins GUARD serve --port 8000

GUARD is a name of `TWINS`; `none` leaves the shop whole.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import uvicorn
from sqlalchemy import Table, bindparam, select, update

from jobs import relay
from mallgraph.cli import main
from resolvers import order_placing, payment_calls, payment_outcomes
from resolvers.context import Context
from resolvers.order_placing import PlaceOrder
from stores import checkouts, idempotency, ledger_accounts, reservations
from stores.card_provider import CardProvider, Told
from stores.checkouts import Checkout
from stores.drivers import UniqueViolation
from stores.idempotency import Claim
from stores.inventory import inventory_levels
from stores.ledger import ledger_entries
from stores.ledger_accounts import Account, Place
from stores.payments import Payment
from stores.reservations import Reservation
from stores.sql import Database, Work, WriteSession

R = TypeVar("R")

#: How old a look at the stock may be before it is written.
LOOK_SECONDS = 0.2


def forget_keys() -> None:
    """Take every request for a new one: no key is known, no checkout is ever closed."""

    async def always_free(session: WriteSession, wanted: Claim) -> Claim:
        with suppress(UniqueViolation):
            await session.insert(idempotency.idempotency_keys, asdict(wanted))
        return wanted

    async def never_closed(
        session: WriteSession, ctx: Context, wanted: PlaceOrder, now: datetime
    ) -> Checkout:
        is_first = await checkouts.close(session, wanted.order_number, now)
        found = (await checkouts.by_numbers(session, [wanted.order_number]))[wanted.order_number]
        # Under a number of its own, as the orders' own key would still refuse it.
        return found if is_first else replace(found, number=str(ctx.ids.next())[-18:].zfill(18))

    idempotency.claim = always_free
    order_placing._closed = never_closed


def read_then_write() -> None:
    """Look at the stock, and write what was seen and changed a moment later.

    The look may be as old as one before the transaction would be: within it, SQLite lets no
    second writer in who could do any harm.
    """
    seen: dict[int, tuple[float, tuple[int, int]]] = {}

    async def look(session: WriteSession, level_id: int) -> tuple[int, int]:
        at, units = seen.get(level_id, (0.0, (0, 0)))
        if time.monotonic() > at + LOOK_SECONDS:
            columns = inventory_levels.c
            mine = select(columns.on_hand, columns.reserved).where(columns.id == level_id)
            units = await session.row(lambda *row: row, mine) or (0, 0)
            seen[level_id] = time.monotonic(), units
        return units

    async def take(session: WriteSession, level_id: int, quantity: int) -> bool:
        on_hand, reserved = await look(session, level_id)
        if on_hand - reserved < quantity:
            return False
        change = update(inventory_levels).where(inventory_levels.c.id == level_id)
        return await session.update(change.values(reserved=reserved + quantity)) == 1

    async def none(session: WriteSession, kept: Sequence[Reservation]) -> bool:
        return False

    # Line by line, so that every one goes through what is broken.
    reservations.take_all = none
    reservations.take = take


def post_blindly() -> None:
    """Post to accounts as they were seen a moment ago, whatever was posted since.

    The key of the entries would refuse that, so it is taken away, too.
    """
    seen: dict[int, tuple[float, Account]] = {}
    opened, insert = ledger_accounts.opened, WriteSession.insert

    async def stale(session: WriteSession, place: Place, currency: str) -> Account:
        at, account = seen.get(place.id, (0.0, None))
        if account is None or time.monotonic() > at + LOOK_SECONDS:
            account = await opened(session, place, currency)
            seen[place.id] = time.monotonic(), account
        return account

    async def lossy(session: WriteSession, table: Table, *rows: Mapping[str, object]) -> None:
        with suppress(*[UniqueViolation] if table is ledger_entries else []):
            await insert(session, table, *rows)

    columns, guarded = ledger_accounts.ledger_accounts.c, ledger_accounts._MOVE._values
    blind = update(ledger_accounts.ledger_accounts).where(columns.id == bindparam("moved"))
    ledger_accounts._MOVE = blind.values(dict(guarded or {}))
    ledger_accounts.opened = stale
    WriteSession.insert = lossy  # type: ignore[method-assign, assignment]  # Taken away.


def die_while_paying() -> None:
    """Die once at each point between the steps of a payment, the first time it is passed.

    What was passed is written down in the folder of the shop, as nobody else remembers it.
    """
    marks = Path(os.environ["MALLGRAPH_DATA_DIR"]) / "died-at"
    marks.mkdir(parents=True, exist_ok=True)
    asked, settle = payment_calls._asked, payment_outcomes.settle

    def die(point: str) -> None:
        if not (marks / point).exists():
            (marks / point).touch()
            os._exit(1)

    async def call(provider: CardProvider, ctx: Context, payment: Payment) -> Told:
        die("before the call")
        told = await asked(provider, ctx, payment)
        die("behind the call")
        return told

    async def settled(
        ctx: Context, payment_id: int, told: Told, *, answered: str | None = None
    ) -> Payment:
        now = await settle(ctx, payment_id, told, answered=answered)
        die("behind the outcome")
        return now

    payment_calls._asked, payment_outcomes.settle = call, settled


def answer_before_commit() -> None:
    """Tell that a change was kept, and keep it a moment later."""
    transact, waiting = Database.transact, set[object]()

    class Undone(Exception):
        """Nothing of this attempt stays."""

    async def early(self: Database, work: Work[R], *, seconds: float | None = None) -> R:
        results: list[R] = []

        async def tried(session: WriteSession) -> None:
            results.append(await work(session))
            raise Undone

        async def kept() -> None:
            await asyncio.sleep(LOOK_SECONDS)
            await transact(self, work, seconds=seconds)

        with suppress(Undone):
            await transact(self, tried, seconds=seconds)
        waiting.add(asyncio.create_task(kept()))
        return results[-1]

    Database.transact = early  # type: ignore[method-assign]  # Taken away.


def stop_at_once() -> None:
    """Leave at SIGTERM without an answer to anybody."""

    async def leave(_self: object, sockets: object = None) -> None:
        os._exit(0)

    uvicorn.Server.shutdown = leave  # type: ignore[method-assign, assignment]  # Taken away.


def short_lease() -> None:
    """Take nothing away: the lead of the relay is free two seconds after its holder was killed."""
    relay.LENGTH, relay._LEASE_SECONDS = timedelta(seconds=2), 0.5  # type: ignore[assignment]  # Whole seconds there.


TWINS: dict[str, Callable[[], None]] = {
    "none": lambda: None,
    "forget_keys": forget_keys,
    "read_then_write": read_then_write,
    "die_while_paying": die_while_paying,
    "answer_before_commit": answer_before_commit,
    "post_blindly": post_blindly,
    "stop_at_once": stop_at_once,
    "short_lease": short_lease,
}


def run() -> None:
    """Do what the words of this program say."""
    TWINS[sys.argv.pop(1)]()
    main()


if __name__ == "__main__":
    run()
