"""Objects that are fetched again by their global IDs."""

from base64 import urlsafe_b64encode

import pytest
import strawberry

from graph import nodes
from stores.errors import Invalid
from tests.shopping import HARBOUR, Client

#: Kinds that come with buying; `tests.test_orders`, `tests.test_users` and others find them again.
TRADED = {
    "Account",
    "Cart",
    "Checkout",
    "Coupon",
    "DeliveryRate",
    "Fulfillment",
    "LedgerEntry",
    "LedgerTransaction",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderReturn",
    "Payment",
    "PaymentEvent",
    "ProductSnapshot",
    "Promotion",
    "Refund",
    "Reservation",
    "SavedAddress",
}
NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Product { slug } } }"
NODES = """query ($ids: [ID!]!) { nodes(ids: $ids) {
  __typename id ... on Product { slug } ... on User { roles } } }"""


async def test_every_kind_of_object_is_found_again(client: Client) -> None:
    shown = await client.ask(
        """{ shop { id } me { id } cart { id } product(by: {slug: "lamp-1"}) {
             id merchant { id } category { id } variants { id } } }""",
        "ann",
    )
    staff = await client.ask(
        """{ warehouses { id } inventoryLevels(first: 1) { nodes { id } }
             stockMovements(first: 1) { nodes { id } } }""",
        "mia",
    )
    product = shown["product"]
    ids = {
        "Shop": shown["shop"]["id"],
        "User": shown["me"]["id"],
        "Cart": shown["cart"]["id"],
        "Product": product["id"],
        "Merchant": product["merchant"]["id"],
        "Category": product["category"]["id"],
        "ProductVariant": product["variants"][0]["id"],
        "Warehouse": staff["warehouses"][0]["id"],
        "InventoryLevel": staff["inventoryLevels"]["nodes"][0]["id"],
        "StockMovement": staff["stockMovements"]["nodes"][0]["id"],
    }

    assert set(nodes.Kind.all) == set(ids) | TRADED
    of_staff = {"Warehouse", "InventoryLevel", "StockMovement"}
    for kind, id_ in ids.items():
        found = (await client.ask(NODE, "mia" if kind in of_staff else "ann", id=id_))["node"]
        assert (found["__typename"], found["id"]) == (kind, id_)


async def test_several_objects_come_in_the_order_of_their_ids(client: Client) -> None:
    keys = [await client.product_key(slug) for slug in ("lamp-2", "tea", "lamp-1")]
    ids = [nodes.encode("Product", key) for key in keys]
    ids.insert(1, strawberry.ID(await client.merchant_id(HARBOUR)))
    found = (await client.ask(NODES, ids=[*ids, nodes.encode("Product", 7), ids[0]]))["nodes"]

    assert [one and one.get("slug", one["__typename"]) for one in found] == [
        "lamp-2",
        "Merchant",
        "tea",
        "lamp-1",
        None,
        "lamp-2",
    ]


async def test_malformed_id_is_the_error_of_its_place(client: Client) -> None:
    good = nodes.encode("Product", await client.product_key("tea"))
    answer = await client.send(NODES, ids=[good, "nonsense"])

    assert [one and one["slug"] for one in answer["data"]["nodes"]] == ["tea", None]
    (error,) = answer["errors"]
    assert error["path"] == ["nodes", 1]
    assert error["extensions"] == {"code": "INVALID", "field": ["ids", "1"]}


@pytest.mark.parametrize("user", [None, "ann", "mia"])
async def test_foreign_and_missing_objects_look_the_same(client: Client, user: str | None) -> None:
    owner = (await client.ask("{ me { id } }", "ola"))["me"]["id"]
    archived = nodes.encode("Product", await client.product_key("old-lamp"))
    missing = [nodes.encode(kind, 12345) for kind in ("User", "Product", "Category", "Shop", "X")]

    for id_ in (owner, archived, *missing):
        assert await client.send(NODE, user, id=id_) == {"data": {"node": None}}


async def test_variant_of_a_product_that_may_not_be_seen_is_not_found(client: Client) -> None:
    shown = await client.ask('{ product(by: {slug: "draft-lamp"}) { variants { id } } }', "mia")
    (variant,) = shown["product"]["variants"]

    assert (await client.ask(NODE, "mia", id=variant["id"]))["node"]["id"] == variant["id"]
    assert (await client.ask(NODE, "moe", id=variant["id"]))["node"] is None


@pytest.mark.parametrize(
    "text",
    ["Product:0x1", "Product:-1", "Product:", ":1", "Product:9223372036854775808", "Product:01"],
)
def test_id_that_the_shop_never_made_is_refused(text: str) -> None:
    id_ = urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    with pytest.raises(Invalid, match="no ID"):
        nodes.decode(id_)
