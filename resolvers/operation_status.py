"""What became of a mutation whose answer was lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from resolvers.context import Context
from resolvers.ledger_posting import POST_LEDGER_TRANSACTION, REVERSE_LEDGER_TRANSACTION
from resolvers.mutations import check_key, principal
from stores import idempotency

#: What was posted by hand has its key beside the ledger; of nothing else it is asked there.
_BESIDE_THE_LEDGER = frozenset({POST_LEDGER_TRANSACTION.name, REVERSE_LEDGER_TRANSACTION.name})


@dataclass(frozen=True, slots=True)
class Committed:
    """A mutation that was carried out, and what its payload shows, by field."""

    targets: dict[str, Any]
    started_at: datetime


async def committed(ctx: Context, mutation: str, key: str) -> Committed | None:
    """Return what the caller's mutation with this key did, None if it did nothing.

    Reads the primary: a replica that is behind would deny what was done. Raises Invalid for a
    key that none can be, and StoreUnavailable.
    """
    check_key(key)
    if ctx.viewer is None:
        return None
    database = ctx.ledger if mutation in _BESIDE_THE_LEDGER else ctx.database
    async with database.read_primary() as session:
        found = await idempotency.find(session, principal(ctx.viewer), mutation, key)
    return Committed(found.targets, found.started_at) if found else None
