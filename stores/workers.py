"""Worker numbers: each process that makes ids leases one, so that no two ids are equal."""

import time
import uuid
from datetime import timedelta

from stores import leases
from stores.errors import StoreUnavailable
from stores.ids import WORKERS, Clock
from stores.leases import Lease
from stores.sql import Database, WriteSession

LEASE = timedelta(seconds=60)
#: Ids stop this early before the lease ends, whatever the machine's clock does meanwhile.
_MARGIN_SECONDS = 15
_PREFIX = "worker:"
_NONE_LEFT = (
    f"All {WORKERS} worker numbers are held; that of a process which was killed falls free after "
    f"{LEASE.total_seconds():.0f} seconds."
)


class Worker:
    """The number of this process; `renew` is called every few seconds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Hold no number yet."""
        self._database = database
        self._clock = clock
        #: By what its leases are known as its own.
        self.holder = uuid.uuid4().hex
        self._number: int | None = None
        self._valid_until = 0.0

    def number(self) -> int:
        """Return the number. Raises StoreUnavailable while none is held."""
        if self._number is None or time.monotonic() > self._valid_until:
            raise StoreUnavailable(self._database.name)
        return self._number

    async def renew(self) -> None:
        """Take a number, or keep the one that is held. Raises StoreUnavailable."""
        began = time.monotonic()
        self._number = await self._database.transact(self._take)
        self._valid_until = began + LEASE.total_seconds() - _MARGIN_SECONDS

    async def release(self) -> None:
        """Give the number back. Raises StoreUnavailable."""
        number, self._number = self._number, None
        if number is not None:
            name, now = f"{_PREFIX}{number}", self._clock()
            await self._database.transact(
                lambda session: leases.release(session, name, self.holder, now)
            )

    async def _take(self, session: WriteSession) -> int:
        taken = await leases.by_prefix(session, _PREFIX)
        for number in _candidates(taken, self._number):
            name = f"{_PREFIX}{number}"
            if await leases.take(session, name, self.holder, self._clock(), LEASE):
                return number
        raise StoreUnavailable(self._database.name, why=_NONE_LEFT)


def _candidates(taken: list[Lease], mine: int | None) -> list[int]:
    # Numbers nobody ever had come first, then those given back long ago: a clock that runs ahead
    # takes a living worker's number last.
    old = [int(lease.name.removeprefix(_PREFIX)) for lease in taken]
    fresh = [number for number in range(WORKERS) if number not in set(old)]
    return ([] if mine is None else [mine]) + fresh + old
