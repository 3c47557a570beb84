"""Promotions in carts, checkouts and orders: what each takes off, as its users see it."""

from tests.buying import Buyer, key
from tests.promoting import CART, ORDER, Promoter, amounts, counters, money, seen, variant_ids
from tests.shopping import Client


async def test_cart_checkout_and_order_show_the_same_discounts(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    ten = await ola.made(name="Ten off", isStackable=True, priority=2)
    full = [{"subtotal": money("5"), "amountOff": money("1")}]
    await ola.made({"tiers": full}, name="满5减1", isStackable=True)
    await ann.fill({"L2-S": 2, "L3-S": 1})
    cart = (await shop.ask(CART, "ann"))["cart"]
    await ann.begin()
    preview = (await seen(ann))["preview"]
    await ola.end(ten)
    placed = await ann.place()
    order = (await shop.ask(ORDER, "ann", number=ann.number))["order"]

    # 8.50: 10 % are 0.85 (0.50 and 0.35), then 1.00 of what is left (0.59 and 0.41).
    assert placed["userErrors"] == []
    sums = {"subtotal": "8.50", "discount": "1.85", "tax": "1.06", "total": "6.65"}
    assert amounts(cart) == {**sums, "shipping": None}
    assert amounts(preview) == amounts(order) == {**sums, "shipping": "0.00"}
    told = [
        {"title": "Ten off", "couponCode": None, "amount": {"amount": "0.85"}},
        {"title": "满5减1", "couponCode": None, "amount": {"amount": "1.00"}},
    ]
    live = [one | {"promotion": {"name": one["title"]}} for one in told]
    assert cart["discounts"] == preview["discounts"] == live
    # What is over is shown with its name, but not as a promotion.
    assert order["discounts"] == [told[0] | {"promotion": None}, live[1]]
    assert [line["total"]["amount"] for line in cart["lines"]] == ["3.91", "2.74"]
    assert [
        [(one["title"], one["amount"]["amount"]) for one in line["discounts"]]
        for line in order["lines"]
    ] == [[("Ten off", "0.50"), ("满5减1", "0.59")], [("Ten off", "0.35"), ("满5减1", "0.41")]]
    assert [(line["total"]["amount"], line["tax"]["amount"]) for line in order["lines"]] == [
        ("3.91", "0.62"),
        ("2.74", "0.44"),
    ]
    assert await counters(shop) == {"Ten off": (1, 0, 0), "满5减1": (1, 0, 0)}


async def test_merchant_sees_the_shares_of_its_own_lines(shop: Client) -> None:
    ann = Buyer(shop)
    await Promoter(shop).made({"amountOff": money("1")}, name="One off")
    await ann.fill({"L2-S": 2, "L3-S": 1})
    await ann.begin()
    await seen(ann)
    assert (await ann.place())["userErrors"] == []
    orders = {
        user: (await shop.ask(ORDER, user, number=ann.number))["order"]
        for user in ("ann", "mia", "moe")
    }

    shown = {user: one["discounts"][0]["amount"]["amount"] for user, one in orders.items()}
    assert shown == {"ann": "1.00", "mia": "0.41", "moe": "0.59"}
    assert {user: amounts(one)["discount"] for user, one in orders.items()} == shown


async def _add_express(shop: Client) -> None:
    """Let parcels come for 4.90 too; the option stands last."""
    rate = """mutation($key: ID!, $input: CreateDeliveryRateInput!) {
      createDeliveryRate(idempotencyKey: $key, input: $input) { deliveryRate { id } } }"""
    input_ = {"title": "Express", "regions": [], "price": money("4.90")}
    await shop.ask(rate, "ola", key=key(), input=input_)


async def test_merchant_gives_shipping_away_only_where_all_lines_are_its_own(shop: Client) -> None:
    await _add_express(shop)
    free = {"shippingOff": {"percent": "100"}}
    await Promoter(shop, "mia").made(free, {"amountOff": money("0.50")}, name="Harbour days")
    told = {}
    for name, wanted in {"ann": {"L2-S": 1, "L3-S": 1}, "bob": {"L3-S": 1}}.items():
        buyer = Buyer(shop, name)
        await buyer.fill(wanted)
        begun = await buyer.begin()
        express = begun["checkout"]["deliveryOptions"][-1]["id"]
        preview = (await seen(buyer, option=express))["preview"]
        told[name] = (amounts(preview)["discount"], amounts(preview)["shipping"])
        placed = await buyer.place(deliveryOptionId=express)
        assert placed["userErrors"] == []

    # With goods of Hill in the parcel, Harbour gives away what is its own, and no more.
    assert told == {"ann": ("0.50", "4.90"), "bob": ("0.50", "0.00")}


async def test_free_shipping_is_known_with_the_option(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    await _add_express(shop)
    await ola.made({"shippingOff": {"percent": "50"}}, name="Half shipping")
    await ann.fill({"L2-S": 1})
    begun = await ann.begin()
    express = begun["checkout"]["deliveryOptions"][-1]["id"]
    before = (await seen(ann, option=None))["preview"]
    after = (await seen(ann, option=express))["preview"]
    placed = await ann.place(deliveryOptionId=express)
    order = (await shop.ask(ORDER, "ann", number=ann.number))["order"]
    await ann.cancel(placed["order"])

    assert before["discounts"] == []
    assert [one["amount"] for one in after["discounts"]] == [{"amount": "2.45"}]
    assert amounts(after) == {
        "subtotal": "2.50",
        "discount": "0.00",
        "shipping": "2.45",
        "tax": "0.40",
        "total": "4.95",
    }
    assert placed["userErrors"] == []
    assert (amounts(order), order["discounts"]) == (amounts(after), after["discounts"])
    assert await counters(shop) == {"Half shipping": (0, 0, 0)}


async def test_first_order_is_dear_only_once(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    first = [{"segment": "FIRST_ORDER"}]
    await ola.made({"amountOff": money("1")}, conditions=first, name="Welcome", isStackable=True)
    await ola.made(conditions=[{"segment": "RETURNING"}], name="Back", isStackable=True)
    bought = []
    for _ in range(2):
        await ann.fill({"L2-S": 1})
        await ann.begin()
        shown = (await seen(ann))["preview"]
        placed = await ann.place()
        assert placed["userErrors"] == []
        bought.append(([one["title"] for one in shown["discounts"]], placed["order"]))
    await ann.cancel(bought[1][1])
    await ann.cancel(bought[0][1])
    await ann.fill({"L3-S": 1})
    await ann.begin()

    assert [titles for titles, _ in bought] == [["Welcome"], ["Back"]]
    shown = (await seen(ann))["preview"]
    assert [one["title"] for one in shown["discounts"]] == ["Welcome"]
    assert (await ann.place())["userErrors"] == []


PREVIEW = """query($id: ID!, $lines: [VariantQuantityInput!]!, $customer: ID) {
  promotionPreview(promotionId: $id, lines: $lines, customerId: $customer) {
    totals { total { amount } } discounts { title amount { amount } }
    lines { quantity total { amount } variant { sku } } } }"""


async def test_draft_is_tried_out_on_the_lines_of_a_real_cart(shop: Client) -> None:
    ola, ann = Promoter(shop), Buyer(shop)
    draft = await ola.made(
        {"amountOff": money("1")},
        status="DRAFT",
        name="Draft",
        conditions=[{"segment": "RETURNING"}, {"minQuantity": 3}],
    )
    await ann.fill({"L2-S": 2, "L3-S": 1})
    lines = (await shop.ask("{ cart { lines { quantity variant { id } } } }", "ann"))["cart"]
    wanted = [
        {"variantId": one["variant"]["id"], "quantity": one["quantity"]} for one in lines["lines"]
    ]
    me = (await shop.ask("{ me { id } }", "ann"))["me"]["id"]
    found = [
        (await shop.ask(PREVIEW, user, id=draft["id"], lines=wanted, customer=customer))[
            "promotionPreview"
        ]
        for user, customer in (("ola", None), ("ola", me), ("mia", None))
    ]
    (hidden,) = await variant_ids(shop, "D-1")
    bad = await shop.send(PREVIEW, "ola", id=draft["id"], lines=[{"variantId": hidden}])

    assert found[0] == {
        "totals": {"total": {"amount": "7.50"}},
        "discounts": [{"title": "Draft", "amount": {"amount": "1.00"}}],
        "lines": [
            {"quantity": 2, "total": {"amount": "4.41"}, "variant": {"sku": "L2-S"}},
            {"quantity": 1, "total": {"amount": "3.09"}, "variant": {"sku": "L3-S"}},
        ],
    }
    assert found[1]["discounts"] == []
    assert found[2] is None
    assert "errors" not in bad
    assert await counters(shop) == {"Draft": (0, 0, 0)}
