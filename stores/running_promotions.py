"""The promotions that are switched on, kept by each process until one is edited.

Every price of a cart looks at them, and they are edited a few times a day. The shop's own row
counts the edits (`Shop.promotions_revision`), and whoever prices something has that row anyway: so
what is kept is used only while the count is the same as when it was read, in whichever process the
edit was made.

Nothing is kept while one of them counts its uses or units: those numbers move with each order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from stores.columns import Instant
from stores.promotions import COLUMNS, MAX_ACTIVE, Promotion, PromotionStatus, promotions
from stores.shop import SHOP_ID, shops
from stores.sql import ReadSession

#: A release that counts no edits may run beside this one.
KEPT_FOR = timedelta(seconds=10)

#: The row of the shop, with or without promotions: the count and they are of one moment.
_RUNNING = (
    select(shops.c.promotions_revision, *COLUMNS)
    .select_from(shops)
    .outerjoin(
        promotions,
        and_(
            promotions.c.status == PromotionStatus.ACTIVE.value,
            or_(
                promotions.c.ends_at.is_(None),
                promotions.c.ends_at > bindparam("now", type_=Instant),
            ),
        ),
    )
    .where(shops.c.id == SHOP_ID)
    .order_by(promotions.c.id)
    .limit(MAX_ACTIVE)
)


@dataclass(frozen=True, slots=True)
class Running:
    """What was switched on and not over at a moment, the oldest first, and the count of edits."""

    revision: int
    read_at: datetime
    promotions: Sequence[Promotion]

    def at(self, now: datetime) -> list[Promotion]:
        """Return what applies at an instant that is not earlier."""
        return [one for one in self.promotions if one.applies_at(now)]

    @property
    def is_lasting(self) -> bool:
        """Whether nothing of it changes without an edit."""
        return all(one.usage_limit is None and one.unit_limit is None for one in self.promotions)


async def running(session: ReadSession, now: datetime) -> Running:
    """Return what is switched on at this moment; nothing before the shop was made."""
    found = await session.rows(_made, _RUNNING, {"now": now})
    revision = found[0][0] if found else 0
    return Running(revision, now, [one for _, one in found if one is not None])


def _made(revision: int, id_: int | None, *columns: Any) -> tuple[int, Promotion | None]:
    return revision, None if id_ is None else Promotion.of(id_, *columns)


class RunningPromotions:
    """What one process knows of them."""

    def __init__(self) -> None:
        """Know nothing."""
        self._kept: Running | None = None

    def known(self, revision: int, now: datetime) -> list[Promotion] | None:
        """Return what applies now, if nothing was edited since it was read; None if nobody knows.

        `revision` was read by this operation; who asked earlier knew less.
        """
        kept = self._kept
        if kept is None or kept.revision != revision:
            return None
        is_young = timedelta(0) <= now - kept.read_at < KEPT_FOR
        return kept.at(now) if is_young else None

    def keep(self, found: Running) -> None:
        """Keep what was read."""
        self._kept = found if found.is_lasting else None
