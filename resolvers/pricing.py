"""What lines cost: integer minor units, rounded half-up once per line."""

from collections.abc import Sequence
from dataclasses import dataclass

from resolvers.shares import half_up
from stores.promotion_terms import MILLION
from stores.shop import Shop


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Some units of one variant, in minor units; `total_minor` is after discounts."""

    unit_price_minor: int
    quantity: int
    discount_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """Return what the line costs, without a tax that is added to prices."""
        return self.unit_price_minor * self.quantity - self.discount_minor


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over lines, in minor units; shipping is None until it is known."""

    subtotal_minor: int
    discount_minor: int
    shipping_minor: int | None
    tax_minor: int
    total_minor: int


def priced(shop: Shop, unit_price_minor: int, quantity: int, discount_minor: int = 0) -> PricedLine:
    """Return a line with its tax, which is never computed again."""
    taxed = unit_price_minor * quantity - discount_minor
    return PricedLine(unit_price_minor, quantity, discount_minor, tax_of(shop, taxed))


def tax_of(shop: Shop, minor: int) -> int:
    """Return the tax contained in an amount, or added to it, as the shop's prices are meant."""
    rate = shop.tax_rate_millionths
    return half_up(minor * rate, MILLION + rate if shop.is_tax_included else MILLION)


def totals(shop: Shop, lines: Sequence[PricedLine], shipping_minor: int | None = None) -> Totals:
    """Sum up lines and shipping; shipping bears no tax of its own."""
    return sums(lines, shipping_minor, is_tax_added=not shop.is_tax_included)


def sums(
    lines: Sequence[PricedLine], shipping_minor: int | None = None, *, is_tax_added: bool
) -> Totals:
    """Sum up lines whose tax is known."""
    subtotal = sum(line.unit_price_minor * line.quantity for line in lines)
    discount = sum(line.discount_minor for line in lines)
    tax = sum(line.tax_minor for line in lines)
    total = subtotal - discount + (tax if is_tax_added else 0) + (shipping_minor or 0)
    return Totals(subtotal, discount, shipping_minor, tax, total)
