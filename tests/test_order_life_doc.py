"""What docs/order-life.md shows is what the shop answers, and what its books say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jobs.verify import verify
from resolvers import fulfillment_edits, order_states, return_decisions
from tests import shopping
from tests.serving import ROOT, demo_settings, paste

#: It goes through the whole document.
pytestmark = pytest.mark.slow

DOCUMENT = (ROOT / "docs/order-life.md").read_text()


def answers(text: str) -> list[dict[str, Any]]:
    """Return the answers that stand one behind the other in a text, without what they cost."""
    decoder, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        value.pop("extensions", None)
        found.append(value)
        rest = rest[end:].lstrip()
    return found


async def test_order_lives_as_the_document_shows_and_all_books_agree(tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    shown = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    chosen = await demo_settings(tmp_path)
    printed = await paste(blocks, chosen)

    assert [answers(text) for text in printed] == [answers(text) for text in shown]
    _balance(answers(printed[-1])[0])
    async with shopping.open_mall(chosen) as mall:
        assert (await verify(mall)).differences == []


def _balance(answer: dict[str, Any]) -> None:
    """Fail unless each amount that moved is, to the cent, what its entries debit and credit."""
    (payment,) = answer["data"]["order"]["payments"]
    for event in payment["events"]:
        sides = {"DEBIT": 0, "CREDIT": 0}
        for entry in event["ledgerTransaction"]["entries"]:
            sides[entry["side"]] += int(entry["amount"]["amount"].replace(".", ""))
        amount = int(event["amount"]["amount"].replace(".", ""))
        assert sides == {"DEBIT": amount, "CREDIT": amount}, event


def test_tables_of_the_document_are_those_of_the_shop() -> None:
    orders, parcels, returns = (
        {one.value: {to.value for to in after} for one, after in table.items()}
        for table in (
            order_states.TRANSITIONS,
            fulfillment_edits.TRANSITIONS,
            return_decisions.TRANSITIONS,
        )
    )
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \| ([^|]+) \|", DOCUMENT, re.MULTILINE)
    told = [
        (name, set(re.findall(r"[A-Z_]+", after)))
        for names, after in rows
        for name in re.findall(r"[A-Z_]+", names)
    ]

    assert dict(told[: len(orders)]) == orders
    rest = dict(told[len(orders) :])
    final = {"DELIVERED", "CANCELLED", "REJECTED", "CLOSED"}
    wanted = {**parcels, **returns}
    assert rest == {name: after for name, after in wanted.items() if name not in final}
