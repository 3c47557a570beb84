"""Carts by Strawberry as documented."""

import base64
import hashlib
import hmac
import json

import strawberry
from core_products import Variant
from core_stores import Stores
from core_values import Money, global_id, loaders, money, stores

_PURPOSE = b"mallgraph cart 1\n"
_SPREAD, _MAX_ID = 0x5851F42D4C957F2D, 2**63 - 1
_MILLION = 1_000_000


@strawberry.type
class CartLine:
    """Some units of a variant."""

    cart_id: strawberry.Private[int]
    variant_id: strawberry.Private[int]
    price_minor: strawberry.Private[int]
    quantity: int
    is_selected: bool

    @strawberry.field
    def id(self) -> strawberry.ID:
        """Return the id."""
        return global_id("CartLine", ((self.variant_id * _SPREAD) & _MAX_ID) ^ self.cart_id)

    @strawberry.field
    def price_when_added(self, info: strawberry.Info) -> Money:
        """Return what one unit cost then."""
        return money(info, self.price_minor)

    @strawberry.field
    async def unit_price(self, info: strawberry.Info) -> Money | None:
        """Return what one unit costs now."""
        price = await self.price(info)
        return None if price is None else money(info, price)

    @strawberry.field
    async def total(self, info: strawberry.Info) -> Money | None:
        """Return what all units cost now."""
        price = await self.price(info)
        return None if price is None else money(info, price * self.quantity)

    @strawberry.field
    async def variant(self, info: strawberry.Info) -> Variant | None:
        """Return what it holds."""
        row = await loaders(info).variant.load(self.variant_id)
        return Variant.of(row) if row else None

    async def price(self, info: strawberry.Info) -> int | None:
        """Return what one unit costs now, None if it is not on sale."""
        row = await loaders(info).variant.load(self.variant_id)
        product = await loaders(info).product.load(row.product_id) if row else None
        is_on_sale = product is not None and product.status == "ACTIVE"
        return row.price_minor if is_on_sale else None


@strawberry.type
class PriceTotals:
    """What a cart costs."""

    subtotal: Money
    discount: Money
    tax: Money
    total: Money


@strawberry.type
class Cart:
    """What a visitor is about to buy."""

    id: strawberry.ID
    version: int
    lines: list[CartLine]

    @strawberry.field
    def item_count(self) -> int:
        """Return the selected units."""
        return sum(line.quantity for line in self.lines if line.is_selected)

    @strawberry.field
    async def totals(self, info: strawberry.Info) -> PriceTotals:
        """Return what the selected lines cost."""
        lines = [line for line in self.lines if line.is_selected]
        prices = [await line.price(info) for line in lines]
        costs = [(price or 0) * line.quantity for price, line in zip(prices, lines, strict=True)]
        shop = stores(info).shop
        subtotal, tax = sum(costs), sum(_tax(stores(info), cost) for cost in costs)
        return PriceTotals(
            subtotal=money(info, subtotal),
            discount=money(info, 0),
            tax=money(info, tax),
            total=money(info, subtotal if shop.is_tax_included else subtotal + tax),
        )


def cart_of(info: strawberry.Info, token: str) -> Cart | None:
    """Return the cart in a token, None if it was not signed here."""
    body, _, signature = token.partition(".")
    signed = hmac.digest(stores(info).cart_key, _PURPOSE + body.encode(), hashlib.sha256)
    if not hmac.compare_digest(base64.urlsafe_b64encode(signed).decode().rstrip("="), signature):
        return None
    id_, version, _, _, lines = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    shown = [
        CartLine(
            cart_id=id_,
            variant_id=variant_id,
            price_minor=price,
            quantity=quantity,
            is_selected=bool(selected),
        )
        for variant_id, quantity, price, selected in lines
    ]
    return Cart(id=global_id("Cart", id_), version=version, lines=shown)


def _tax(opened: Stores, minor: int) -> int:
    rate = opened.shop.tax_rate_millionths
    whole = _MILLION + rate if opened.shop.is_tax_included else _MILLION
    return (2 * minor * rate + whole) // (2 * whole)
