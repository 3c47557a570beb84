"""Entries and transactions of the ledger; neither ever changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.accounts
import stores.ledger
from graph import nodes
from graph.accounts import ACCOUNT, Account
from graph.batch import Batch, Info, lost
from graph.declare import attribute, extend, gql_enum, gql_type, query
from graph.directives import ListSize
from graph.money import Money
from graph.nodes import Kind, Node
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from graph.ranges import DateTimeRangeInput
from graph.scalars import BigInt
from resolvers.accounts import HOLDERS
from resolvers.context import OWNER, Context
from resolvers.pages import Page, window
from stores.errors import ShopError
from stores.keyset import Window
from stores.ledger import EntrySide, TransactionKind
from stores.ledger_reads import EntryFilter

gql_enum(EntrySide, DEBIT="Left.", CREDIT="Right.")
gql_enum(
    TransactionKind,
    name="LedgerTransactionKind",
    PAYMENT="A shopper paid for an order.",
    REFUND="Money went back to a shopper.",
    DEPOSIT="A shopper paid into the balance.",
    WITHDRAWAL="A shopper took money out.",
    SETTLEMENT="The shop paid a merchant.",
    FEE="A provider or the shop took a fee.",
    ADJUSTMENT="The owner set something right.",
    REVERSAL="The opposite of an earlier transaction.",
)


@gql_type(roles=HOLDERS)
class LedgerTransaction(Node):
    """Entries that belong together; debits equal credits."""

    row: strawberry.Private[stores.ledger.Transaction]
    kind: TransactionKind
    reference: Annotated[
        str, attribute("Unique name of the business, for example an order number.")
    ]
    occurred_at: datetime

    @classmethod
    def of(cls, _ctx: Context, row: stores.ledger.Transaction) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("LedgerTransaction", row.id),
            row=row,
            kind=TransactionKind(row.kind),
            reference=row.reference,
            occurred_at=row.occurred_at,
        )


TRANSACTION = Kind(
    "LedgerTransaction", LedgerTransaction.of, resolvers.accounts.transactions_by_ids
)


@gql_type(roles=HOLDERS)
class LedgerEntry(Node):
    """A line of an account; never changes."""

    row: strawberry.Private[stores.ledger.Entry]
    log_id: Annotated[BigInt, attribute("Grows by one, without gaps, in each account.")]
    side: EntrySide
    amount: Money
    balance_after: Money
    previous_hash: str
    hash: Annotated[str, attribute("Over this entry and previousHash.")]
    occurred_at: datetime
    memo: str | None

    @classmethod
    def of(cls, ctx: Context, row: stores.ledger.Entry) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("LedgerEntry", row.id),
            row=row,
            log_id=BigInt(row.log_id),
            side=EntrySide(row.side),
            amount=Money.of(row.amount_minor, ctx.currency),
            balance_after=Money.of(row.balance_after_minor, ctx.currency),
            previous_hash=row.previous_hash,
            hash=row.hash,
            occurred_at=row.occurred_at,
            memo=row.memo,
        )


ENTRY = Kind("LedgerEntry", LedgerEntry.of, resolvers.accounts.entries_by_ids)


@extend(LedgerEntry, public=True)
async def account(entries: Sequence[LedgerEntry], info: Info) -> Batch[Account]:
    """The account that it was posted to, as it is now."""
    found = await ACCOUNT.many(info.context, [one.row.account_id for one in entries])
    return [one or lost("An entry", "an account") for one in found]


@extend(LedgerEntry, public=True)
async def transaction(entries: Sequence[LedgerEntry], info: Info) -> Batch[LedgerTransaction]:
    """What it was posted with."""
    found = await TRANSACTION.many(info.context, [one.row.transaction_id for one in entries])
    return [one or lost("An entry", "a transaction") for one in found]


@extend(LedgerTransaction, public=True, name="entries", list_size=ListSize(assumed_size=10))
async def entries_of_transaction(
    transactions: Sequence[LedgerTransaction], info: Info
) -> Batch[list[LedgerEntry]]:
    """A shopper sees those of the own account."""
    ctx = info.context
    found = await resolvers.accounts.entries_of(ctx, [one.row.id for one in transactions])
    return [[LedgerEntry.of(ctx, row) for row in rows] for rows in found]


@extend(LedgerTransaction, public=True)
async def reversed_by(
    transactions: Sequence[LedgerTransaction], info: Info
) -> Batch[LedgerTransaction | None]:
    """The opposite that was posted later."""
    ctx = info.context
    found = await resolvers.accounts.reversals(ctx, [one.row.id for one in transactions])
    return [LedgerTransaction.of(ctx, row) if row else None for row in found]


@extend(LedgerTransaction, public=True)
async def reverses(
    transactions: Sequence[LedgerTransaction], info: Info
) -> Batch[LedgerTransaction | None]:
    """What it is the opposite of."""
    keys = [one.row.reverses_id for one in transactions if one.row.reverses_id is not None]
    found = dict(zip(keys, await TRANSACTION.many(info.context, keys), strict=True))
    return [found.get(one.row.reverses_id or 0) for one in transactions]


@gql_type(roles=HOLDERS)
class LedgerEntryEdge:
    """A ledger entry and its place in the list."""

    cursor: str
    node: LedgerEntry


@gql_type(roles=HOLDERS)
class LedgerEntryConnection:
    """A page of ledger entries."""

    account_key: strawberry.Private[int]
    wanted: strawberry.Private[EntryFilter]
    edges: list[LedgerEntryEdge]
    nodes: list[LedgerEntry]
    page_info: PageInfo


@extend(LedgerEntryConnection, public=True)
async def total_count(pages: Sequence[LedgerEntryConnection], info: Info) -> Batch[int | None]:
    """How many ledger entries the list has on all its pages."""
    asked = [(page.account_key, page.wanted) for page in pages]
    return await resolvers.accounts.counts(info.context, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The arguments of a list."""

    first: int | None
    after: str | None
    wanted: EntryFilter

    def cursors(self, account_id: int) -> Cursors:
        """Return the cursors of one list."""
        return Cursors((int,), "entries", account_id, self.wanted)

    def place(self, account_id: int) -> tuple[int, EntryFilter, Window] | ShopError:
        """Return what to read of one list, or why not: a cursor belongs to one of them."""
        try:
            after = self.cursors(account_id).decode(given(self.after), "after")
            return account_id, self.wanted, window(self.first, after)
        except ShopError as error:
            return error

    def show(
        self, ctx: Context, account_id: int, page: Page[stores.ledger.Entry]
    ) -> LedgerEntryConnection:
        """Return a page of a list."""
        cursors = self.cursors(account_id)
        edges = [
            LedgerEntryEdge(cursor=cursors.encode((row.log_id,)), node=LedgerEntry.of(ctx, row))
            for row in page.rows
        ]
        return LedgerEntryConnection(
            account_key=account_id, wanted=self.wanted, **filled(page, edges)
        )


@extend(
    Account,
    public=True,
    list_size=ListSize(slicing_arguments=["first"], sized_fields=["edges", "nodes"]),
)
async def entries(
    accounts: Sequence[Account],
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
    occurred_at: DateTimeRangeInput | None = strawberry.UNSET,
) -> Batch[LedgerEntryConnection]:
    """Newest first."""
    ctx, sent = info.context, given(occurred_at)
    start, end = sent.ends("occurredAt") if sent else (None, None)
    asked = _Asked(first, after, EntryFilter(start, end))
    places = [asked.place(one.row.id) for one in accounts]
    good = [place for place in places if isinstance(place, tuple)]
    pages = iter(await resolvers.accounts.pages(ctx, good))
    return [
        asked.show(ctx, place[0], next(pages)) if isinstance(place, tuple) else place
        for place in places
    ]


@query(roles=OWNER)
async def ledger_transaction(info: Info, reference: str) -> LedgerTransaction | None:
    """One transaction of the ledger."""
    found = await resolvers.accounts.by_reference(info.context, reference)
    return LedgerTransaction.of(info.context, found) if found else None
