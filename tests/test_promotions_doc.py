"""What docs/promotions.md shows is what the shop answers."""

import json
import re

import pytest

from tests.buying import Buyer
from tests.serving import ROOT
from tests.shopping import Client

TEXT = (ROOT / "docs" / "promotions.md").read_text()


@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_example_of_the_page_is_answered_as_it_stands_there(shop: Client) -> None:
    create, cart = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
    (told,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    made = await shop.ask(create, "ola")
    await Buyer(shop).fill({"L2-S": 2, "L3-S": 1})

    assert made["createPromotion"] == {
        "promotion": {"name": "Autumn", "status": "ACTIVE"},
        "userErrors": [],
    }
    assert await shop.ask(cart, "ann") == json.loads(told)
