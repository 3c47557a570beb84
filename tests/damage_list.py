"""Every damage that a test does to a shop, by the check that must find it."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, insert, update

from stores.account_branches import account_branches
from stores.categories import categories
from stores.checkouts import checkouts
from stores.coupons import coupons
from stores.fulfillments import fulfillments
from stores.idempotency import idempotency_keys
from stores.inventory import stock_movements
from stores.ledger import ledger_entries
from stores.listing_tables import listings, product_words
from stores.order_discounts import order_discounts
from stores.order_events import order_events
from stores.order_returns import order_returns
from stores.orders import order_merchants, orders
from stores.outbox import outbox
from stores.products import by_ids, products, variants
from stores.promotions import promotion_scopes, promotions
from stores.refunds import refunds
from stores.reservations import reservations
from stores.search import SearchDocument
from stores.snapshots import product_snapshots
from stores.transfers import transfers
from tests.damages import (
    CASH,
    GHOST,
    NOBODY,
    WALLET,
    Damage,
    Scene,
    account,
    change,
    entry,
    event_of,
    level,
    line,
    movement,
    of_order,
    of_product,
    payment,
    transaction,
)
from tests.ledger_books import NOON
from tests.search_shelf import settle

#: After everything that happens in a scene.
LATER = datetime(2999, 1, 1, tzinfo=UTC)


def _given_back(at: Scene) -> ColumnElement[bool]:
    columns = stock_movements.c
    return (columns.reference == at.cancelled) & (columns.kind == "RELEASE")


async def _forget_a_transfer(at: Scene) -> None:
    row = {"id": 1, "kind": "POST", "reference": "shop:capture:1", "posting": None}
    await at.write(insert(transfers).values(**row, created_at=NOON, due_at=LATER))


async def _hold_for_ever(at: Scene) -> None:
    row = {"reference": "shop:capture:1", "state": "TRIED", "account_id": NOBODY}
    await at.write(insert(account_branches).values(**row, amount_minor=1, updated_at=NOON))


def _told(at: Scene) -> ColumnElement[bool]:
    return outbox.c.aggregate == f"Order:{at.number}"


def _of_the_seven(_at: Scene) -> ColumnElement[bool]:
    columns = ledger_entries.c
    return (columns.log_id == 1) & columns.account_id.in_([WALLET.id, CASH.id])


def _promotion(**values: object) -> Damage:
    return change(lambda _at: promotions.c.name == "Scene", promotions, **values)


def _coupon(**values: object) -> Damage:
    return change(lambda _at: coupons.c.code == "SCENE", coupons, **values)


async def _lose_specs(at: Scene) -> None:
    stores = at.shop.mall.stores
    async with stores.database.read(fresh=True) as session:
        specs_id = (await by_ids(session, [at.product_id]))[at.product_id].specs_id
    await stores.specs.remove([specs_id or 0])


async def _unlist(at: Scene) -> None:
    await at.shop.mall.stores.search.put([SearchDocument(at.product_id, 1, is_listed=False)])


async def _index_a_ghost(at: Scene) -> None:
    await at.shop.mall.stores.search.put([SearchDocument(NOBODY, 3, title="Ghost")])
    await settle(at.shop.mall.stores.search)


async def _list_a_ghost(at: Scene) -> None:
    row = {"category_id": 0, "product_id": NOBODY, "status": "ACTIVE", "min_price_minor": 1}
    await at.write(insert(listings).values(**row, title_key="ghost"))


async def _close_another_checkout(at: Scene) -> None:
    await at.buyer.fill({"L6-S": 1})
    await at.buyer.begin()
    now = at.shop.mall.clock()
    mine = checkouts.c.number == at.buyer.number
    await at.write(update(checkouts).where(mine).values(ordered_at=now))


async def _restore_the_cart(at: Scene) -> None:
    """Bring the cart back as a backup of it would: before the order was taken out."""
    carts, owner = at.shop.mall.stores.carts, await at.buyer.user_id()
    await at.buyer.fill({"L2-S": 1, "L3-S": 2})
    record = await carts._home.read(owner)
    assert record is not None
    older = replace(record, orders=(), revision=record.revision + 1)
    assert await carts._home.replace(record, older)


#: Check -> how many of its first damages are of copies, so that they can be mended.
COPIES = {"stock": 1, "products": 1, "listings": 4, "search": 3, "carts": 1}

_LAST = ["balance, after the newest entry", "hash of the newest entry"]

#: Check -> damages of it, each with the facts that it makes wrong.
DAMAGES: dict[str, list[tuple[Damage, list[str]]]] = {
    "stock": [
        (level(reserved=2), ["reserved, by reservations", "reserved, by movements"]),
        (level(on_hand=3), ["on hand, by movements", "on hand, after the last movement"]),
        (movement("RESERVE"), ["reserved, by movements"]),
        (
            movement("RECEIVE"),
            [
                "on hand, by movements",
                "on hand, after the last movement",
                "number of the last movement",
            ],
        ),
        (
            movement("RECEIVE", log_id=2),
            [
                "on hand, after the last movement",
                "number of the last movement",
                "movements of on hand",
            ],
        ),
        (
            movement("RECEIVE", on_hand_after=7),
            [
                "on hand, after the last movement",
                "movements that do not follow from the one before",
            ],
        ),
        (of_order(reservations, quantity=2), ["reserved, by reservations"]),
    ],
    "reservations": [
        (movement("RESERVE"), ["movements that reserve 1"]),
        (
            change(_given_back, stock_movements),
            ["movements that release 3, as it is RELEASED"],
        ),
        (
            of_order(reservations, state="RELEASED"),
            [
                "movements that release 1, as it is RELEASED",
                "movements that release 2, as it is RELEASED",
            ],
        ),
        (of_order(orders, number=GHOST), ["has an order", "has an order"]),
    ],
    "orders": [
        (of_order(orders, total_minor=1), ["total"]),
        (of_order(orders, subtotal_minor=1), ["subtotal"]),
        (of_order(orders, discount_minor=1), ["discount"]),
        (of_order(orders, tax_minor=1), ["tax"]),
        (
            line(quantity=2),
            [
                "subtotal",
                "total",
                "total of line 0",
                "variant, quantity and price of lines",
                "reserved units by variant",
            ],
        ),
        (line(position=7), ["variant, quantity and price of lines", "positions of lines"]),
        (line(merchant_id=NOBODY), ["merchants"]),
        (of_order(order_merchants), ["merchants"]),
        (of_order(reservations), ["reserved units by variant"]),
        (of_order(reservations, state="RELEASED"), ["states of reservations"]),
        (of_order(orders, status="PAID"), ["states of reservations", "status, by the last event"]),
        (of_order(orders, version=2), ["version, by events"]),
        (of_order(order_events, sequence=2), ["sequence of events"]),
        (of_order(order_events, from_status="PAID"), ["status before event 1"]),
        (of_order(order_events), ["version, by events", "status, by the last event"]),
        (change(_told, outbox), ["events that the outbox does not tell"]),
        (of_order(orders, expires_at=None), ["has an end"]),
        (of_order(checkouts), ["has a checkout"]),
        (of_order(checkouts, ordered_at=None), ["checkout is closed"]),
        (of_order(checkouts, user_id=NOBODY), ["user of the checkout"]),
    ],
    "order-lines": [
        (line(snapshot_id=NOBODY), [f"has its snapshot {NOBODY}"]),
        (line(product_id=NOBODY), ["product of its snapshot"]),
        (line(number=GHOST), ["has an order"]),
    ],
    "discounts": [
        (of_order(order_discounts, shares=[0, 99]), ["discount of line 1, by shares"]),
        (
            of_order(order_discounts, shares=[1]),
            [
                "discount of line 0, by shares",
                "discount of line 1, by shares",
                "lines of discount 0",
            ],
        ),
        (of_order(order_discounts, shipping_minor=3), ["discount of shipping"]),
        (of_order(order_discounts, released_at=LATER), ["discount 0 is let go"]),
        (of_order(order_discounts), ["discount of line 1, by shares"]),
        (
            of_order(order_discounts, number=GHOST),
            ["discount of line 1, by shares", "has an order"],
        ),
    ],
    "promotions": [
        (_promotion(uses=2), ["uses, by orders"]),
        (_promotion(units=1), ["units, by orders"]),
        (_promotion(claims=1), ["claims, by coupons"]),
        (
            change(lambda _at: promotion_scopes.c.kind == "PRODUCT", promotion_scopes),
            ["what its scope names"],
        ),
        (of_order(order_discounts), ["uses, by orders"]),
    ],
    "coupons": [
        (_coupon(uses=0), ["uses, by orders"]),
        (_coupon(promotion_id=NOBODY), ["has a promotion"]),
    ],
    "checkouts": [
        (_close_another_checkout, ["has an order"]),
        (of_order(orders, number=GHOST), ["has an order"]),
    ],
    "ledger": [
        (account(log_id=4), ["number of the newest entry", "entries", *_LAST]),
        (account(debits_minor=301), ["debits, by entries", "balance, after the newest entry"]),
        (
            account(credits_minor=1_001),
            ["credits, by entries", "balance, after the newest entry"],
        ),
        (account(head_hash="f" * 64), ["hash of the newest entry"]),
        (
            entry(3),
            ["number of the newest entry", "entries", "debits, by entries", *_LAST],
        ),
        (entry(2), ["entries", "credits, by entries"]),
        (entry(1, amount_minor=701), ["credits, by entries"]),
        (account(held_minor=1), ["held, by branches"]),
    ],
    "transfers": [(_forget_a_transfer, ["POST"])],
    "branches": [(_hold_for_ever, ["state"])],
    "ledger-entries": [
        (entry(2, amount_minor=400), ["hash", "balance after"]),
        (entry(2, memo="other"), ["hash"]),
        (entry(2, hash="f" * 64), ["hash", "hash of the entry before"]),
        (
            entry(2),
            ["has the entry before", "hash of the entry before", "balance after"],
        ),
        (entry(1, balance_after_minor=1), ["hash", "balance after", "balance after"]),
        (account(), ["has an account"] * 3),
        (transaction("three"), ["has a transaction"] * 2),
    ],
    "ledger-transactions": [
        (entry(1, amount_minor=701), ["debits"]),
        (entry(2), ["debits", "is the opposite"]),
        (change(_of_the_seven, ledger_entries), ["has entries"]),
        (transaction("undone", reverses_id=NOBODY), ["is the opposite"]),
    ],
    "payments": [
        (payment(number=GHOST), ["has an order"]),
        (
            payment(captured_minor=700, amount_minor=700),
            ["CHARGE_SUCCESS, by events"],
        ),
        (payment(amount_minor=1), ["captured at most what was asked for"]),
        (payment(refunding_minor=1), ["refunding, by refunds"]),
        (payment(status="PAID"), ["status"]),
        (
            event_of("REFUND_SUCCESS"),
            ["REFUND_SUCCESS, by events"],
        ),
        (event_of("CHARGE_SUCCESS", transaction_id=None), ["CHARGE_SUCCESS, by the ledger"]),
        (
            change(lambda _at: refunds.c.id > 0, refunds),
            ["refunded, by refunds"],
        ),
    ],
    "orders-paid": [
        (payment(is_late=True), ["paid, by payments", "refunded, by payments"]),
        (payment(), ["paid, by payments", "refunded, by payments"]),
        (of_order(orders, paid_minor=950), ["is not paid", "paid, by payments"]),
        (of_order(orders, status="PAID"), ["is paid"]),
        (
            change(lambda _at: orders.c.refunded_minor > 0, orders, payment_status="PAID"),
            ["payment status"],
        ),
    ],
    "fulfillments": [
        (
            change(lambda _at: fulfillments.c.id > 0, fulfillments),
            ["shipped of line 0", "units that left, by stock"],
        ),
        (
            change(lambda _at: fulfillments.c.id > 0, fulfillments, status="CANCELLED"),
            ["shipped of line 0"],
        ),
        (
            change(lambda _at: fulfillments.c.id > 0, fulfillments, merchant_id=NOBODY),
            ["merchant of the lines sent together"],
        ),
        (
            change(lambda _at: order_returns.c.id > 0, order_returns, received=[]),
            ["returned of line 0"],
        ),
        (
            change(lambda _at: order_returns.c.id > 0, order_returns),
            ["returned of line 0", "units that came back, by stock"],
        ),
        (
            change(lambda _at: order_returns.c.id > 0, order_returns, refund_id=NOBODY),
            ["has its refund"],
        ),
        (
            change(lambda _at: orders.c.refunded_minor > 0, orders, status="PAID"),
            ["status, by what is shipped"],
        ),
        (
            change(lambda _at: stock_movements.c.kind == "SHIP", stock_movements),
            ["units that left, by stock"],
        ),
    ],
    "snapshots": [
        (of_product(product_snapshots, "product_id", body={"title": "Other"}), ["content hash"]),
    ],
    "keys": [
        (
            change(
                lambda _at: idempotency_keys.c.mutation == "beginCheckout",
                idempotency_keys,
                targets={"checkout": "1:1:x"},
            ),
            ["checkout 1:1:x is there", "checkout 1:1:x is there"],
        ),
        (
            change(
                lambda _at: idempotency_keys.c.mutation == "cancelOrder",
                idempotency_keys,
                targets={"order": int(GHOST)},
            ),
            [f"order {GHOST} is there"],
        ),
    ],
    "categories": [
        (
            change(lambda _at: categories.c.name == "Floor lamps", categories, ancestor_ids=[]),
            ["ids of all above it"],
        ),
        (
            change(lambda _at: categories.c.name == "Desk lamps", categories, parent_id=NOBODY),
            [f"parent {NOBODY} is there"],
        ),
    ],
    "products": [
        (
            change(lambda at: variants.c.id == at.variant_id, variants, price_minor=1_000),
            ["lowest price", "highest price"],
        ),
        (of_product(products, "id", title_key="zebra"), ["title key"]),
        (of_product(products, "id", category_id=NOBODY), [f"category {NOBODY} is there"]),
        (of_product(variants, "product_id"), ["has variants"]),
        (of_product(variants, "product_id", merchant_id=NOBODY), ["merchants of variants"]),
    ],
    "specs": [(_lose_specs, ["document"])],
    "listings": [
        (of_product(listings, "product_id", title_key="zebra"), ["row of list"] * 3),
        (of_product(listings, "product_id"), ["row of list"] * 3),
        (of_product(product_words, "product_id"), ["row of word"] * 2),
        (_list_a_ghost, ["row of list"]),
    ],
    "search": [
        (_index_a_ghost, ["is listed"]),
        (_unlist, ["is listed"]),
        # Last, as an index never goes back to an older version.
        (of_product(products, "id", version=2), ["version"]),
    ],
    "carts": [(_restore_the_cart, ["units that the cart holds still, by variant"])],
}
