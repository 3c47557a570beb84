"""Versions behind a mutation, for the audit log: of what happens in several steps at once."""

from resolvers import orders as reading
from resolvers.mutations import Targets
from stores import order_returns, orders, payments
from stores.sql import WriteSession


async def of_order(session: WriteSession, targets: Targets) -> int:
    """Return the version of the order that a mutation names."""
    number = reading.number_of(targets["order"])
    return (await orders.by_numbers(session, [number]))[number].version


async def of_payment(session: WriteSession, targets: Targets) -> int:
    """Return the version of the payment that a mutation names."""
    id_ = targets["payment"]
    return (await payments.by_ids(session, [id_]))[id_].version


async def of_return(session: WriteSession, targets: Targets) -> int:
    """Return the version of the return that a mutation names."""
    id_ = targets["orderReturn"]
    return (await order_returns.by_ids(session, [id_]))[id_].version
