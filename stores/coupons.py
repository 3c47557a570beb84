"""Coupons: codes that unlock promotions, shared ones and those that a shopper claimed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
    union_all,
    update,
)

from stores.columns import Instant, as_row, id_column, key, metadata
from stores.kept import Reading, among
from stores.keyset import Keyset, Window
from stores.rows import row
from stores.sql import ReadSession, WriteSession

CODE_LENGTH = 32
#: Usable coupons of one shopper that are shown at once.
MAX_SHOWN = 100

coupons = Table(
    "coupons",
    metadata,
    id_column(),
    Column("promotion_id", BigInteger, nullable=False),
    Column("code", key(CODE_LENGTH), nullable=False, unique=True),
    # Whoever claimed it; null for everyone.
    Column("user_id", BigInteger, nullable=True),
    Column("usage_limit", BigInteger, nullable=True),
    Column("uses", BigInteger, nullable=False),
    Column("claimed_at", Instant, nullable=True),
    Column("expires_at", Instant, nullable=True),
    # One claim of each shopper; shared ones have no shopper, and so many rows.
    UniqueConstraint("promotion_id", "user_id"),
    Index("ix_coupons_promotion_id_id", "promotion_id", "id"),
    Index("ix_coupons_user_id_id", "user_id", "id"),
)


@row
class Coupon:
    """A code; in capitals, as it is compared. `user_id` is None for everyone."""

    id: int
    promotion_id: int
    code: str
    user_id: int | None
    usage_limit: int | None
    uses: int
    claimed_at: datetime | None
    expires_at: datetime | None


_COLUMNS = [coupons.c[field.name] for field in fields(Coupon)]
_BY_IDS = select(*_COLUMNS).where(among(coupons.c.id, "ids"))
_BY_CODES = select(*_COLUMNS).where(among(coupons.c.code, "codes"))
_CLAIMED = select(*_COLUMNS).where(
    coupons.c.promotion_id == bindparam("promotion"), coupons.c.user_id == bindparam("user")
)
#: Newest first: ids grow with time.
_NEWEST = Keyset(coupons.c.id, descending=True)
_MINE = coupons.c.id == bindparam("coupon")
_TAKE = (
    update(coupons)
    .where(_MINE, or_(coupons.c.usage_limit.is_(None), coupons.c.uses < coupons.c.usage_limit))
    .values(uses=coupons.c.uses + 1)
)
_GIVE_BACK = update(coupons).where(_MINE).values(uses=coupons.c.uses - 1)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Coupon]:
    """Return the coupons that exist, by id."""
    found = await session.rows(Coupon, _BY_IDS, {"ids": list(ids)})
    return {one.id: one for one in found}


async def by_codes(session: ReadSession, codes: Collection[str]) -> dict[str, Coupon]:
    """Return the coupons that exist, by code."""
    found = await session.rows(Coupon, _BY_CODES, {"codes": list(codes)})
    return {one.code: one for one in found}


async def claimed(session: ReadSession, promotion_id: int, user_id: int) -> Coupon | None:
    """Return the coupon of a promotion that a shopper claimed, None if she did not."""
    return await session.row(Coupon, _CLAIMED, {"promotion": promotion_id, "user": user_id})


async def usable(
    session: ReadSession, user_ids: Collection[int], now: datetime
) -> dict[int, list[Coupon]]:
    """Return what each shopper claimed, has not used up, and is not over; the newest first."""
    found: dict[int, list[Coupon]] = defaultdict(list)
    for one in await session.rows(Coupon, _all(_usable(id_, now) for id_ in user_ids)):
        found[one.user_id or 0].append(one)
    return found


async def pages(session: ReadSession, windows: Mapping[int, Window]) -> dict[int, list[Coupon]]:
    """Return a page of the coupons of each promotion, newest first, in one statement."""
    found: dict[int, list[Coupon]] = defaultdict(list)
    for one in await session.rows(Coupon, _all(_page(*each) for each in windows.items())):
        found[one.promotion_id].append(one)
    return found


async def counts(session: ReadSession, promotion_ids: Collection[int]) -> dict[int, int]:
    """Return how many coupons each promotion has, none for one without."""
    its = coupons.c.promotion_id
    mine = select(its, func.count()).where(its.in_(promotion_ids)).group_by(its)
    return dict(await session.rows(lambda id_, count: (id_, count), mine))


async def add(session: WriteSession, new: Sequence[Coupon]) -> None:
    """Write coupons. Raises UniqueViolation for a code that is taken, or a second claim."""
    await session.insert(coupons, *map(as_row, new))


async def take(session: WriteSession, coupon_id: int) -> bool:
    """Count one use; False if all are taken."""
    return await session.update(_TAKE, {"coupon": coupon_id}) == 1


async def give_back(session: WriteSession, coupon_id: int) -> None:
    """Count one use less; whoever calls has seen that it was counted."""
    await session.update(_GIVE_BACK, {"coupon": coupon_id})


def _page(promotion_id: int, window: Window) -> Select[Any]:
    mine = select(*_COLUMNS).where(coupons.c.promotion_id == promotion_id, _NEWEST.inside(window))
    return mine.order_by(*_NEWEST.order(window)).limit(window.limit)


def _usable(user_id: int, now: datetime) -> Select[Any]:
    columns = coupons.c
    mine = select(*_COLUMNS).where(
        columns.user_id == user_id,
        or_(columns.usage_limit.is_(None), columns.uses < columns.usage_limit),
        or_(columns.expires_at.is_(None), columns.expires_at > now),
    )
    return mine.order_by(columns.id.desc()).limit(MAX_SHOWN)


def _all(each: Iterable[Select[Any]]) -> Reading:
    # Wrapped, as SQLite takes no ORDER BY inside a UNION.
    first, *others = each
    if not others:
        return first
    return union_all(*(select(one.subquery()) for one in (first, *others)))
