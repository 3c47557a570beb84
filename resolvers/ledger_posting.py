"""Posting to the ledger by hand: entries that balance, and the opposite of such a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from resolvers import accounts
from resolvers.commands import check, check_text
from resolvers.context import OWNER, Context
from resolvers.mutations import Mutation, Targets
from stores import ledger, ledger_reads
from stores.drivers import UniqueViolation
from stores.errors import (
    Duplicate,
    LimitExceeded,
    NotAllowed,
    NotFound,
    Refusal,
    Required,
    TransitionForbidden,
)
from stores.ledger import (
    MEMO_LENGTH,
    REFERENCE_LENGTH,
    Draft,
    EntrySide,
    Posting,
    Transaction,
    TransactionKind,
)
from stores.ledger_accounts import Place
from stores.sql import WriteSession

MAX_ENTRIES = 100
REASON_LENGTH = 1_000
#: References of what the shop itself posts begin so, and no others.
BY_THE_SHOP = "shop:"
#: Where the input of a reversal says what is reversed.
_WHICH = ("transactionId",)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An entry to post to the account of a number; the amount is in minor units."""

    account_id: int
    side: EntrySide
    amount_minor: int
    memo: str | None = None

    def check(self, *path: str) -> None:
        """Raise Invalid, told of the path of the entry, unless it can be posted."""
        check(self.amount_minor > 0, "An amount is more than 0.", *path, "amount")
        is_short = self.memo is None or (len(self.memo) <= MEMO_LENGTH and self.memo.isprintable())
        check(is_short, f"A memo has at most {MEMO_LENGTH} printable characters.", *path, "memo")


@dataclass(frozen=True, slots=True)
class PostLedgerTransaction:
    """Post entries, if given behind the entry `log_id` of an account only."""

    reference: str
    kind: TransactionKind
    entries: tuple[LedgerEntry, ...]
    compared_account_id: int | None = None
    log_id: int | None = None

    def __post_init__(self) -> None:
        """Raise a Refusal for what can never be posted."""
        check_text(self.reference, "reference", REFERENCE_LENGTH)
        is_own = not self.reference.startswith(BY_THE_SHOP)
        check(is_own, f"Names that begin with {BY_THE_SHOP} are the shop's own.", "reference")
        is_free = self.kind is not TransactionKind.REVERSAL
        check(is_free, "A reversal is made by reverseLedgerTransaction.", "kind")
        if len(self.entries) > MAX_ENTRIES:
            reason = f"{len(self.entries)} entries; at most {MAX_ENTRIES} at a time."
            raise LimitExceeded(reason, ("entries",))
        for place, entry in enumerate(self.entries):
            entry.check("entries", str(place))
        self._check_compared()

    def _check_compared(self) -> None:
        if self.log_id is not None and self.compared_account_id is None:
            raise Required("Say which account logId speaks of.", ("comparedAccountId",))
        if self.log_id is None and self.compared_account_id is not None:
            raise Required("Say by logId what was the account's newest entry.", ("logId",))
        is_there = self.compared_account_id in (None, *(one.account_id for one in self.entries))
        check(is_there, "The account has an entry among the entries.", "comparedAccountId")

    def compared(self) -> tuple[int, int] | None:
        """Return the account to compare, and the number of its newest entry."""
        if self.compared_account_id is None or self.log_id is None:
            return None
        return self.compared_account_id, self.log_id


@dataclass(frozen=True, slots=True)
class ReverseLedgerTransaction:
    """Post the opposite of a transaction."""

    transaction_id: int
    reason: str

    def __post_init__(self) -> None:
        """Raise Invalid unless there is a reason."""
        is_told = self.reason.strip() != "" and len(self.reason) <= REASON_LENGTH
        check(is_told, f"A reason has 1 to {REASON_LENGTH} characters.", "reason")


async def _post(
    session: WriteSession, ctx: Context, wanted: PostLedgerTransaction, targets: Targets
) -> None:
    drafts = await _drafts(session, ctx, wanted.entries)
    transaction = Transaction(
        id=targets["transaction"],
        kind=wanted.kind.value,
        reference=wanted.reference,
        occurred_at=ctx.clock(),
        actor_id=ctx.require(OWNER).id,
    )
    used = Duplicate("ledger transaction", ("reference",))
    await _write(session, ctx, transaction, drafts, wanted.compared(), used)


async def _drafts(
    session: WriteSession, ctx: Context, entries: Sequence[LedgerEntry]
) -> list[Draft]:
    places = await accounts.places(ctx, session, {one.account_id for one in entries})
    for number, one in enumerate(entries):
        if one.account_id not in places:
            raise NotFound("account", ("entries", str(number), "accountId"))
    return [Draft(places[one.account_id], one.side, one.amount_minor, one.memo) for one in entries]


async def _reverse(
    session: WriteSession, ctx: Context, wanted: ReverseLedgerTransaction, targets: Targets
) -> None:
    id_ = wanted.transaction_id
    await _check_reversible(session, id_)
    transaction = Transaction(
        id=targets["transaction"],
        kind=TransactionKind.REVERSAL.value,
        reference=f"{BY_THE_SHOP}reversal:{id_}",
        occurred_at=ctx.clock(),
        actor_id=ctx.require(OWNER).id,
        reverses_id=id_,
        reason=wanted.reason.strip(),
    )
    used = TransitionForbidden("transaction", "reversed", "reversing it again", _WHICH)
    await _write(session, ctx, transaction, await _opposite(session, ctx, id_), None, used)


async def _check_reversible(session: WriteSession, id_: int) -> None:
    found = (await ledger_reads.transactions_by_ids(session, [id_])).get(id_)
    if found is None:
        raise NotFound("ledger transaction", _WHICH)
    if found.reference.startswith(BY_THE_SHOP):
        reason = "The shop itself posted this; money of a payment goes back by refundPayment."
        raise NotAllowed(reason, _WHICH)


async def _opposite(session: WriteSession, ctx: Context, id_: int) -> list[Draft]:
    entries = (await ledger_reads.entries_of(session, [id_])).get(id_, [])
    ids = {one.account_id for one in entries}
    places: dict[int, Place] = await accounts.places(ctx, session, ids)
    return [
        Draft(places[one.account_id], EntrySide(one.side).opposite, one.amount_minor, one.memo)
        for one in entries
    ]


async def _write(  # noqa: PLR0913, PLR0917  What is posted, and what it means if it was before.
    session: WriteSession,
    ctx: Context,
    transaction: Transaction,
    drafts: Sequence[Draft],
    compared: tuple[int, int] | None,
    used: Refusal,
) -> None:
    ids = [ctx.ids.next() for _ in drafts]
    posting = Posting(transaction, drafts, ids, ctx.currency, compared)
    try:
        await ledger.post(session, posting)
    except UniqueViolation as error:
        raise used from error


POST_LEDGER_TRANSACTION = Mutation(
    name="postLedgerTransaction",
    roles=OWNER,
    kind="LedgerTransaction",
    targets=lambda ctx, wanted: {
        "transaction": ctx.ids.next(),
        "account": wanted.compared_account_id,
    },
    rule=_post,
    database=lambda ctx: ctx.ledger,
)

REVERSE_LEDGER_TRANSACTION = Mutation(
    name="reverseLedgerTransaction",
    roles=OWNER,
    kind="LedgerTransaction",
    targets=lambda ctx, _wanted: {"transaction": ctx.ids.next()},
    rule=_reverse,
    database=lambda ctx: ctx.ledger,
)
