"""From an invoice to its order: cart, checkout, order, by whichever shopper it was."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from replay_client import Client, Wrong
from replay_input import Invoice, pounds

#: How many lines go into the cart with one request.
CHUNK = 100

_LINES = "lines { id quantity variant { id } }"
_ERRORS = "isReplay userErrors { code message field }"
ADD = f"""mutation($key: ID!, $lines: [VariantQuantityInput!]!, $isLast: Boolean!) {{
  addCartLines(idempotencyKey: $key, input: {{lines: $lines}}) {{
    cart {{ {_LINES.replace("{", "@include(if: $isLast) {", 1)} version }} {_ERRORS} }} }}"""
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
    orders: dict[str, str] = field(default_factory=dict)

    def buy(self, invoice: Invoice, token: str) -> None:
        """Order what stands on an invoice. Raises Wrong."""
        dice = random.Random(f"{self.seed} {invoice.number}")
        wanted = {self.shelves[good.sku].id: count for good, count in invoice.units.items()}
        cart = self._fill(dice, list(wanted.items()), token)
        # Only those of this invoice; units of them that were ordered before and lie there still
        # are taken out by the shop first.
        lines = [one["id"] for one in cart["lines"] if one["variant"]["id"] in wanted]
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
