"""What payments tell of the person who paid: where to it went back to, and words of refunds."""

from sqlalchemy import func, or_, select, update

from stores.payments import payments
from stores.refunds import refunds
from stores.sql import ReadSession, WriteSession


async def open_ones(session: ReadSession, user_id: int) -> int:
    """Return how many payments of a user are under way.

    The provider is to be asked still, or money is to go back by itself.
    """
    columns = payments.c
    is_open = or_(columns.ask_at.is_not(None), columns.give_back_at.is_not(None))
    its = select(func.count()).where(columns.user_id == user_id, is_open)
    return await session.row(int, its) or 0


async def moved(session: ReadSession, user_id: int) -> tuple[list[int], list[int]]:
    """Return the ids of the payments of a user, and of the refunds of these."""
    its = payments.join(refunds, refunds.c.payment_id == payments.c.id)
    paid = select(payments.c.id).where(payments.c.user_id == user_id)
    back = select(refunds.c.id).select_from(its).where(payments.c.user_id == user_id)
    return await session.rows(int, paid), await session.rows(int, back)


async def clear(session: WriteSession, user_id: int, blank: str) -> None:
    """Clear the addresses that browsers went back to, and put a blank for reasons of refunds."""
    its = select(payments.c.id).where(payments.c.user_id == user_id)
    if ids := await session.rows(int, its):
        await session.update(update(payments).where(payments.c.id.in_(ids)).values(return_url=None))
        of_them = update(refunds).where(refunds.c.payment_id.in_(ids))
        await session.update(of_them.values(reason=blank))
