"""Whoever makes promotions for a shop, and what shoppers see of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from graph import nodes
from stores.coupons import coupons
from stores.inventory_levels import inventory_levels
from stores.order_discounts import order_discounts
from stores.promotions import promotions
from tests.buying import Buyer, by_sku, key
from tests.shopping import Client

FIELDS = """id version name status startsAt endsAt priority isStackable isCouponRequired isClaimable
  usageLimit usageLimitPerCustomer merchant { name }
  scope { products { slug } categories { slug } brands }
  conditions { __typename ... on MinQuantity { quantity } ... on MinSubtotal { amount { amount } }
    ... on SegmentCondition { segment } }
  actions { __typename ... on PercentOff { percent maximum { amount } }
    ... on ShippingOff { percent maximum { amount } } ... on AmountOff { amount { amount } }
    ... on FixedPrice { price { amount } quantityLimit }
    ... on TieredDiscount { tiers { subtotal { amount } amountOff { amount } } } }"""
ERRORS = """isReplay userErrors { code message field details { __typename
  ... on VersionConflictDetails { currentVersion current { id } } } }"""
CREATE = f"""mutation($key: ID!, $input: CreatePromotionInput!) {{
  createPromotion(idempotencyKey: $key, input: $input) {{
    promotion {{ {FIELDS} usedCount }} {ERRORS} }} }}"""
UPDATE = f"""mutation($key: ID!, $version: Int!, $input: UpdatePromotionInput!) {{
  updatePromotion(idempotencyKey: $key, version: $version, input: $input) {{
    promotion {{ {FIELDS} usedCount }} {ERRORS} }} }}"""
COUPONS = f"""mutation($key: ID!, $version: Int!, $input: CreateCouponsInput!) {{
  createCoupons(idempotencyKey: $key, version: $version, input: $input) {{
    promotion {{ id version }} coupons {{ id code usageLimit usedCount customer {{ id }} }}
    {ERRORS} }} }}"""
CLAIM = f"""mutation($key: ID!, $id: ID!) {{
  claimCoupon(idempotencyKey: $key, input: {{ promotionId: $id }}) {{
    coupon {{ id code usedCount promotion {{ name }} customer {{ id }} }} {ERRORS} }} }}"""
TOTALS = """totals { subtotal { amount } discount { amount } shipping { amount } tax { amount }
  total { amount } } discounts { title couponCode amount { amount } promotion { name } }"""
CHECKOUT = f"""query($number: String!, $option: ID, $codes: [String!]) {{
  checkout(orderNumber: $number) {{ coupons {{ code }}
    preview(deliveryOptionId: $option, couponCodes: $codes) {{
      {TOTALS} lines {{ total {{ amount }} discounts {{ title amount {{ amount }} }} }} }} }} }}"""
ORDER = f"""query($number: String!) {{ order(number: $number) {{ {TOTALS}
  lines {{ sku total {{ amount }} tax {{ amount }}
    discounts {{ title amount {{ amount }} }} }} }} }}"""
CART = f"""{{ cart {{ couponCodes {TOTALS} problems {{ code field }}
  lines {{ quantity unitPrice {{ amount }} total {{ amount }}
    discounts {{ title amount {{ amount }} }} }} }} }}"""
CODES = """mutation($key: ID!, $codes: [String!]) {
  updateCart(idempotencyKey: $key, input: { couponCodes: $codes }) {
    cart { id version couponCodes problems { code field } totals { total { amount } } }
    isReplay userErrors { code field } } }"""


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": "EUR"}


PERCENT = {"percentOff": {"percent": "10"}}


@dataclass
class Promoter:
    """The owner, or another user, who makes promotions."""

    client: Client
    name: str = "ola"

    async def create(self, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Make an active promotion that began long ago, and return the payload."""
        input_ = {
            "name": "Sale",
            "startsAt": "2020-01-01T00:00:00Z",
            "status": "ACTIVE",
            "actions": list(actions) or [PERCENT],
            **more,
        }
        used = input_.pop("key", None) or key()
        data = await self.client.ask(CREATE, self.name, key=used, input=input_)
        payload: dict[str, Any] = data["createPromotion"]
        return payload

    async def made(self, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Make a promotion and return it."""
        payload = await self.create(*actions, **more)
        assert payload["userErrors"] == [], payload
        promotion: dict[str, Any] = payload["promotion"]
        return promotion

    async def update(self, of: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Change a promotion as it was seen, and return the payload."""
        version = changes.pop("version", of["version"])
        used = changes.pop("key", None) or key()
        input_ = {"promotionId": of["id"], **changes}
        data = await self.client.ask(UPDATE, self.name, key=used, version=version, input=input_)
        payload: dict[str, Any] = data["updatePromotion"]
        return payload

    async def coupons(self, of: dict[str, Any], *codes: str, **more: Any) -> dict[str, Any]:
        """Make coupons with these codes, and return the payload."""
        used = more.pop("key", None) or key()
        input_ = {"promotionId": of["id"], "codes": {"list": list(codes)}, **more}
        data = await self.client.ask(
            COUPONS, self.name, key=used, version=of["version"], input=input_
        )
        payload: dict[str, Any] = data["createCoupons"]
        return payload

    async def unlocked(self, code: str, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Make a promotion that needs a coupon, and a coupon of it; return the promotion."""
        promotion = await self.made(*actions, isCouponRequired=True, **more)
        payload = await self.coupons(promotion, code)
        assert payload["userErrors"] == [], payload
        return promotion | {"version": promotion["version"] + 1}

    async def end(self, *of: dict[str, Any]) -> None:
        """End promotions, as they were made."""
        for one in of:
            payload = await self.update(one, status="ENDED")
            assert payload["userErrors"] == [], payload


async def variant_ids(client: Client, *skus: str) -> list[str]:
    rows = await by_sku(client, dict.fromkeys(skus, 1))
    return [nodes.encode("ProductVariant", rows[sku].id) for sku in skus]


async def product_id(client: Client, slug: str) -> str:
    return nodes.encode("Product", await client.product_key(slug))


async def seen(buyer: Buyer, **choices: Any) -> dict[str, Any]:
    """Return the preview of a buyer's checkout; its total is what she will send."""
    option = choices.pop("option", buyer.option)
    data = await buyer.client.ask(
        CHECKOUT, buyer.name, number=buyer.number, option=option, **choices
    )
    checkout: dict[str, Any] = data["checkout"]
    buyer.total = checkout["preview"]["totals"]["total"]["amount"]
    return checkout


def amounts(told: dict[str, Any]) -> dict[str, str | None]:
    """Return totals as plain amounts."""
    return {name: one and one["amount"] for name, one in told["totals"].items()}


async def set_codes(buyer: Buyer, *codes: str) -> dict[str, Any]:
    data = await buyer.client.ask(CODES, buyer.name, key=key(), codes=list(codes))
    payload: dict[str, Any] = data["updateCart"]
    return payload


async def stock_up(client: Client) -> None:
    """Fill all shelves."""
    filled = update(inventory_levels).values(on_hand=1_000)
    await client.mall.stores.database.transact(lambda session: session.update(filled))


async def ready(client: Client, names: Sequence[str], wanted: Mapping[str, int]) -> list[Buyer]:
    """Return buyers with a checkout each, who have seen its price; one name may stand often."""
    await stock_up(client)
    buyers = []
    for name in names:
        buyer = Buyer(client, name)
        await buyer.fill(wanted)
        assert (await buyer.begin())["userErrors"] == []
        await seen(buyer)
        buyers.append(buyer)
    return buyers


async def counters(client: Client) -> dict[str, tuple[int, int, int]]:
    """Return uses, units and claims of each promotion by name, and the uses of each coupon."""
    columns, of_coupons = promotions.c, coupons.c
    async with client.mall.stores.database.read(fresh=True) as session:
        rows = await session.rows(
            lambda *row: row,
            select(columns.name, columns.uses, columns.units, columns.claims),
        )
        codes = await session.rows(lambda *row: row, select(of_coupons.code, of_coupons.uses))
    found = {name: (taken, units, claims) for name, taken, units, claims in rows}
    return found | {code: (taken, 0, 0) for code, taken in codes}


async def uses(client: Client) -> list[tuple[str, str, bool]]:
    """Return what was taken off orders: number, title, and whether it was let go."""
    columns = order_discounts.c
    async with client.mall.stores.database.read(fresh=True) as session:
        return await session.rows(
            lambda number, title, at: (number, title, at is not None),
            select(columns.number, columns.title, columns.released_at).order_by(
                columns.number, columns.position
            ),
        )
