"""What may be done with promotions: commands, valid from the start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from resolvers.commands import UNCHANGED, Unchanged, check, check_text
from stores.promotion_terms import (
    MILLION,
    Action,
    AmountOff,
    Condition,
    FixedPrice,
    MinQuantity,
    PercentOff,
    Scope,
    ShippingOff,
    TieredDiscount,
)
from stores.promotions import NAME_LENGTH, PromotionStatus

MAX_NAMED = 100
MAX_TIERS = 20
MAX_TERMS = 5
MAX_COUNT = 10**9
MAX_PRIORITY = 1_000_000
BRAND_LENGTH = 100


@dataclass(frozen=True, slots=True)
class CreatePromotion:
    """Add a promotion, of the caller's merchant, or of the whole shop for the owner."""

    name: str
    starts_at: datetime
    actions: tuple[Action, ...]
    merchant_id: int | None = None
    ends_at: datetime | None = None
    priority: int = 0
    is_stackable: bool = False
    is_coupon_required: bool = False
    is_claimable: bool = False
    scope: Scope | None = None
    conditions: tuple[Condition, ...] = ()
    usage_limit: int | None = None
    usage_limit_per_customer: int | None = None
    status: PromotionStatus = PromotionStatus.DRAFT

    def __post_init__(self) -> None:
        """Raise Invalid for what no promotion may be."""
        check_text(self.name, "name", NAME_LENGTH)
        check_priority(self.priority)
        check_scope(self.scope)
        check_conditions(self.conditions)
        check_actions(self.actions)
        check_limit(self.usage_limit, "usageLimit")
        check_limit(self.usage_limit_per_customer, "usageLimitPerCustomer")
        is_begun = self.status in (PromotionStatus.DRAFT, PromotionStatus.ACTIVE)
        check(is_begun, "A new promotion is DRAFT or ACTIVE.", "status")


@dataclass(frozen=True, slots=True)
class UpdatePromotion:
    """Change a promotion that is at `version`."""

    promotion_id: int
    version: int
    name: str | Unchanged = UNCHANGED
    starts_at: datetime | Unchanged = UNCHANGED
    ends_at: datetime | Unchanged | None = UNCHANGED
    priority: int | Unchanged = UNCHANGED
    is_stackable: bool | Unchanged = UNCHANGED
    is_coupon_required: bool | Unchanged = UNCHANGED
    is_claimable: bool | Unchanged = UNCHANGED
    scope: Scope | Unchanged | None = UNCHANGED
    conditions: tuple[Condition, ...] | Unchanged = UNCHANGED
    actions: tuple[Action, ...] | Unchanged = UNCHANGED
    usage_limit: int | Unchanged | None = UNCHANGED
    usage_limit_per_customer: int | Unchanged | None = UNCHANGED
    status: PromotionStatus | Unchanged = UNCHANGED

    def __post_init__(self) -> None:
        """Raise Invalid for what no promotion may be."""
        if self.name is not UNCHANGED:
            check_text(self.name, "name", NAME_LENGTH)
        if self.priority is not UNCHANGED:
            check_priority(self.priority)
        if self.scope is not UNCHANGED:
            check_scope(self.scope)
        if self.conditions is not UNCHANGED:
            check_conditions(self.conditions)
        if self.actions is not UNCHANGED:
            check_actions(self.actions)
        for limit, name in (
            (self.usage_limit, "usageLimit"),
            (self.usage_limit_per_customer, "usageLimitPerCustomer"),
        ):
            if limit is not UNCHANGED:
                check_limit(limit, name)


def check_window(starts_at: datetime, ends_at: datetime | None) -> None:
    """Raise Invalid for a window that ends before it begins."""
    is_valid = ends_at is None or ends_at > starts_at
    check(is_valid, "endsAt is not after startsAt; exchange them.", "endsAt")


def check_coupons(*, is_claimable: bool, is_coupon_required: bool) -> None:
    """Raise Invalid for coupons that shoppers may take, and nobody needs."""
    reason = "Nobody takes a coupon that nobody needs: set isCouponRequired too."
    check(is_coupon_required or not is_claimable, reason, "isClaimable")


def check_priority(priority: int) -> None:
    """Raise Invalid for a priority that is out of range."""
    is_valid = abs(priority) <= MAX_PRIORITY
    check(is_valid, f"A priority is -{MAX_PRIORITY} to {MAX_PRIORITY}.", "priority")


def check_limit(limit: int | None, name: str) -> None:
    """Raise Invalid for a limit that nothing is within."""
    is_valid = limit is None or 1 <= limit <= MAX_COUNT
    check(is_valid, f"{name} is 1 to {MAX_COUNT}; leave it out for any number.", name)


def check_scope(scope: Scope | None) -> None:
    """Raise Invalid for a scope that names nothing, too much, or a brand that none can be."""
    if scope is None:
        return
    lists: dict[str, Sequence[object]] = {
        "productIds": scope.product_ids,
        "categoryIds": scope.category_ids,
        "brands": scope.brands,
    }
    for name, named in lists.items():
        check(len(named) <= MAX_NAMED, f"At most {MAX_NAMED} of a kind.", "scope", name)
    check(any(lists.values()), "A scope names something; leave it out for all lines.", "scope")
    for place, brand in enumerate(scope.brands):
        is_valid = 1 <= len(brand) <= BRAND_LENGTH
        reason = f"A brand has 1 to {BRAND_LENGTH} characters."
        check(is_valid, reason, "scope", "brands", str(place))


def check_conditions(conditions: Sequence[Condition]) -> None:
    """Raise Invalid for conditions that cannot hold together, or at all."""
    _check_kinds(conditions, "conditions", "condition")
    for place, one in enumerate(conditions):
        if isinstance(one, MinQuantity):
            is_valid = 1 <= one.quantity <= MAX_COUNT
            check(is_valid, "The least quantity is 1.", "conditions", str(place), "minQuantity")


def check_actions(actions: Sequence[Action]) -> None:
    """Raise Invalid for no action, two of a kind, or one that gives nothing or too much."""
    check(bool(actions), "A promotion gives something: send one action.", "actions")
    _check_kinds(actions, "actions", "action")
    for place, one in enumerate(actions):
        _check_action(one, ("actions", str(place)))


def _check_kinds(terms: Sequence[Condition | Action], name: str, word: str) -> None:
    check(len(terms) <= MAX_TERMS, f"At most {MAX_TERMS} {name}.", name)
    kinds = [type(one) for one in terms]
    check(len(kinds) == len(set(kinds)), f"Send each kind of {word} once.", name)


def _check_action(one: Action, at: tuple[str, ...]) -> None:
    match one:
        case PercentOff() | ShippingOff():
            name = "percentOff" if isinstance(one, PercentOff) else "shippingOff"
            is_valid = 0 < one.millionths <= MILLION
            check(is_valid, "percent is above 0, and 100 at most.", *at, name, "percent")
        case AmountOff():
            check(one.amount_minor > 0, "The amount off is above 0.", *at, "amountOff")
        case FixedPrice():
            limit = one.quantity_limit
            is_valid = limit is None or 1 <= limit <= MAX_COUNT
            check(is_valid, "quantityLimit is at least 1.", *at, "fixedPrice", "quantityLimit")
        case TieredDiscount():
            _check_tiers(one, at)


def _check_tiers(one: TieredDiscount, at: tuple[str, ...]) -> None:
    check(1 <= len(one.tiers) <= MAX_TIERS, f"Send 1 to {MAX_TIERS} tiers.", *at, "tiers")
    before = -1
    for place, tier in enumerate(one.tiers):
        here = (*at, "tiers", str(place))
        is_higher = tier.subtotal_minor > before
        check(is_higher, "Each subtotal is above the one before.", *here, "subtotal")
        is_valid = 0 < tier.amount_off_minor <= max(tier.subtotal_minor, 1)
        reason = "The amount off is above 0, and no more than the subtotal."
        check(is_valid, reason, *here, "amountOff")
        before = tier.subtotal_minor
