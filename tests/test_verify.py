"""Verify: a shop that is right is found right, and whatever is damaged by hand is found."""

from datetime import timedelta

from sqlalchemy import update

from jobs import expiry
from jobs.verify import verify
from jobs.verify_run import Manner
from stores.orders import orders
from tests.buying import Buyer
from tests.shopping import Client
from tests.stock_room import StockRoom, open_room

QUICK = Manner(pause_seconds=0.05, relay_seconds=2)


async def busy(shop: Client) -> StockRoom:
    """Buy, cancel, let expire, and adjust."""
    ann, room = Buyer(shop), await open_room(shop)
    await ann.buy({"L2-S": 1, "L3-S": 2})
    await ann.cancel(await ann.buy({"L5-S": 2}))
    late = await ann.buy({"L6-S": 2})
    past = shop.mall.clock() - timedelta(seconds=1)
    overdue = update(orders).where(orders.c.number == late["number"]).values(expires_at=past)
    await shop.mall.stores.database.transact(lambda session: session.update(overdue))
    await expiry.expire(shop.mall)
    await room.done("more", room.change(5), room.change(3, where=room.yard))
    await room.done("less", room.change(-2))
    return room


async def test_shop_that_bought_cancelled_expired_and_adjusted_is_clean(shop: Client) -> None:
    await busy(shop)
    report = await verify(shop.mall)

    assert report.differences == []
    assert report.is_clean
    assert [tally.check for tally in report.tallies if tally.looked_at == 0] == []
