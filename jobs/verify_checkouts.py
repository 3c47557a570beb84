"""Checkouts: one that is closed became an order."""

from collections.abc import Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import orders, walks

NAME = "checkouts"


async def _compare(mall: Mall, numbers: Sequence[str]) -> Differences[str]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        known = await orders.by_numbers(session, numbers)
    return {
        number: compared(NAME, number, [("has an order", True, False)])
        for number in numbers
        if number not in known
    }


CHECKOUTS = Check(
    name=NAME,
    about="Each checkout that is closed became an order of the same number.",
    page=walking(walks.CLOSED_CHECKOUTS),
    compare=_compare,
)
