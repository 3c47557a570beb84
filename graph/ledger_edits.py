"""Posting to the ledger by hand."""

from typing import Annotated

import strawberry

from graph.accounts import ACCOUNT, Account
from graph.batch import Info
from graph.declare import attribute, gql_input, gql_type, mutation
from graph.ledger_entries import TRANSACTION, LedgerTransaction
from graph.money import MoneyInput
from graph.operation_status import found_by_key
from graph.optional import given
from graph.payloads import ending, shown
from graph.scalars import BigInt
from graph.user_errors import UserError
from resolvers.context import OWNER
from resolvers.ledger_posting import (
    POST_LEDGER_TRANSACTION,
    REVERSE_LEDGER_TRANSACTION,
    LedgerEntry,
    PostLedgerTransaction,
    ReverseLedgerTransaction,
)
from resolvers.mutations import run
from stores.ledger import EntrySide, TransactionKind


@gql_input()
class LedgerEntryInput:
    """An entry to post."""

    account_id: strawberry.ID
    side: EntrySide
    amount: Annotated[MoneyInput, attribute("Positive.")]
    memo: str | None = strawberry.UNSET

    def entry(self, currency: str, *path: str) -> LedgerEntry:
        """Return the entry that stands at `path`. Raises Invalid."""
        return LedgerEntry(
            account_id=ACCOUNT.key(self.account_id, *path, "accountId"),
            side=self.side,
            amount_minor=self.amount.minor(currency, *path, "amount"),
            memo=given(self.memo),
        )


@gql_input()
class PostLedgerTransactionInput:
    """What postLedgerTransaction needs."""

    compared_account_id: Annotated[
        strawberry.ID | None,
        attribute("The account that the argument logId speaks of; it has an entry below."),
    ] = strawberry.UNSET
    reference: Annotated[
        str, attribute("Unique name of the business, for example a statement number.")
    ]
    kind: TransactionKind
    entries: Annotated[list[LedgerEntryInput], attribute("At most 100.")]

    def command(self, currency: str, log_id: int | None) -> PostLedgerTransaction:
        """Return the command. Raises a Refusal."""
        compared = given(self.compared_account_id)
        return PostLedgerTransaction(
            reference=self.reference,
            kind=self.kind,
            entries=tuple(
                one.entry(currency, "entries", str(place)) for place, one in enumerate(self.entries)
            ),
            compared_account_id=None
            if compared is None
            else ACCOUNT.key(compared, "comparedAccountId"),
            log_id=log_id,
        )


@gql_input()
class ReverseLedgerTransactionInput:
    """What reverseLedgerTransaction needs."""

    transaction_id: strawberry.ID
    reason: str

    def command(self) -> ReverseLedgerTransaction:
        """Return the command. Raises Invalid."""
        key = TRANSACTION.key(self.transaction_id, "transactionId")
        return ReverseLedgerTransaction(transaction_id=key, reason=self.reason)


@gql_type(public=True)
class PostLedgerTransactionPayload:
    """What postLedgerTransaction gives back."""

    transaction: Annotated[LedgerTransaction | None, attribute("As posted.", public=True)]
    account: Annotated[Account | None, attribute("The one that was compared.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


@gql_type(public=True)
class ReverseLedgerTransactionPayload:
    """What reverseLedgerTransaction gives back."""

    transaction: Annotated[LedgerTransaction | None, attribute("As posted.", public=True)]
    is_replay: bool
    user_errors: list[UserError]


found_by_key(POST_LEDGER_TRANSACTION, TRANSACTION, "transaction")
found_by_key(REVERSE_LEDGER_TRANSACTION, TRANSACTION, "transaction")


@mutation(roles=OWNER)
async def post_ledger_transaction(
    info: Info,
    idempotency_key: strawberry.ID,
    input: PostLedgerTransactionInput,
    log_id: BigInt | None = strawberry.UNSET,
) -> PostLedgerTransactionPayload | None:
    """Posts entries that balance.

    With logId only if that is still the compared account's newest entry.
    """
    ctx, seen = info.context, given(log_id)
    outcome = await run(
        ctx, POST_LEDGER_TRANSACTION, idempotency_key, lambda: input.command(ctx.currency, seen)
    )
    compared = outcome.targets and outcome.targets["account"]
    return PostLedgerTransactionPayload(
        transaction=await shown(ctx, TRANSACTION, outcome, "transaction"),
        account=await shown(ctx, ACCOUNT, outcome, "account") if compared else None,
        **ending(ctx, outcome),
    )


@mutation(roles=OWNER)
async def reverse_ledger_transaction(
    info: Info, idempotency_key: strawberry.ID, input: ReverseLedgerTransactionInput
) -> ReverseLedgerTransactionPayload | None:
    """Posts the opposite of a transaction, once."""
    ctx = info.context
    outcome = await run(ctx, REVERSE_LEDGER_TRANSACTION, idempotency_key, input.command)
    return ReverseLedgerTransactionPayload(
        transaction=await shown(ctx, TRANSACTION, outcome, "transaction"), **ending(ctx, outcome)
    )
