"""Accounts of the ledger."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.accounts
import stores.ledger_accounts
from graph import nodes
from graph.batch import Batch, Info
from graph.declare import argument, attribute, extend, gql_enum, gql_type, query
from graph.directives import CacheControl, CacheControlScope, ListSize
from graph.merchants import MERCHANT, Merchant
from graph.money import Money
from graph.nodes import Kind, Node
from graph.optional import given
from graph.scalars import BigInt, CurrencyCode
from graph.user_errors import details, member
from graph.users import USER, User
from resolvers.accounts import HOLDERS
from resolvers.context import OWNER, Context
from stores.ledger_accounts import AccountKind
from stores.ledger_errors import LogIdConflict

gql_enum(
    AccountKind,
    CUSTOMER_BALANCE="What a shopper can pay with.",
    MERCHANT_RECEIVABLE="What the shop owes a merchant.",
    PROVIDER_CLEARING="What a payment provider has taken and not paid out yet.",
    REVENUE="Sales.",
    TAX_PAYABLE="Tax to hand over.",
    SHIPPING_INCOME="What shoppers paid for delivery.",
    REFUND_EXPENSE="Sales given back.",
    PROMOTION_EXPENSE="Discounts that the shop bears.",
)


@gql_type(roles=HOLDERS, cache=CacheControl(max_age=0, scope=CacheControlScope.PRIVATE))
class Account(Node):
    """An account of the ledger."""

    row: strawberry.Private[stores.ledger_accounts.Account]
    kind: AccountKind
    stripe: Annotated[
        int | None,
        attribute(
            "0 to 15: accounts of the shop are kept in 16 parts, so that many orders can post at "
            "once."
        ),
    ]
    currency_code: CurrencyCode
    log_id: Annotated[BigInt, attribute("Number of the newest entry.")]
    head_hash: Annotated[str, attribute("Hash of the newest entry.")]

    @classmethod
    def of(cls, _ctx: Context, row: stores.ledger_accounts.Account) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("Account", row.id),
            row=row,
            kind=row.place.kind,
            stripe=row.place.stripe,
            currency_code=CurrencyCode(row.currency_code),
            log_id=BigInt(row.log_id),
            head_hash=row.head_hash,
        )


ACCOUNT = Kind("Account", Account.of, resolvers.accounts.by_ids)


@extend(Account, public=True)
async def balance(
    accounts: Sequence[Account], info: Info, at: datetime | None = strawberry.UNSET
) -> Batch[Money]:
    """Now, unless a time is given."""
    ctx = info.context
    found = await resolvers.accounts.balances(ctx, [one.row for one in accounts], given(at))
    return [Money.of(minor, ctx.currency) for minor in found]


@extend(Account, public=True)
async def user(accounts: Sequence[Account], info: Info) -> Batch[User | None]:
    """With CUSTOMER_BALANCE."""
    keys = [one.row.id for one in accounts if one.kind is AccountKind.CUSTOMER_BALANCE]
    found = dict(zip(keys, await USER.many(info.context, keys), strict=True))
    return [found.get(one.row.id) for one in accounts]


@extend(Account, public=True)
async def merchant(accounts: Sequence[Account], info: Info) -> Batch[Merchant | None]:
    """With MERCHANT_RECEIVABLE."""
    keys = [one.row.id for one in accounts if one.kind is AccountKind.MERCHANT_RECEIVABLE]
    found = dict(zip(keys, await MERCHANT.many(info.context, keys), strict=True))
    return [found.get(one.row.id) for one in accounts]


@extend(User, public=True, name="account")
async def account_of_user(users: Sequence[User], info: Info) -> Batch[Account | None]:
    """The balance; null for anyone but the user and the owner."""
    ctx = info.context
    found = await resolvers.accounts.of_users(ctx, [USER.key(one.id) for one in users])
    return [Account.of(ctx, row) if row else None for row in found]


@extend(Merchant, roles=OWNER, name="account")
async def account_of_merchant(merchants: Sequence[Merchant], info: Info) -> Batch[Account | None]:
    """What the shop owes it."""
    ctx = info.context
    keys = [one.row.id for one in merchants]
    found = await resolvers.accounts.of_merchants(ctx, keys)
    return [Account.of(ctx, row) if row else None for row in found]


@query(roles=HOLDERS)
async def account(info: Info, id: strawberry.ID) -> Account | None:
    """One account, of the ledger or of the shopper."""
    return await ACCOUNT.one(info.context, ACCOUNT.key(id, "id"))


@query(roles=OWNER, list_size=ListSize(assumed_size=100))
async def accounts(info: Info, kind: AccountKind | None = strawberry.UNSET) -> list[Account] | None:
    """The shop's own accounts, all parts, at most 200; others hang on users and merchants."""
    found = await resolvers.accounts.of_the_shop(info.context, given(kind))
    return [Account.of(info.context, row) for row in found]


@gql_type(public=True)
class TrialBalanceLine:
    """Sums of one kind of account, over all its accounts."""

    kind: AccountKind
    debit: Money
    credit: Money


@gql_type(public=True)
class TrialBalance:
    """Sums for each kind of account."""

    as_of: datetime
    is_balanced: Annotated[bool, attribute("Whether debits equal credits.")]
    lines: list[TrialBalanceLine]


@query(roles=OWNER, cost=20)
async def trial_balance(
    info: Info, as_of: Annotated[datetime | None, argument("Now if left out.")] = strawberry.UNSET
) -> TrialBalance | None:
    """Debits and credits for each kind of account."""
    ctx = info.context
    found = await resolvers.accounts.trial_balance(ctx, given(as_of))
    lines = [
        TrialBalanceLine(
            kind=kind, debit=Money.of(debits, ctx.currency), credit=Money.of(credits_, ctx.currency)
        )
        for kind, debits, credits_ in found.sums
    ]
    return TrialBalance(as_of=found.as_of, is_balanced=found.is_balanced, lines=lines)


@member
@gql_type(public=True)
class LogIdConflictDetails:
    """With LOG_ID_CONFLICT: the account as it is now."""

    current_log_id: BigInt
    account: Annotated[Account | None, attribute("With its newest entry.", public=True)]


@details(LogIdConflict)
def _conflict(ctx: Context, error: LogIdConflict) -> LogIdConflictDetails:
    row = error.current
    shown = Account.of(ctx, row) if isinstance(row, stores.ledger_accounts.Account) else None
    return LogIdConflictDetails(current_log_id=BigInt(error.current_log_id), account=shown)
