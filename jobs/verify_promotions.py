"""Promotions and coupons: their counters are what orders use of them."""

from collections.abc import Iterator, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import promotion_sums, promotions, walks
from stores.promotion_sums import PromotionSums
from stores.promotions import Promotion, named

NAME, COUPON_NAME = "promotions", "coupons"


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        rows = await promotions.by_ids(session, ids)
        sums = await promotion_sums.by_promotions(session, ids)
    found = {id_: compared(NAME, id_, _facts(row, sums[id_])) for id_, row in rows.items()}
    return {id_: differences for id_, differences in found.items() if differences}


def _facts(row: Promotion, sums: PromotionSums) -> Iterator[tuple[str, object, object]]:
    yield "uses, by orders", sums.uses, row.uses
    yield "units, by orders", sums.units, row.units
    yield "claims, by coupons", sums.claims, row.claims
    scope = sorted(named(row.scope)) if row.scope else []
    yield "what its scope names", scope, sorted(sums.scope)


async def _compare_coupons(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        rows, used = await promotion_sums.by_coupons(session, ids)
        known = await promotions.by_ids(session, {row.promotion_id for row in rows.values()})
    found = {
        id_: compared(
            COUPON_NAME,
            id_,
            [
                ("uses, by orders", used.get(id_, 0), row.uses),
                ("has a promotion", True, row.promotion_id in known),
            ],
        )
        for id_, row in rows.items()
    }
    return {id_: differences for id_, differences in found.items() if differences}


PROMOTIONS = Check(
    name=NAME,
    about="Of each promotion, uses and units are those of its orders, and claims its coupons.",
    page=walking(walks.PROMOTIONS),
    compare=_compare,
)
COUPONS = Check(
    name=COUPON_NAME,
    about="Each coupon has a promotion, and was used by as many orders as it says.",
    page=walking(walks.COUPONS),
    compare=_compare_coupons,
)
