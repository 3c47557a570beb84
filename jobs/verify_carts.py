"""Carts: what was ordered has left them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobs import ordered_carts
from jobs.verify_check import SECONDS, Check, Differences, compared
from resolvers.context import Mall
from resolvers.order_states import PLACED
from stores import outbox
from stores.cart_records import KEPT_ORDERS
from stores.carts import Cart
from stores.outbox import Event
from stores.walks import PAGE

NAME = "carts"
#: Carts that are asked for at once; more would be in the way of shoppers.
_AT_ONCE = 4

#: A cart, and the orders whose units were taken out of it.
_Known = tuple[Cart, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Ordered:
    """What the event of an order says: whose cart, which one, and what was ordered from it."""

    number: str
    user_id: int
    cart_id: int
    units: dict[int, int]


async def _page(mall: Mall, last: int | None) -> list[int]:
    """Return orders whose units were taken out, by publish sequence, while events are kept."""
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        until = await outbox.position(session, ordered_carts.CONSUMER) or 0
        return await outbox.topic_after(session, PLACED, last or 0, until, PAGE)


async def _compare(mall: Mall, sequences: Sequence[int]) -> Differences[int]:
    ordered = await _ordered(mall, sequences)
    carts = await _carts(mall, sorted({one.user_id for one in ordered.values()}))
    found = {}
    for sequence, one in ordered.items():
        known = carts.get(one.user_id)
        if known and _is_forgotten(one, *known):
            key = f"{one.number} of user {one.user_id}"
            what = "units that the cart holds still, by variant"
            found[sequence] = compared(NAME, key, [(what, {}, one.units)])
    return found


def _is_forgotten(one: _Ordered, cart: Cart, orders: Sequence[str]) -> bool:
    """Whether the cart that was ordered from holds all units still, and knows of no order."""
    held = {line.variant_id: line.quantity for line in cart.lines}
    # One that remembers as much as it can may have taken them out long ago.
    knows = one.number in orders or len(orders) >= KEPT_ORDERS
    is_full = all(held.get(id_, 0) >= units for id_, units in one.units.items())
    return cart.id == one.cart_id and not knows and is_full


async def _ordered(mall: Mall, sequences: Sequence[int]) -> dict[int, _Ordered]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        events = await outbox.by_sequences(session, sequences)
    return {event.publish_sequence or 0: _told(event) for event in events}


def _told(event: Event) -> _Ordered:
    body: dict[str, Any] = event.body
    units = {int(id_): count for id_, count in body["units"].items()}
    return _Ordered(ordered_carts.number_of(event), body["user"], body["cart"], units)


async def _carts(mall: Mall, owner_ids: Sequence[int]) -> dict[int, _Known]:
    found: dict[int, _Known] = {}
    for start in range(0, len(owner_ids), _AT_ONCE):
        some = owner_ids[start : start + _AT_ONCE]
        told = await asyncio.gather(*map(mall.stores.carts.with_orders, some))
        found |= {id_: known for id_, known in zip(some, told, strict=True) if known}
    return found


async def _repair(mall: Mall, sequences: Sequence[int]) -> list[str]:
    ordered = (await _ordered(mall, sequences)).values()
    for one in ordered:
        # As the event says it: once for each order, however often.
        await mall.stores.carts.take(one.user_id, {one.number: one.units}, cart_id=one.cart_id)
    return [
        f"Order {one.number}: its units left the cart of user {one.user_id}." for one in ordered
    ]


CARTS = Check(
    name=NAME,
    about="No cart holds the units of an order still, after the event of the order was taken in; "
    "orders of the last days.",
    page=_page,
    compare=_compare,
    repair=_repair,
)
