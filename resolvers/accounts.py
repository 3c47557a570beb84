"""Reading the ledger: a shopper sees the own account and what was posted to it, the owner all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from loaders.lists import Listing
from resolvers.context import OWNER, Context
from resolvers.owners import ids_of
from resolvers.pages import Page
from stores import ledger_accounts, ledger_reads, merchants, users
from stores.keyset import Window
from stores.ledger import Entry, Transaction
from stores.ledger_accounts import (
    OF_SHOP,
    STRIPES,
    Account,
    AccountKind,
    Place,
    empty,
    of_merchant,
    of_shop,
    of_user,
)
from stores.ledger_reads import NEWEST, EntryFilter
from stores.sql import ReadSession
from stores.users import Role

HOLDERS = frozenset({Role.SHOPPER, Role.OWNER})


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """What was debited and credited until an instant, in minor units, by kind of account."""

    as_of: datetime
    sums: Sequence[tuple[AccountKind, int, int]]

    @property
    def is_balanced(self) -> bool:
        """Return whether debits equal credits."""
        return sum(debits - credits_ for _, debits, credits_ in self.sums) == 0


async def by_ids(ctx: Context, ids: Sequence[int]) -> list[Account | None]:
    """Return each account, None for one that is missing or that the viewer may not see.

    One that nothing was posted to yet is there, and empty.
    """
    shown = [id_ for id_ in ids if _may_see(ctx, id_)]
    found = dict(zip(shown, await ctx.loaders.ledger.account_by_id.many(shown), strict=True))
    unwritten = [id_ for id_, row in found.items() if row is None]
    new = await _unwritten(ctx, unwritten) if unwritten else {}
    return [found.get(id_) or new.get(id_) for id_ in ids]


async def of_users(ctx: Context, ids: Sequence[int]) -> list[Account | None]:
    """Return what each user can pay with, None where the viewer may not see it."""
    return _only(await by_ids(ctx, ids), AccountKind.CUSTOMER_BALANCE)


async def of_merchants(ctx: Context, ids: Sequence[int]) -> list[Account | None]:
    """Return what the shop owes each merchant, None where the viewer may not see it."""
    return _only(await by_ids(ctx, ids), AccountKind.MERCHANT_RECEIVABLE)


async def of_the_shop(ctx: Context, kind: AccountKind | None) -> list[Account]:
    """Return the parts of the shop's own accounts, of all kinds or of one. Raises AccessError."""
    ctx.require(OWNER)
    kinds = [one for one in OF_SHOP if kind in (None, one)]
    places = [of_shop(one, stripe) for one in kinds for stripe in range(STRIPES)]
    found = await by_ids(ctx, [place.id for place in places])
    return [row for row in found if row]


async def balances(ctx: Context, accounts: Sequence[Account], at: datetime | None) -> list[int]:
    """Return what is in each account, or was then, in minor units."""
    if at is None:
        return [row.balance_minor for row in accounts]
    return await ctx.loaders.ledger.balances_at.many([(row.id, at) for row in accounts])


async def pages(
    ctx: Context, asked: Sequence[tuple[int, EntryFilter, Window]]
) -> list[Page[Entry]]:
    """Return a page of the log of each account, newest first; the caller has seen that it may."""
    listings = [(id_, Listing(wanted, NEWEST, window)) for id_, wanted, window in asked]
    found = await ctx.loaders.ledger_lists.pages.many(listings)
    return [Page.of(rows, window) for rows, (_, _, window) in zip(found, asked, strict=True)]


async def counts(ctx: Context, asked: Sequence[tuple[int, EntryFilter]]) -> list[int]:
    """Return how many entries each account has that meet the conditions."""
    return await ctx.loaders.ledger_lists.counts.many(asked)


async def entries_by_ids(ctx: Context, ids: Sequence[int]) -> list[Entry | None]:
    """Return each entry, None for one that is missing or whose account may not be seen."""
    found = await ctx.loaders.ledger.entry_by_id.many(ids)
    return [row if row and _may_see(ctx, row.account_id) else None for row in found]


async def entries_of(ctx: Context, ids: Sequence[int]) -> list[list[Entry]]:
    """Return the entries of each transaction that the viewer may see."""
    found = await ctx.loaders.ledger.entries_of.many(ids)
    return [[row for row in rows if _may_see(ctx, row.account_id)] for rows in found]


async def transactions_by_ids(ctx: Context, ids: Sequence[int]) -> list[Transaction | None]:
    """Return each transaction, None for one that is missing or has no entry to be seen."""
    return await _seen(ctx, await ctx.loaders.ledger.transaction_by_id.many(ids))


async def reversals(ctx: Context, ids: Sequence[int]) -> list[Transaction | None]:
    """Return what reversed each transaction, None if nothing did."""
    return await _seen(ctx, await ctx.loaders.ledger.reversal_of.many(ids))


async def by_reference(ctx: Context, reference: str) -> Transaction | None:
    """Return the transaction of a reference, None if there is none. Raises AccessError."""
    ctx.require(OWNER)
    async with ctx.ledger.read() as session:
        return await ledger_reads.by_reference(session, reference)


async def trial_balance(ctx: Context, at: datetime | None) -> TrialBalance:
    """Return the sums of each kind of account, now or then. Raises AccessError.

    Those of now are added up over accounts, those of then over all entries.
    """
    ctx.require(OWNER)
    async with ctx.ledger.read() as session:
        found = await (
            ledger_reads.sums_until(session, at) if at else ledger_accounts.sums(session)
        )
    lines = [(kind, *found.get(kind.value, (0, 0))) for kind in AccountKind]
    return TrialBalance(at or ctx.clock(), lines)


async def places(ctx: Context, session: ReadSession, ids: Collection[int]) -> dict[int, Place]:
    """Return which accounts these numbers name; one that is nobody's is left out.

    The session reads the ledger.
    """
    written = await ledger_accounts.by_ids(session, ids)
    found = {id_: row.place for id_, row in written.items()}
    rest = [id_ for id_ in ids if id_ not in found]
    if not rest:
        return found
    async with ctx.database.read_primary() as people:
        return found | await _known(people, rest)


async def _known(session: ReadSession, ids: Collection[int]) -> dict[int, Place]:
    of_the_shop = {id_: ledger_accounts.shop_place(id_) for id_ in ids}
    sellers = await merchants.by_ids(session, ids)
    buyers = await users.by_ids(session, ids)
    return (
        {id_: place for id_, place in of_the_shop.items() if place}
        | {id_: of_merchant(id_) for id_ in sellers}
        | {id_: of_user(id_) for id_ in buyers}
    )


async def _unwritten(ctx: Context, ids: Collection[int]) -> dict[int, Account]:
    own = [id_ for id_ in ids if ctx.viewer is not None and ctx.viewer.id == id_]
    found = {id_: of_user(id_) for id_ in own}
    if rest := [id_ for id_ in ids if id_ not in found and not ledger_accounts.shop_place(id_)]:
        async with ctx.database.read() as session:
            found |= await _known(session, rest)
    found |= {id_: place for id_ in ids if (place := ledger_accounts.shop_place(id_))}
    return {id_: empty(place, ctx.currency) for id_, place in found.items()}


def _may_see(ctx: Context, account_id: int) -> bool:
    viewer = ctx.viewer
    if viewer is None or not viewer.roles & HOLDERS:
        return False
    return viewer.id == account_id or Role.OWNER in viewer.roles


def _only(rows: Sequence[Account | None], kind: AccountKind) -> list[Account | None]:
    return [row if row and row.place.kind is kind else None for row in rows]


async def _seen(ctx: Context, rows: Sequence[Transaction | None]) -> list[Transaction | None]:
    entries = await entries_of(ctx, ids_of(rows, lambda row: row.id))
    seen = {some[0].transaction_id for some in entries if some}
    return [row if row and row.id in seen else None for row in rows]
