"""Promotions: rules that take money off, with the counters of their uses."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)

from stores import promotion_terms
from stores.columns import Instant, Plain, flag, id_column, key, metadata, words
from stores.kept import among
from stores.promotion_terms import Action, Condition, Scope
from stores.sql import ReadSession, WriteSession

NAME_LENGTH = 100
#: Of the whole shop, at a time: a cart looks at all of them.
MAX_ACTIVE = 200
#: Of one merchant, at a time, so that none takes the room of all.
MAX_OF_MERCHANT = 20

promotions = Table(
    "promotions",
    metadata,
    id_column(),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # Zero for a promotion of the whole shop.
    Column("merchant_id", BigInteger, nullable=False),
    Column("name", words(NAME_LENGTH), nullable=False),
    Column("status", key(10), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=True),
    Column("priority", BigInteger, nullable=False),
    Column("is_stackable", flag(), nullable=False),
    Column("is_coupon_required", flag(), nullable=False),
    Column("is_claimable", flag(), nullable=False),
    Column("scope", Plain, nullable=True),
    Column("conditions", Plain, nullable=False),
    Column("actions", Plain, nullable=False),
    Column("usage_limit", BigInteger, nullable=True),
    Column("usage_limit_per_customer", BigInteger, nullable=True),
    # Units of a flash sale; the actions name the same number.
    Column("unit_limit", BigInteger, nullable=True),
    # Counters, moved by conditional updates only; they are no part of a version.
    Column("uses", BigInteger, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("claims", BigInteger, nullable=False),
    Index("ix_promotions_status_id", "status", "id"),
    Index("ix_promotions_merchant_id_id", "merchant_id", "id"),
)

#: What the scopes name, to find promotions by; made from `promotions.scope`.
promotion_scopes = Table(
    "promotion_scopes",
    metadata,
    id_column("promotion_id"),
    Column("kind", key(10), primary_key=True),
    Column("name", key(100), primary_key=True),
    Index("ix_promotion_scopes_kind_name", "kind", "name"),
)

#: No promotion is of this merchant; 0 is that of the whole shop's.
NOBODY = -1
#: More units than are ever sold.
NO_LIMIT = 2**62

PRODUCT, CATEGORY, BRAND = "PRODUCT", "CATEGORY", "BRAND"


class PromotionStatus(Enum):
    """Life cycle of a promotion."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Promotion:
    """A rule that takes money off; `merchant_id` is 0 for the whole shop."""

    id: int
    version: int
    updated_at: datetime
    merchant_id: int
    name: str
    status: str
    starts_at: datetime
    ends_at: datetime | None
    priority: int
    is_stackable: bool
    is_coupon_required: bool
    is_claimable: bool
    scope: Scope | None
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    usage_limit: int | None
    usage_limit_per_customer: int | None
    uses: int = 0
    units: int = 0
    claims: int = 0

    @classmethod
    def of(cls, *columns: Any) -> Self:
        """Return the row of these columns, in the order of the fields."""
        told = dict(zip(NAMES, columns, strict=True))
        told["scope"] = promotion_terms.scope_from_plain(told["scope"])
        for name in ("conditions", "actions"):
            told[name] = tuple(map(promotion_terms.from_plain, told[name]))
        for name in ("is_stackable", "is_coupon_required", "is_claimable"):
            told[name] = bool(told[name])
        return cls(**told)

    @property
    def unit_limit(self) -> int | None:
        """Return how many units get the fixed price, over all orders; None for any number."""
        return promotion_terms.unit_limit(self.actions)

    @property
    def units_left(self) -> int | None:
        """Return how many units can get the fixed price yet."""
        return None if self.unit_limit is None else max(self.unit_limit - self.units, 0)

    def status_at(self, now: datetime) -> PromotionStatus:
        """Return the status: what is over by its window has ended."""
        is_over = self.ends_at is not None and self.ends_at <= now
        is_begun = self.status != PromotionStatus.DRAFT.value
        return PromotionStatus.ENDED if is_over and is_begun else PromotionStatus(self.status)

    def applies_at(self, now: datetime) -> bool:
        """Return whether it is switched on and inside its window."""
        return self.status_at(now) is PromotionStatus.ACTIVE and self.starts_at <= now


_COLUMNS_BY_NAME = {field.name: promotions.c[field.name] for field in fields(Promotion)}
NAMES, COLUMNS = tuple(_COLUMNS_BY_NAME), list(_COLUMNS_BY_NAME.values())
_BY_IDS = select(*COLUMNS).where(among(promotions.c.id, "ids"))
_NOW = bindparam("now", type_=Instant)
_APPLIES = and_(
    promotions.c.status == PromotionStatus.ACTIVE.value,
    promotions.c.starts_at <= _NOW,
    or_(promotions.c.ends_at.is_(None), promotions.c.ends_at > _NOW),
)
_ACTIVE = select(*COLUMNS).where(_APPLIES).order_by(promotions.c.id).limit(MAX_ACTIVE)
_SEEN = _BY_IDS.where(or_(promotions.c.merchant_id == bindparam("own"), _APPLIES))
_MINE, _UNITS = promotions.c.id == bindparam("promotion"), bindparam("taken", type_=BigInteger)
_TAKE = (
    update(promotions)
    .where(
        _MINE,
        or_(promotions.c.usage_limit.is_(None), promotions.c.uses < promotions.c.usage_limit),
        promotions.c.units + _UNITS
        <= func.coalesce(promotions.c.unit_limit, bindparam("at_most", type_=BigInteger)),
    )
    .values(uses=promotions.c.uses + 1, units=promotions.c.units + _UNITS)
)
_GIVE_BACK = (
    update(promotions)
    .where(_MINE)
    .values(uses=promotions.c.uses - 1, units=promotions.c.units - _UNITS)
)
_CLAIM = (
    update(promotions)
    .where(
        _MINE,
        or_(promotions.c.usage_limit.is_(None), promotions.c.claims < promotions.c.usage_limit),
    )
    .values(claims=promotions.c.claims + 1)
)


async def by_ids(session: ReadSession, ids: Collection[int]) -> dict[int, Promotion]:
    """Return the promotions that exist, by id."""
    found = await session.rows(Promotion.of, _BY_IDS, {"ids": list(ids)})
    return {one.id: one for one in found}


async def seen_by_ids(
    session: ReadSession, ids: Collection[int], own: int | None, now: datetime
) -> dict[int, Promotion]:
    """Return those that apply now or are of a merchant, by id.

    A row that is left out by the database takes no more time than one that is not there.
    """
    asked = {"ids": list(ids), "own": NOBODY if own is None else own, "now": now}
    found = await session.rows(Promotion.of, _SEEN, asked)
    return {one.id: one for one in found}


async def active(session: ReadSession, now: datetime) -> list[Promotion]:
    """Return what applies now, the oldest first."""
    return await session.rows(Promotion.of, _ACTIVE, {"now": now})


async def count_active(session: ReadSession, now: datetime, merchant_id: int) -> tuple[int, int]:
    """Return how many are switched on and not over, and how many of them are of a merchant.

    Those that begin later count as well.
    """
    columns = promotions.c
    statement = (
        select(columns.merchant_id, func.count())
        .where(
            columns.status == PromotionStatus.ACTIVE.value,
            or_(columns.ends_at.is_(None), columns.ends_at > now),
        )
        .group_by(columns.merchant_id)
    )
    counts = dict(await session.rows(lambda of, count: (int(of), int(count)), statement))
    return sum(counts.values()), counts.get(merchant_id, 0)


async def take(
    session: WriteSession, promotion_id: int, units: int, limit: int | None = None
) -> bool:
    """Count one use, of so many units; False if there are not enough left.

    `limit` is that of units which a checkout holds: it counts where the promotion has none now.
    """
    at_most = NO_LIMIT if limit is None else limit
    asked = {"promotion": promotion_id, "taken": units, "at_most": at_most}
    return await session.update(_TAKE, asked) == 1


async def give_back(session: WriteSession, promotion_id: int, units: int) -> None:
    """Count one use less; whoever calls has seen that it was counted."""
    await session.update(_GIVE_BACK, {"promotion": promotion_id, "taken": units})


async def claim(session: WriteSession, promotion_id: int) -> bool:
    """Count one coupon that a shopper took; False if there is none left."""
    return await session.update(_CLAIM, {"promotion": promotion_id}) == 1


def named(scope: Scope) -> list[tuple[str, str]]:
    """Return what a scope names: kind and name, as promotions are found by."""
    return [
        *((PRODUCT, str(id_)) for id_ in scope.product_ids),
        *((CATEGORY, str(id_)) for id_ in scope.category_ids),
        *((BRAND, brand) for brand in scope.brands),
    ]
