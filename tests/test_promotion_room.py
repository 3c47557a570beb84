"""No merchant takes the room that all have for active promotions."""

import asyncio

import pytest

from resolvers import promotion_edits
from tests.promoting import Promoter
from tests.shipping import codes
from tests.shopping import Client

WHOLE, EACH = 6, 3


async def _switched_on(shop: Client) -> dict[str, list[list[str]]]:
    """Let two merchants and the owner switch on what they can, and then one more each."""
    mia, moe, ola = [Promoter(shop, name) for name in ("mia", "moe", "ola")]
    told = {"mia": [codes(await mia.create()) for _ in range(EACH)]}
    draft = await mia.made(status="DRAFT")
    told["mia"] += [codes(await mia.create()), codes(await mia.update(draft, status="ACTIVE"))]
    at_once = await asyncio.gather(*(moe.create() for _ in range(EACH + 1)))
    told["moe"] = sorted(codes(one) for one in at_once)
    told["ola"] = [codes(await ola.create())]
    return told


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotion_edits, "MAX_ACTIVE", WHOLE)
    monkeypatch.setattr(promotion_edits, "MAX_OF_MERCHANT", EACH)


async def test_each_merchant_has_room_of_its_own_and_all_have_no_more_than_the_shop(
    shop: Client,
) -> None:
    none, full = list[str](), ["LIMIT_EXCEEDED"]

    assert await _switched_on(shop) == {
        "mia": [none, none, none, full, full],
        "moe": [none, none, none, full],
        "ola": [full],
    }


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_without_a_bound_for_each_lets_one_fill_the_shop(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion_edits, "MAX_OF_MERCHANT", WHOLE)
    told = await _switched_on(shop)

    assert told["mia"] == [[]] * 5
    assert told["moe"][-1] == told["ola"][0] == ["LIMIT_EXCEEDED"]
