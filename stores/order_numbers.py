"""Order numbers: 18 digits that no two orders ever share.

    261127 00001234 042 7     day, serial, shard of the shopper, check digit

Serials are handed out in segments from the database, so that the loss of a process, or of a
cache, leaves a gap but never a number twice.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Table, select, update

from stores.columns import key, metadata
from stores.drivers import Retryable, UniqueViolation
from stores.ids import Clock
from stores.sql import Database, WriteSession

LENGTH = 18
SHARDS = 1_000
SEGMENT = 100
_SERIALS = 10**8

order_number_segments = Table(
    "order_number_segments",
    metadata,
    Column("day", key(6), primary_key=True),
    Column("next_serial", BigInteger, nullable=False),
)


class OrderNumbers:
    """Makes the numbers of one process, a segment at a time."""

    def __init__(self, database: Database, clock: Clock, segment: int = SEGMENT) -> None:
        """Hold no segment yet."""
        self._database = database
        self._clock = clock
        self._segment = segment
        self._day, self._next, self._end = "", 0, 0

    async def next(self, shopper_id: int) -> str:
        """Return a new number for an order of this user. Raises StoreUnavailable."""
        day = _day(self._clock())
        while self._day != day or self._next >= self._end:
            first = await self._database.transact(lambda session: self._take(session, day))
            self._day, self._next, self._end = day, first, first + self._segment
        # Nothing is awaited from here on: two requests of this process never see one serial.
        serial, self._next = self._next, self._next + 1
        return number(day, serial, shopper_id)

    async def _take(self, session: WriteSession, day: str) -> int:
        columns = order_number_segments.c
        more = update(order_number_segments).where(columns.day == day)
        taken = await session.update(more.values(next_serial=columns.next_serial + self._segment))
        if taken:
            after = select(columns.next_serial).where(columns.day == day)
            return (await session.row(int, after) or 0) - self._segment
        try:
            row = {"day": day, "next_serial": 1 + self._segment}
            await session.insert(order_number_segments, row)
        except UniqueViolation as error:
            raise Retryable from error
        return 1


def number(day: str, serial: int, shopper_id: int) -> str:
    """Return the number of these parts. Raises OverflowError past 100 million orders a day."""
    if serial >= _SERIALS:
        raise OverflowError(f"{day} has no order numbers left.")
    digits = f"{day}{serial:08}{shopper_id % SHARDS:03}"
    return digits + check_digit(digits)


def is_number(text: str) -> bool:
    """Return whether a text is a number that a shop may have given."""
    is_plain = len(text) == LENGTH and text.isascii() and text.isdigit()
    return is_plain and check_digit(text[:-1]) == text[-1]


def check_digit(digits: str) -> str:
    """Return the digit that tells one mistyped digit, or two exchanged ones (Luhn's algorithm)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004  One digit.
    return str(-total % 10)


def _day(at: datetime) -> str:
    return at.strftime("%y%m%d")
