"""Verify: whether everything in the shop agrees, looked at while the shop goes on.

    report = await verify(mall)
    assert report.differences == []

Rows are read a page at a time. What differs is looked at again, and counts only if it stays: on
a live shop a copy may be on its way.
"""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.verify_carts import CARTS
from jobs.verify_categories import CATEGORIES
from jobs.verify_check import Check, Difference
from jobs.verify_checkouts import CHECKOUTS
from jobs.verify_discounts import DISCOUNTS
from jobs.verify_fulfillments import FULFILLMENTS
from jobs.verify_keys import KEYS
from jobs.verify_ledger import LEDGER, LEDGER_ENTRIES, LEDGER_TRANSACTIONS
from jobs.verify_listings import LISTINGS
from jobs.verify_orders import ORDERS
from jobs.verify_outbox import OUTBOX
from jobs.verify_payments import ORDERS_PAID, PAYMENTS
from jobs.verify_products import PRODUCTS, SHEETS
from jobs.verify_promotions import COUPONS, PROMOTIONS
from jobs.verify_reservations import RESERVATIONS
from jobs.verify_run import Manner, Progress, Run, Tally
from jobs.verify_search import SEARCH
from jobs.verify_snapshots import ORDER_LINES, SNAPSHOTS
from jobs.verify_stock import STOCK
from jobs.verify_transfers import BRANCHES, TRANSFERS
from resolvers.context import Mall

#: All there are, in the order in which they run.
CHECKS: tuple[Check[Any], ...] = (
    STOCK,
    RESERVATIONS,
    ORDERS,
    ORDER_LINES,
    DISCOUNTS,
    PROMOTIONS,
    COUPONS,
    FULFILLMENTS,
    CHECKOUTS,
    LEDGER,
    LEDGER_ENTRIES,
    LEDGER_TRANSACTIONS,
    TRANSFERS,
    BRANCHES,
    PAYMENTS,
    ORDERS_PAID,
    SNAPSHOTS,
    KEYS,
    CATEGORIES,
    PRODUCTS,
    SHEETS,
    LISTINGS,
    SEARCH,
    CARTS,
    OUTBOX,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all checks that ran."""

    tallies: Sequence[Tally]

    @property
    def differences(self) -> list[Difference]:
        """Return the first differences of each check, those that were mended too."""
        return [one for tally in self.tallies for one in tally.samples]

    @property
    def is_whole(self) -> bool:
        """Whether every store answered."""
        return all(tally.stopped is None for tally in self.tallies)

    @property
    def is_clean(self) -> bool:
        """Whether everything was looked at, and nothing differs any more."""
        return self.is_whole and not any(tally.left for tally in self.tallies)


class UnknownCheck(Exception):
    """A check of this name does not exist; the sentence says which do."""


async def verify(
    mall: Mall,
    only: Collection[str] | None = None,
    *,
    repair: bool = False,
    manner: Manner = Manner(),  # noqa: B008  It never changes.
    progress: Progress = lambda _tally: None,
) -> Report:
    """Run all checks, or these, one after the other, and return what came of them.

    `repair` makes copies again from what they are copies of. A store that stays away ends the
    checks that need it, and is told in the report. Raises UnknownCheck.
    """
    runs = [
        Run(mall, check, Tally(check.name), manner, progress, is_repairing=repair)
        for check in named(only)
    ]
    return Report([await run.finish() for run in runs])


def named(only: Collection[str] | None) -> list[Check[Any]]:
    """Return the checks of these names, all for None. Raises UnknownCheck."""
    names = [check.name for check in CHECKS]
    for name in only or ():
        if name not in names:
            nearest = difflib.get_close_matches(name, names, 1)
            hint = f"is {nearest[0]} meant? " if nearest else ""
            raise UnknownCheck(f"{name} is no check; {hint}There are: {', '.join(names)}.")
    return [check for check in CHECKS if only is None or check.name in only]
