"""Lists of promotions, by what they concern and who may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_

from stores.keyset import Keyset, Window
from stores.promotion_terms import Scope
from stores.promotions import (
    COLUMNS,
    Promotion,
    PromotionStatus,
    named,
    promotion_scopes,
    promotions,
)
from stores.sql import ReadSession


@dataclass(frozen=True, slots=True)
class PromotionFilter:
    """Conditions that promotions must all meet; None asks for nothing.

    `merchant_id` sees its own, and of others only what applies at `now`; None sees all.
    """

    now: datetime
    merchant_id: int | None = 0
    statuses: tuple[PromotionStatus, ...] | None = None
    #: A product: its id, the path of its category, its brand, its merchant.
    product: tuple[int, tuple[int, ...], str | None, int] | None = None
    is_claimable: bool | None = None


#: Newest first: ids grow with time.
_NEWEST = Keyset(promotions.c.id, descending=True)


async def page(session: ReadSession, wanted: PromotionFilter, window: Window) -> list[Promotion]:
    """Return a page of promotions, newest first."""
    statement = _filtered(select(*COLUMNS), wanted).where(_NEWEST.inside(window))
    ordered = statement.order_by(*_NEWEST.order(window)).limit(window.limit)
    return await session.rows(Promotion.of, ordered)


async def count(session: ReadSession, wanted: PromotionFilter) -> int:
    """Return how many promotions meet the conditions."""
    return await session.row(int, _filtered(select(func.count()), wanted)) or 0


def _filtered(statement: Select[Any], wanted: PromotionFilter) -> Select[Any]:
    columns = promotions.c
    if wanted.merchant_id is not None:
        own = columns.merchant_id == wanted.merchant_id if wanted.merchant_id else columns.id < 0
        statement = statement.where(or_(own, _applies(wanted.now)))
    if wanted.statuses is not None:
        statement = statement.where(or_(*(_is(one, wanted.now) for one in wanted.statuses)))
    if wanted.is_claimable is not None:
        statement = statement.where(columns.is_claimable == wanted.is_claimable)
    if wanted.product is not None:
        statement = statement.where(_concerns(*wanted.product))
    return statement.select_from(promotions)


def _applies(now: datetime) -> ColumnElement[bool]:
    return and_(_is(PromotionStatus.ACTIVE, now), promotions.c.starts_at <= now)


def _is(status: PromotionStatus, now: datetime) -> ColumnElement[bool]:
    columns = promotions.c
    is_over = and_(columns.ends_at.is_not(None), columns.ends_at <= now)
    kept = columns.status == status.value
    begun = columns.status != PromotionStatus.DRAFT.value
    match status:
        case PromotionStatus.DRAFT:
            return kept
        case PromotionStatus.ENDED:
            return or_(kept, and_(begun, is_over))
        case _:
            return and_(kept, or_(columns.ends_at.is_(None), columns.ends_at > now))


def _concerns(
    product_id: int, path: Sequence[int], brand: str | None, merchant_id: int
) -> ColumnElement[bool]:
    columns, names = promotions.c, promotion_scopes.c
    found = select(names.promotion_id).where(
        tuple_(names.kind, names.name).in_(
            named(Scope((product_id,), tuple(path), () if brand is None else (brand,)))
        )
    )
    return and_(
        columns.merchant_id.in_([0, merchant_id]),
        or_(columns.scope.is_(None), columns.id.in_(found)),
    )
