"""A storm of equal requests: one acts, the others are told what it did."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stores.settings import Settings
from tests.buying import PLACE
from tests.faults.ground import FAIR, IS_LONG, Ground, Shopper, ground

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 if IS_LONG else 120)]

KEYS, EQUAL, OTHER = (20, 50, 10) if IS_LONG else (10, 10, 3)
#: Keys whose requests are all sent in one moment; the next follow when these are answered.
KEYS_AT_ONCE = 5
STOCK = {"red": 1_000, "blue": 1}
#: What a client on a machine that does other things too may wait for an answer.
LIMIT_SECONDS = 15.0


async def ready(its: Ground) -> list[Shopper]:
    """Return shoppers whose checkouts wait to be ordered."""
    shoppers = [its.shopper(f"buyer-{number}") for number in range(KEYS)]

    async def prepare(shopper: Shopper) -> None:
        await shopper.fill({"red": 1})
        await shopper.begin()

    await asyncio.gather(*map(prepare, shoppers))
    its.client.seconds.clear()
    return shoppers


async def storm(its: Ground, shoppers: list[Shopper]) -> list[list[dict[str, Any]]]:
    """Send everything for some keys at once, then for the next; return the answers of each key."""
    waves = [shoppers[n : n + KEYS_AT_ONCE] for n in range(0, len(shoppers), KEYS_AT_ONCE)]
    return [answers for wave in waves for answers in await _wave(its, wave)]


async def _wave(its: Ground, shoppers: list[Shopper]) -> list[list[dict[str, Any]]]:
    """Send everything at once; return the answers for each key, the other arguments last."""

    async def sent(shopper: Shopper, note: str | None) -> dict[str, Any]:
        wanted = shopper.wanted(**({"note": note} if note else {}))
        return await its.client.mutate(PLACE, shopper.name, shopper.key("place"), input=wanted)

    notes = [None] * EQUAL + ["Ring twice."] * OTHER
    answers = await asyncio.gather(*(sent(one, note) for note in notes for one in shoppers))
    return [list(answers[place :: len(shoppers)]) for place in range(len(shoppers))]


def meanings(payloads: list[dict[str, Any]]) -> Counter[str]:
    """Return what answers say: ordered, replayed, or refused with which code."""
    return Counter(
        payload["userErrors"][0]["code"]
        if payload["userErrors"]
        else ("REPLAYED" if payload["isReplay"] else "ORDERED")
        for payload in payloads
    )


def told(equal: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    """Return whether one group has an order and its replays, and the other was refused."""
    is_first = "IDEMPOTENCY_KEY_REUSED" not in meanings(equal)
    winners, losers = (equal, other) if is_first else (other, equal)
    # One whose answer was lost, or came too late, was sent again: then it is a replay itself.
    once = meanings(winners)
    is_one = once["ORDERED"] <= 1 and once["ORDERED"] + once["REPLAYED"] == len(winners)
    is_refused = meanings(losers) == {"IDEMPOTENCY_KEY_REUSED": len(losers)}
    return is_one and is_refused


async def test_equal_requests_make_one_order_and_other_arguments_are_refused(
    place: Settings, tmp_path: Path
) -> None:
    async with ground(place, tmp_path, STOCK, weather=FAIR) as its:
        shoppers = await ready(its)
        answers = await storm(its, shoppers)
        its.report("equal requests")

        books = await its.books()
        assert await its.faults() == []
        assert books.orders.keys() == {shopper.number for shopper in shoppers}
        assert all(told(one[:EQUAL], one[EQUAL:]) for one in answers)
        assert IS_LONG or its.client.slowest() < LIMIT_SECONDS


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
async def test_twin_that_forgets_keys_orders_more_than_once(
    place: Settings, tmp_path: Path
) -> None:
    async with ground(place, tmp_path, STOCK, weather=FAIR, twin="forget_keys") as its:
        shoppers = (await ready(its))[:3]
        answers = await storm(its, shoppers)
        its.report("twin of equal requests")

        assert len((await its.books()).orders) > len(shoppers)
        assert not any(told(one[:EQUAL], one[EQUAL:]) for one in answers)
