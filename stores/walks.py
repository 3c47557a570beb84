"""Walks through whole tables, a page of keys at a time; for jobs that look at everything."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, select

from stores.account_branches import BranchState, account_branches
from stores.categories import categories
from stores.checkouts import checkouts
from stores.coupons import coupons
from stores.idempotency import idempotency_keys
from stores.inventory_levels import inventory_levels
from stores.keyset import Keyset, Window
from stores.ledger import ledger_entries, ledger_transactions
from stores.ledger_accounts import ledger_accounts
from stores.listing_tables import listings, product_words
from stores.order_discounts import order_discounts
from stores.orders import order_lines, orders
from stores.payments import payments
from stores.products import products
from stores.promotions import promotions
from stores.reservations import reservations
from stores.snapshots import product_snapshots
from stores.sql import ReadSession
from stores.transfers import transfers

K = TypeVar("K")

PAGE = 500


class Walk(Generic[K]):
    """A way through a table by its key, or by another column, each value once."""

    def __init__(
        self,
        make: Callable[..., K],
        *columns: ColumnElement[Any],
        only: ColumnElement[bool] | None = None,
        is_key: bool = True,
    ) -> None:
        """Give each key as `make` of its columns; `only` of rows that meet a condition."""
        self._make, self._keyset = make, Keyset(*columns)
        self._statement = select(*columns) if is_key else select(*columns).distinct()
        if only is not None:
            self._statement = self._statement.where(only)

    async def after(self, session: ReadSession, last: K | None, limit: int = PAGE) -> list[K]:
        """Return the keys that follow one, or the first ones."""
        position: Any = last if last is None or isinstance(last, tuple) else (last,)
        window = Window(limit, after=position)
        ordered = self._statement.where(self._keyset.inside(window))
        return await session.rows(
            self._make, ordered.order_by(*self._keyset.order(window)).limit(limit)
        )


def _pair(*values: Any) -> tuple[Any, ...]:
    return values


ACCOUNTS = Walk(int, ledger_accounts.c.id)
CATEGORIES = Walk(int, categories.c.id)
#: Those that an order was made of.
CLOSED_CHECKOUTS = Walk(str, checkouts.c.number, only=checkouts.c.ordered_at.is_not(None))
COUPONS = Walk(int, coupons.c.id)
IDEMPOTENCY_KEYS: Walk[tuple[str, str, str]] = Walk(
    _pair,
    idempotency_keys.c.principal,
    idempotency_keys.c.mutation,
    idempotency_keys.c.key,
)
#: By account, then number.
LEDGER_ENTRIES: Walk[tuple[int, int]] = Walk(
    _pair, ledger_entries.c.account_id, ledger_entries.c.log_id
)
LEDGER_TRANSACTIONS = Walk(int, ledger_transactions.c.id)
LEVELS = Walk(int, inventory_levels.c.id)
LISTED_PRODUCTS = Walk(int, listings.c.product_id, is_key=False)
ORDERS = Walk(str, orders.c.number)
#: Those that something was taken off, by their own row, and by what says so.
REDUCED_ORDERS = Walk(str, orders.c.number, only=orders.c.discount_minor != 0)
ORDER_DISCOUNTS = Walk(str, order_discounts.c.number, is_key=False)
ORDER_LINES = Walk(int, order_lines.c.id)
PAYMENTS = Walk(int, payments.c.id)
PRODUCTS = Walk(int, products.c.id)
PROMOTIONS = Walk(int, promotions.c.id)
#: By number of the order, then level.
RESERVATIONS: Walk[tuple[str, int]] = Walk(_pair, reservations.c.number, reservations.c.level_id)
SNAPSHOTS = Walk(int, product_snapshots.c.id)
#: Those that hold an amount.
TRIED_BRANCHES = Walk(
    str,
    account_branches.c.reference,
    only=account_branches.c.state == BranchState.TRIED.value,
)
#: Those that are to be carried out.
TRANSFERS = Walk(int, transfers.c.id, only=transfers.c.due_at.is_not(None))
TOLD_PRODUCTS = Walk(int, product_words.c.product_id, is_key=False)
