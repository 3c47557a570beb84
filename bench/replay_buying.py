"""From an invoice to its order: cart, checkout, order, by whichever shopper it was."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from replay_client import Client, Wrong
from replay_input import Invoice, pounds

#: How many lines go into the cart with one request.
CHUNK = 100
_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 60

_LINES = "lines { id quantity variant { id } }"
_ERRORS = "isReplay userErrors { code message field }"
ADD = f"""mutation($key: ID!, $lines: [VariantQuantityInput!]!, $isLast: Boolean!) {{
  addCartLines(idempotencyKey: $key, input: {{lines: $lines}}) {{
    cart {{ {_LINES.replace("{", "@include(if: $isLast) {", 1)} version }} {_ERRORS} }} }}"""
CART = f"{{ cart {{ {_LINES} }} }}"
BEGIN = f"""mutation($key: ID!, $lineIds: [ID!]!) {{
  beginCheckout(idempotencyKey: $key, input: {{lineIds: $lineIds}}) {{
    checkout {{ orderNumber deliveryOptions {{ id price {{ amount }} }} }} {_ERRORS} }} }}"""
PLACE = f"""mutation($key: ID!, $input: PlaceOrderInput!) {{
  placeOrder(idempotencyKey: $key, input: $input) {{
    order {{ number totals {{ total {{ amount }} }} }} {_ERRORS} }} }}"""
SHELVES = """query($after: String) { products(first: 100, after: $after, sort: TITLE) {
  nodes { variants { id sku availableQuantity } } pageInfo { hasNextPage endCursor } } }"""
ADDRESS = {
    "name": "Pat Example",
    "countryCode": "GB",
    "city": "Anytown",
    "line1": "1 Example Street",
    "postalCode": "AA1 1AA",
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A variant of the shop."""

    id: str
    available: int


def shelves(client: Client, token: str) -> dict[str, Shelf]:
    """Return everything that is on sale, by SKU."""
    found: dict[str, Shelf] = {}
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        shown = client.query(SHELVES, token, after=page["endCursor"])["products"]
        for one in (variant for node in shown["nodes"] for variant in node["variants"]):
            found[one["sku"]] = Shelf(one["id"], one["availableQuantity"])
        page = shown["pageInfo"]
    return found


@dataclass
class Buying:
    """One client's way of buying; `orders` has the number of each invoice's order."""

    client: Client
    shelves: Mapping[str, Shelf]
    seed: int
    waited: int = 0
    orders: dict[str, str] = field(default_factory=dict)

    def buy(self, invoice: Invoice, token: str) -> None:
        """Order what stands on an invoice. Raises Wrong."""
        dice = random.Random(f"{self.seed} {invoice.number}")
        wanted = {self.shelves[good.sku].id: count for good, count in invoice.units.items()}
        held = self._fill(dice, list(wanted.items()), token)
        lines = self._alone(wanted, held, token)
        begun = self.client.mutate(dice, "beginCheckout", BEGIN, token, lineIds=lines)
        input_ = _order_input(invoice, begun["checkout"])
        placed = self.client.mutate(dice, "placeOrder", PLACE, token, input=input_)
        self._note(invoice, placed["order"])

    def _fill(
        self, dice: random.Random, wanted: Sequence[tuple[str, int]], token: str
    ) -> dict[str, Any]:
        cart: dict[str, Any] = {}
        for start in range(0, len(wanted), CHUNK):
            lines = [
                {"variantId": id_, "quantity": count}
                for id_, count in wanted[start : start + CHUNK]
            ]
            is_last = start + CHUNK >= len(wanted)
            cart = self.client.mutate(
                dice, "addCartLines", ADD, token, lines=lines, isLast=is_last
            )["cart"]
        return cart

    def _alone(self, wanted: Mapping[str, int], cart: dict[str, Any], token: str) -> list[str]:
        """Return the lines of this invoice once they hold its units, and nothing else.

        What was ordered leaves the cart soon after the answer. Units of the same product that are
        put in before join its line, so until then the line holds those of both invoices.
        """
        ends_at = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends_at:
            lines = {one["variant"]["id"]: one for one in cart["lines"]}
            if all(lines[id_]["quantity"] == count for id_, count in wanted.items()):
                return [lines[id_]["id"] for id_ in wanted]
            self.waited += 1
            time.sleep(_LOOK_SECONDS)
            cart = self.client.query(CART, token)["cart"]
        raise Wrong(f"The cart never held {wanted}: {cart}")

    def _note(self, invoice: Invoice, order: dict[str, Any]) -> None:
        if order["totals"]["total"]["amount"] != pounds(invoice.pence):
            raise Wrong(f"Invoice {invoice.number} became an order of {order['totals']}.")
        self.orders[invoice.number] = order["number"]


def _order_input(invoice: Invoice, checkout: dict[str, Any]) -> dict[str, Any]:
    free = [one["id"] for one in checkout["deliveryOptions"] if float(one["price"]["amount"]) == 0]
    return {
        "orderNumber": checkout["orderNumber"],
        "deliveryOptionId": free[0],
        "shippingAddress": {"address": ADDRESS},
        # From the file, so that another total of the shop is refused by itself.
        "expectedTotal": {"amount": pounds(invoice.pence), "currencyCode": "GBP"},
        "note": invoice.number,
    }
