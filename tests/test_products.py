"""What a product page and its looks-up show."""

import pytest

from tests.shopping import HARBOUR, HILL, Client

PRODUCT = """
query ($by: ProductByInput!) {
  product(by: $by) {
    id version revision slug title subtitle description brand status isAvailable
    merchant { name isActive }
    category { slug name parent { name parent { name } } }
    media { url(width: 400) objectKey kind alt width }
    priceRange { min { amount currencyCode } max { amount } }
    options { name values }
    variants {
      sku barcode title isAvailable availableQuantity weightGrams
      options { name value }
      price { amount } compareAtPrice { amount }
      media { url } product { slug }
    }
    specs {
      key label group unit
      value {
        ... on SpecText { text } ... on SpecNumber { number }
        ... on SpecBoolean { isTrue } ... on SpecList { items }
      }
    }
  }
}
"""
SLUG = "query ($by: ProductByInput!) { product(by: $by) { slug } }"


async def test_page_of_a_product_shows_everything(client: Client) -> None:
    shown = (await client.ask(PRODUCT, by={"slug": "lamp-7"}))["product"]

    assert shown.pop("id")
    assert shown == {
        "version": 1,
        "revision": 1,
        "slug": "lamp-7",
        "title": "Lamp 007",
        "subtitle": "Warm light",
        "description": "A lamp, number 7. It shines.",
        "brand": "Helio",
        "status": "ACTIVE",
        "isAvailable": True,
        "merchant": {"name": HARBOUR, "isActive": True},
        "category": {
            "slug": "desk-lamps",
            "name": "Desk lamps",
            "parent": {"name": "Lamps", "parent": None},
        },
        "media": [
            {
                "url": "https://pictures.example/lamp-7.png",
                "objectKey": None,
                "kind": "IMAGE",
                "alt": "A lamp",
                "width": None,
            }
        ],
        "priceRange": {
            "min": {"amount": "7.50", "currencyCode": "EUR"},
            "max": {"amount": "12.00"},
        },
        "options": [{"name": "Size", "values": ["S", "L"]}],
        "variants": [_variant("S", "7.50", 7), _variant("L", "12.00", 0)],
        "specs": [
            _spec("weight", "Weight", {"number": "7.5"}, unit="kg"),
            _spec("colour", "Colour", {"text": "red"}, group="Look"),
            _spec("dimmable", "Dimmable", {"isTrue": False}),
            _spec("includes", "Includes", {"items": ["bulb", "cable"]}),
        ],
    }


def _variant(size: str, price: str, quantity: int) -> dict[str, object]:
    return {
        "sku": f"L7-{size}",
        "barcode": f"40000000007{0 if size == 'S' else 1}",
        "title": f"Lamp 007 {size}",
        "isAvailable": quantity > 0,
        "availableQuantity": quantity,
        "weightGrams": 1_500,
        "options": [{"name": "Size", "value": size}],
        "price": {"amount": price},
        "compareAtPrice": {"amount": "27.00"},
        "media": {"url": "https://pictures.example/lamp-7.png"},
        "product": {"slug": "lamp-7"},
    }


def _spec(
    key: str, label: str, value: object, group: str | None = None, unit: str | None = None
) -> dict[str, object]:
    return {"key": key, "label": label, "group": group, "unit": unit, "value": value}


async def test_only_the_specs_that_are_named_are_shown(client: Client) -> None:
    shown = await client.ask(
        '{ product(by: {slug: "lamp-7"}) { some: specs(keys: ["colour", "none"]) { key } '
        "no: specs(keys: []) { key } } }"
    )

    assert shown["product"] == {"some": [{"key": "colour"}], "no": []}


async def test_product_is_found_by_id_and_by_the_codes_of_its_variants(client: Client) -> None:
    id_ = (await client.ask(PRODUCT, by={"slug": "lamp-7"}))["product"]["id"]
    harbour = await client.merchant_id(HARBOUR)
    ways = [
        {"id": id_},
        {"sku": {"code": "L7-L", "merchantId": harbour}},
        {"barcode": {"code": "400000000071", "merchantId": harbour}},
    ]

    for by in ways:
        assert (await client.ask(SLUG, by=by))["product"] == {"slug": "lamp-7"}


async def test_one_code_of_two_merchants_names_two_products(client: Client) -> None:
    by_harbour = {"sku": {"code": "L1-S", "merchantId": await client.merchant_id(HARBOUR)}}
    by_hill = {"sku": {"code": "L1-S", "merchantId": await client.merchant_id(HILL)}}

    assert (await client.ask(SLUG, by=by_harbour))["product"] == {"slug": "lamp-1"}
    assert (await client.ask(SLUG, by=by_hill))["product"] == {"slug": "twin"}


async def test_merchant_finds_its_own_code_without_naming_itself(client: Client) -> None:
    assert (await client.ask(SLUG, "moe", by={"sku": {"code": "L1-S"}}))["product"] == {
        "slug": "twin"
    }


async def test_case_of_a_code_counts(client: Client) -> None:
    by = {"sku": {"code": "l7-l", "merchantId": await client.merchant_id(HARBOUR)}}

    assert (await client.ask(SLUG, by=by))["product"] is None


@pytest.mark.parametrize(
    ("slug", "seeing"),
    [("draft-lamp", {"ola", "mia"}), ("old-lamp", {"ola", "moe"}), ("lamp-1", {*"-"})],
)
async def test_what_is_not_on_sale_is_seen_by_its_own_staff_only(
    client: Client, slug: str, seeing: set[str]
) -> None:
    everyone = [None, "ann", "mia", "moe", "ola"]
    found = {user or "-": await client.ask(SLUG, user, by={"slug": slug}) for user in everyone}
    saw = {user for user, data in found.items() if data["product"]}

    assert saw == (set(found) if slug == "lamp-1" else seeing)


async def test_chinese_product_is_shown_as_it_was_written(client: Client) -> None:
    shown = await client.ask(
        '{ product(by: {slug: "tea"}) { title brand category { name parent { name } } '
        "priceRange { min { amount } } } }"
    )

    assert shown["product"] == {
        "title": "明前龙井绿茶",
        "brand": "山茶",
        "category": {"name": "绿茶", "parent": {"name": "茶叶"}},
        "priceRange": {"min": {"amount": "300.00"}},
    }
