"""Every order compared with its invoice, and what is left in stock with what was there."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from replay_buying import Shelf
from replay_client import Client
from replay_input import STOCK, Invoice, Sums, pence, pounds

ORDERS = """query($after: String) { orders(first: 25, after: $after, sort: OLDEST) {
  nodes { number note totals { total { amount } shipping { amount } }
          lines { sku quantity unitPrice { amount } total { amount } } }
  pageInfo { hasNextPage endCursor } } }"""


def orders(client: Client, token: str) -> Iterator[dict[str, Any]]:
    """Yield all orders of the shop, as its owner sees them."""
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        shown = client.query(ORDERS, token, after=page["endCursor"])["orders"]
        yield from shown["nodes"]
        page = shown["pageInfo"]


class Comparison:
    """What stands in the orders against what stands on the invoices, one by one."""

    def __init__(self, invoices: Sequence[Invoice], numbers: Mapping[str, str]) -> None:
        """Expect one order for each invoice, under the number that was told."""
        self._invoices = {one.number: one for one in invoices}
        self._numbers = numbers
        self._seen: Counter[str] = Counter()
        self._units = self._pence = 0
        self.faults: list[str] = []

    def add(self, order: Mapping[str, Any]) -> None:
        """Compare an order."""
        invoice = self._invoices.get(order["note"])
        if invoice is None:
            self.faults.append(f"Order {order['number']} is of no invoice: {order['note']}.")
            return
        self._seen[invoice.number] += 1
        self._units += sum(line["quantity"] for line in order["lines"])
        self._pence += pence(order["totals"]["total"]["amount"])
        if order["number"] != self._numbers.get(invoice.number):
            self.faults.append(f"Order {order['number']} of {invoice.number} was told to nobody.")
        self.faults += [f"Invoice {invoice.number}: {one}" for one in _faults(invoice, order)]

    def sums(self) -> Sums:
        """Return what the orders hold, with the lines of their invoices; note what lacks."""
        for number in self._invoices:
            if self._seen[number] != 1:
                self.faults.append(f"Invoice {number} became {self._seen[number]} orders.")
        expected = Sums.of(self._invoices[number] for number in self._seen.elements())
        return replace(expected, units=self._units, pence=self._pence)

    def stock(self, left: Mapping[str, Shelf]) -> None:
        """Compare what is left in stock with what was sold."""
        sold: Counter[str] = Counter()
        for invoice in self._invoices.values():
            for good, count in invoice.units.items():
                sold[good.sku] += count
        for sku, count in sold.items():
            if (found := left[sku].available) != STOCK - count:
                self.faults.append(f"{found} of {sku} are left, and not {STOCK} - {count}.")


def _faults(invoice: Invoice, order: Mapping[str, Any]) -> Iterator[str]:
    """Yield how an order differs: its lines by product, units, price and sum, then its total."""
    wanted = {
        (good.sku, count, good.price, pounds(good.pence * count))
        for good, count in invoice.units.items()
    }
    found = [
        (one["sku"], one["quantity"], one["unitPrice"]["amount"], one["total"]["amount"])
        for one in order["lines"]
    ]
    if len(found) != len(wanted) or set(found) != wanted:
        yield f"{sorted(wanted ^ set(found))} in one of them only; {len(found)} lines ordered."
    total = order["totals"]["total"]["amount"]
    if total != pounds(invoice.pence):
        yield f"{total}, not {pounds(invoice.pence)}."
