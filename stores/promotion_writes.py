"""Writing promotions: each edit is counted, so that whoever knows those of before hears of it."""

from typing import Any

from sqlalchemy import delete, update

from stores import promotion_terms, shop
from stores.promotions import (
    NAMES,
    Promotion,
    named,
    promotion_scopes,
    promotions,
)
from stores.sql import WriteSession

_COUNTERS = ("uses", "units", "claims")


async def add(session: WriteSession, new: Promotion) -> None:
    """Write a new promotion."""
    await session.insert(promotions, _plain(new))
    await _add_scope(session, new)
    await shop.count_promotion_edit(session)


async def change(session: WriteSession, promotion: Promotion) -> bool:
    """Write a promotion over its version before; False if it is at another. Counters stay."""
    told = {name: value for name, value in _plain(promotion).items() if name not in _COUNTERS}
    columns = promotions.c
    same = update(promotions).where(
        columns.id == promotion.id, columns.version == promotion.version - 1
    )
    if await session.update(same.values(told)) != 1:
        return False
    gone = delete(promotion_scopes).where(promotion_scopes.c.promotion_id == promotion.id)
    await session.update(gone)
    await _add_scope(session, promotion)
    await shop.count_promotion_edit(session)
    return True


def _plain(row: Promotion) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in NAMES}
    return told | {
        "scope": promotion_terms.scope_to_plain(row.scope),
        "conditions": list(map(promotion_terms.to_plain, row.conditions)),
        "actions": list(map(promotion_terms.to_plain, row.actions)),
        "unit_limit": row.unit_limit,
    }


async def _add_scope(session: WriteSession, row: Promotion) -> None:
    if row.scope is None:
        return
    rows = [{"promotion_id": row.id, "kind": kind, "name": name} for kind, name in named(row.scope)]
    await session.insert(promotion_scopes, *rows)
