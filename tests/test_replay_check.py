"""The replay of real orders finds what is wrong with an order."""

import importlib
from typing import Any

import pytest

from tests.test_converters import ROOT


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The modules of the replay."""
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    return importlib.import_module("replay_check"), importlib.import_module("replay_input")


def _invoices(replay_input: Any) -> Any:
    tea = replay_input.Good("T", 250, "Tea")
    found = [replay_input.Invoice("1", ""), replay_input.Invoice("2", "")]
    for one, count in zip(found, (3, 1), strict=True):
        one.units[tea], one.lines[tea] = count, 1
    return found


def _order(note: str, units: int, total: str, number: str = "") -> dict[str, Any]:
    money = {"amount": total}
    line = {"sku": "T@2.50", "quantity": units, "unitPrice": {"amount": "2.50"}, "total": money}
    return {
        "number": number or f"n{note}",
        "note": note,
        "totals": {"total": money, "shipping": {"amount": "0.00"}},
        "lines": [line],
    }


RIGHT = [_order("1", 3, "7.50"), _order("2", 1, "2.50")]


@pytest.mark.parametrize(
    ("orders", "faults", "sums"),
    [
        (RIGHT, 0, (4, 1_000)),
        (RIGHT[:1], 1, (3, 750)),
        ([*RIGHT, RIGHT[1]], 1, (5, 1_250)),
        ([RIGHT[0], _order("2", 2, "5.00")], 2, (5, 1_250)),
        ([RIGHT[0], _order("2", 1, "2.49")], 2, (4, 999)),
        ([RIGHT[0], _order("2", 1, "2.50", number="other")], 1, (4, 1_000)),
        ([*RIGHT, _order("3", 1, "2.50")], 1, (4, 1_000)),
    ],
)
def test_order_that_differs_from_its_invoice_is_found(
    bench: Any, orders: list[dict[str, Any]], faults: int, sums: tuple[int, int]
) -> None:
    replay_check, replay_input = bench
    comparison = replay_check.Comparison(_invoices(replay_input), {"1": "n1", "2": "n2"})
    for order in orders:
        comparison.add(order)
    found = comparison.sums()

    assert (found.units, found.pence) == sums
    assert len(comparison.faults) == faults


def test_stock_that_does_not_fit_what_was_sold_is_found(bench: Any) -> None:
    replay_check, replay_input = bench
    comparison = replay_check.Comparison(_invoices(replay_input), {})
    left = replay_input.STOCK - 4
    for available, faults in ((left, 0), (left + 1, 1)):
        comparison.stock({"T@2.50": replay_check.Shelf("id", available)})
        assert len(comparison.faults) == faults
