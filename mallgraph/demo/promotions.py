"""What the demo shop takes money off."""

from collections.abc import Mapping

from jobs.seed import DemoPromotion
from stores.promotion_terms import (
    CustomerSegment,
    FixedPrice,
    PercentOff,
    Scope,
    SegmentCondition,
    Tier,
    TieredDiscount,
)

#: The one product of the flash sale.
TURNTABLE = "ostrel-first-turntable"
CODE = "WELCOME10"


def promotions(product_ids: Mapping[str, int]) -> list[DemoPromotion]:
    """Return the promotions of the demo, given the id of each product that they name, by slug."""
    full = TieredDiscount((Tier(100_00, 10_00), Tier(200_00, 25_00)))
    found = [DemoPromotion("满100减10、满200减25 · Save as you fill up", (full,))]
    first = (SegmentCondition(CustomerSegment.FIRST_ORDER),)
    tenth = (PercentOff(100_000, 30_00),)
    found.append(DemoPromotion("10 % off the first order", tenth, first, code=CODE, priority=10))
    if TURNTABLE in product_ids:
        flash, scope = (FixedPrice(279_00, 20),), Scope((product_ids[TURNTABLE],))
        found.append(DemoPromotion("Flash sale: 20 turntables", flash, scope=scope, priority=20))
    return found
