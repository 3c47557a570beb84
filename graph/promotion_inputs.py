"""What promotions are made of, as it is sent."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

import strawberry

from graph.categories import CATEGORY
from graph.declare import attribute, gql_input
from graph.money import MoneyInput
from graph.optional import given
from graph.products import PRODUCT
from stores.errors import Invalid
from stores.promotion_terms import (
    MILLION,
    Action,
    AmountOff,
    Condition,
    CustomerSegment,
    FixedPrice,
    MinQuantity,
    MinSubtotal,
    PercentOff,
    Scope,
    SegmentCondition,
    ShippingOff,
    Tier,
    TieredDiscount,
)

_PER_PERCENT = MILLION // 100


@gql_input()
class ProductScopeInput:
    """Products named one by one, by category (with all below it) or by brand."""

    product_ids: list[strawberry.ID] | None = strawberry.UNSET
    category_ids: list[strawberry.ID] | None = strawberry.UNSET
    brands: list[str] | None = strawberry.UNSET

    def scope(self, *field: str) -> Scope:
        """Return the scope. Raises Invalid at the path `field`."""
        goods, shelves = given(self.product_ids) or (), given(self.category_ids) or ()
        keys = [PRODUCT.key(id_, *field, "productIds", str(n)) for n, id_ in enumerate(goods)]
        of = [CATEGORY.key(id_, *field, "categoryIds", str(n)) for n, id_ in enumerate(shelves)]
        return Scope(
            product_ids=tuple(dict.fromkeys(keys)),
            category_ids=tuple(dict.fromkeys(of)),
            brands=tuple(dict.fromkeys(given(self.brands) or ())),
        )


@gql_input(one_of=True)
class PromotionConditionInput:
    """Exactly one condition."""

    min_quantity: int | None = strawberry.UNSET
    min_subtotal: MoneyInput | None = strawberry.UNSET
    segment: CustomerSegment | None = strawberry.UNSET

    def condition(self, currency: str, *field: str) -> Condition:
        """Return the condition. Raises Invalid at the path `field`."""
        if (quantity := given(self.min_quantity)) is not None:
            return MinQuantity(quantity)
        if subtotal := given(self.min_subtotal):
            return MinSubtotal(subtotal.minor(currency, *field, "minSubtotal"))
        if segment := given(self.segment):
            return SegmentCondition(segment)
        raise Invalid("A condition is needed; send one.", field)


@gql_input()
class PercentOffInput:
    """A share off."""

    percent: Annotated[Decimal, attribute("0 to 100, with at most 4 digits after the point.")]
    maximum: MoneyInput | None = strawberry.UNSET

    def share(self, currency: str, *field: str) -> tuple[int, int | None]:
        """Return millionths, and the most in minor units. Raises Invalid at the path `field`."""
        millionths = self.percent * _PER_PERCENT
        if millionths != millionths.to_integral_value():
            reason = "A percentage has at most 4 digits after the point."
            raise Invalid(reason, (*field, "percent"))
        # Above 100 all are refused alike, however many digits they have.
        whole = int(min(max(millionths, Decimal(-1)), Decimal(MILLION + 1)))
        most = given(self.maximum)
        return whole, None if most is None else most.minor(currency, *field, "maximum")


@gql_input()
class FixedPriceInput:
    """A price for each unit."""

    price: MoneyInput
    quantity_limit: Annotated[
        int | None, attribute("Units sold at this price, over all orders.")
    ] = strawberry.UNSET


@gql_input()
class DiscountTierInput:
    """An amount off from a subtotal on."""

    subtotal: MoneyInput
    amount_off: MoneyInput

    def tier(self, currency: str, *field: str) -> Tier:
        """Return the tier. Raises Invalid at the path `field`."""
        subtotal = self.subtotal.minor(currency, *field, "subtotal")
        return Tier(subtotal, self.amount_off.minor(currency, *field, "amountOff"))


@gql_input(one_of=True)
class PromotionActionInput:
    """Exactly one action."""

    percent_off: PercentOffInput | None = strawberry.UNSET
    amount_off: MoneyInput | None = strawberry.UNSET
    fixed_price: FixedPriceInput | None = strawberry.UNSET
    shipping_off: PercentOffInput | None = strawberry.UNSET
    tiers: list[DiscountTierInput] | None = strawberry.UNSET

    def action(self, currency: str, *field: str) -> Action:
        """Return the action. Raises Invalid at the path `field`."""
        for name, make in _ACTIONS.items():
            sent = given(getattr(self, name))
            if sent is not None:
                return make(sent, currency, *field)
        raise Invalid("An action is needed; send one.", field)


def _amount_off(sent: MoneyInput, currency: str, *field: str) -> Action:
    return AmountOff(sent.minor(currency, *field, "amountOff"))


def _fixed_price(sent: FixedPriceInput, currency: str, *field: str) -> Action:
    price = sent.price.minor(currency, *field, "fixedPrice", "price")
    return FixedPrice(price, given(sent.quantity_limit))


def _tiers(sent: list[DiscountTierInput], currency: str, *field: str) -> Action:
    at = (*field, "tiers")
    return TieredDiscount(tuple(one.tier(currency, *at, str(n)) for n, one in enumerate(sent)))


#: Attribute of PromotionActionInput -> what makes the action of its value.
_ACTIONS: dict[str, Callable[..., Action]] = {
    "percent_off": lambda sent, currency, *at: PercentOff(*sent.share(currency, *at, "percentOff")),
    "amount_off": _amount_off,
    "fixed_price": _fixed_price,
    "shipping_off": lambda sent, currency, *at: ShippingOff(
        *sent.share(currency, *at, "shippingOff")
    ),
    "tiers": _tiers,
}


def conditions(sent: list[PromotionConditionInput] | None, currency: str) -> tuple[Condition, ...]:
    """Return the conditions of a whole list. Raises Invalid."""
    named = enumerate(sent or ())
    return tuple(one.condition(currency, "conditions", str(n)) for n, one in named)


def actions(sent: list[PromotionActionInput], currency: str) -> tuple[Action, ...]:
    """Return the actions of a whole list. Raises Invalid."""
    return tuple(one.action(currency, "actions", str(n)) for n, one in enumerate(sent))
