"""What lines of an unpaid order cost, where that is changed; nobody else writes these columns."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, bindparam, update

from stores.drivers import Retryable
from stores.orders import OrderLine, order_lines
from stores.sql import WriteSession

_CHANGE = (
    update(order_lines)
    .where(order_lines.c.id == bindparam("line"))
    .values(
        discount_minor=bindparam("discount", type_=BigInteger),
        tax_minor=bindparam("tax", type_=BigInteger),
        total_minor=bindparam("total", type_=BigInteger),
    )
)


async def change(session: WriteSession, lines: Sequence[OrderLine]) -> None:
    """Write what lines cost; the caller holds the row of their order."""
    rows = [
        {
            "line": line.id,
            "discount": line.discount_minor,
            "tax": line.tax_minor,
            "total": line.total_minor,
        }
        for line in lines
    ]
    if not await session.update_all(_CHANGE, rows):
        raise Retryable
