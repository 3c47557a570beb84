"""eraseCustomer: nothing is left that tells who it was; the books stay.

What lies in the relational store goes in one transaction that holds the user's row first. Whoever
writes what tells of a person holds it too, so nothing is written behind the erasure. The cart,
which lies elsewhere, goes by event.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from resolvers import mutations, payment_postings
from resolvers.addresses import Address
from resolvers.commands import check
from resolvers.context import OWNER, STAFF, Context
from resolvers.mutations import Mutation, Targets
from stores import (
    audit,
    idempotency,
    ledger_accounts,
    order_traces,
    outbox,
    payment_traces,
    saved_addresses,
    transfers,
    users,
    wishes,
)
from stores.errors import NotAllowed, NotFound, VersionConflict
from stores.order_returns import ReturnStatus
from stores.orders import OrderStatus
from stores.outbox import Event
from stores.sql import WriteSession
from stores.users import ERASED, User

REASON_LENGTH = 1_000
#: Stands where an address needs a text.
BLANK: Final = "—"
#: Who wants to have these delivered, or paid back, has to be known.
_OPEN = (
    OrderStatus.PENDING_PAYMENT,
    OrderStatus.PAID,
    OrderStatus.PARTIALLY_SHIPPED,
    OrderStatus.SHIPPED,
)
#: Returns that may bring money back yet.
_COMING = (ReturnStatus.REQUESTED, ReturnStatus.APPROVED)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class EraseCustomer:
    """Erase a customer who is at `version`; the reason names nobody."""

    user_id: int
    version: int
    reason: str

    def __post_init__(self) -> None:
        """Raise Invalid unless there is a reason."""
        is_told = self.reason.strip() != "" and len(self.reason) <= REASON_LENGTH
        check(is_told, f"A reason has 1 to {REASON_LENGTH} characters.", "reason")


async def _erase(
    session: WriteSession, ctx: Context, edit: EraseCustomer, _targets: Targets
) -> None:
    before = (await users.by_ids(session, [edit.user_id])).get(edit.user_id)
    if before is None or before.subject is None:
        raise NotFound("customer", ("userId",))
    nobody = _nobody(ctx, before, edit.version + 1)
    if not await users.change(session, nobody):
        raise VersionConflict("User", before.version, before)
    await _check(session, before)
    # In this sequence: what is on its way now is seen in the balance, or still on its way.
    await _check_transfers(session, before)
    await _check_balance(ctx, before)
    await saved_addresses.forget(session, before.id)
    await wishes.forget(session, before.id)
    await _clear_orders(session, before.id)
    await payment_traces.clear(session, before.id, BLANK)
    await idempotency.forget(session, mutations.principal_of(before.id))
    await audit.forget(session, before.id)
    await outbox.append(session, _event(ctx, nobody))


def _nobody(ctx: Context, before: User, version: int) -> User:
    return User(before.id, None, version, ctx.clock(), before.created_at, roles=())


async def _check(session: WriteSession, user: User) -> None:
    if set(user.roles) & STAFF:
        raise NotAllowed("This user works for the shop; set the roles to SHOPPER first.")
    if count := await order_traces.count(session, user.id, _OPEN):
        raise NotAllowed(
            f"{count} orders are not finished, and need to know whose they are; finish or cancel "
            "them first."
        )
    if count := await order_traces.returns(session, user.id, _COMING):
        raise NotAllowed(
            f"{count} returns are on their way, and whoever sent them waits for the money; take "
            "them in or reject them first."
        )
    if await payment_traces.open_ones(session, user.id):
        raise NotAllowed("A payment of this user is under way; wait until it has ended.")


async def _check_transfers(session: WriteSession, user: User) -> None:
    paid, back = await payment_traces.moved(session, user.id)
    names = [*map(payment_postings.came, paid), *map(payment_postings.went_back, back)]
    for some in _chunks(names):
        if await transfers.are_waiting(session, some):
            raise NotAllowed("Money of this user is on its way; wait until it has arrived.")


async def _check_balance(ctx: Context, user: User) -> None:
    async with ctx.ledger.read_primary() as session:
        account = (await ledger_accounts.by_ids(session, [user.id])).get(user.id)
    if account is not None and account.debits_minor != account.credits_minor:
        raise NotAllowed("This user has a balance; pay it out first.")


async def _clear_orders(session: WriteSession, user_id: int) -> None:
    by_place: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for number, kept in (await order_traces.addresses(session, user_id)).items():
        by_place[kept["country_code"], kept.get("region")].append(number)
    for (country, region), numbers in by_place.items():
        # Country and region stay, as taxes go by them.
        blank = Address(BLANK, country, BLANK, BLANK, region=region).plain()
        for some in _chunks(numbers):
            await order_traces.clear(session, some, blank)
            await audit.forget_reasons(session, [f"Order:{int(number)}" for number in some])


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]


def _event(ctx: Context, user: User) -> Event:
    id_ = ctx.ids.next()
    return Event(id_, ERASED, f"User:{user.id}", user.version, {}, user.updated_at)


ERASE_CUSTOMER = Mutation(
    name="eraseCustomer",
    roles=OWNER,
    kind="User",
    targets=lambda _ctx, edit: {"user": edit.user_id},
    rule=_erase,
    reason=lambda edit: edit.reason.strip(),
)
