"""Products that nobody can sell: each refusal tells where and why, and changes nothing."""

from typing import Any

import pytest

from graph import nodes
from tests.product_writing import create, euros, everything, read, update
from tests.shopping import Client

Bad = tuple[dict[str, Any], str, str]

PRODUCT, VARIANT = nodes.encode("Product", 5), nodes.encode("ProductVariant", 5)
HASH = "0" * 64
ONE = {"sku": "K-1", "price": euros("1.00")}


def variant(**more: Any) -> dict[str, Any]:
    return {"variants": [ONE, {"sku": "K-2", "price": euros("1.00"), **more}]}


def spec(**more: Any) -> dict[str, Any]:
    return {"specs": [{"key": "weight", "value": {"text": "x"}, **more}]}


def medium(source: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"media": [{"source": source, **more}]}


def options(*some: tuple[str, str]) -> dict[str, Any]:
    return variant(options=[{"name": name, "value": value} for name, value in some])


#: Input of both mutations, the code, and the path of what is wrong.
BAD: list[Bad] = [
    ({"title": "  "}, "INVALID", "title"),
    ({"title": "x" * 201}, "INVALID", "title"),
    ({"title": "a\nb"}, "INVALID", "title"),
    ({"subtitle": "x" * 201}, "INVALID", "subtitle"),
    ({"description": "x" * 20_001}, "INVALID", "description"),
    ({"brand": "x" * 101}, "INVALID", "brand"),
    ({"slug": "Not A Slug"}, "INVALID", "slug"),
    ({"slug": ""}, "INVALID", "slug"),
    ({"slug": "lamp-3"}, "DUPLICATE", "slug"),
    ({"categoryId": "x"}, "INVALID", "categoryId"),
    ({"categoryId": PRODUCT}, "INVALID", "categoryId"),
    ({"categoryId": nodes.encode("Category", 5)}, "NOT_FOUND", "categoryId"),
    ({"variants": [{"sku": "K-1"}]}, "REQUIRED", "variants.0.price"),
    ({"variants": [{"price": euros("1.00")}]}, "REQUIRED", "variants.0.sku"),
    ({"variants": [ONE, ONE]}, "DUPLICATE", "variants.0.sku"),
    ({"variants": [ONE | {"sku": f"K-{n}"} for n in range(101)]}, "LIMIT_EXCEEDED", "variants"),
    (variant(sku=None), "REQUIRED", "variants.1.sku"),
    (variant(sku=""), "INVALID", "variants.1.sku"),
    (variant(sku=" K"), "INVALID", "variants.1.sku"),
    (variant(sku="K" * 65), "INVALID", "variants.1.sku"),
    (variant(sku="T-1"), "DUPLICATE", "variants.1.sku"),
    (variant(variantId="x"), "INVALID", "variants.1.variantId"),
    (variant(variantId=VARIANT), "NOT_FOUND", "variants.1.variantId"),
    (variant(barcode="12"), "INVALID", "variants.1.barcode"),
    (variant(title="x" * 201), "INVALID", "variants.1.title"),
    (variant(price=None), "REQUIRED", "variants.1.price"),
    (variant(price=euros("-1")), "INVALID", "variants.1.price.amount"),
    (variant(price=euros("1.001")), "INVALID", "variants.1.price.amount"),
    (
        variant(price={"amount": "1", "currencyCode": "JPY"}),
        "INVALID",
        "variants.1.price.currencyCode",
    ),
    (variant(compareAtPrice=euros("1.001")), "INVALID", "variants.1.compareAtPrice.amount"),
    (variant(weightGrams=-1), "INVALID", "variants.1.weightGrams"),
    (variant(media={"url": "https://pictures.example/no.png"}), "INVALID", "variants.1.media"),
    (variant(media={"url": "http://pictures.example/"}), "INVALID", "variants.1.media.url"),
    (options(("Size", "L"), ("Size", "M")), "DUPLICATE", "variants.1.options.1.name"),
    (options(("", "L")), "INVALID", "variants.1.options.0.name"),
    (options(("Size", "x" * 101)), "INVALID", "variants.1.options.0.value"),
    (options(*((f"O{n}", "x") for n in range(6))), "LIMIT_EXCEEDED", "variants.1.options"),
    (spec(key="No Key"), "INVALID", "specs.0.key"),
    (spec(label=""), "INVALID", "specs.0.label"),
    (spec(label=None), "REQUIRED", "specs.0.label"),
    (spec(group="x" * 101), "INVALID", "specs.0.group"),
    (spec(unit="square metres"), "INVALID", "specs.0.unit"),
    (spec(value={"text": " "}), "INVALID", "specs.0.value.text"),
    (spec(value={"number": "1" * 20 + "." + "1" * 20}), "INVALID", "specs.0.value.number"),
    (spec(value={"items": []}), "INVALID", "specs.0.value.items"),
    (spec(value={"items": ["x", "\u0007"]}), "INVALID", "specs.0.value.items.1"),
    ({"specs": [*spec()["specs"], *spec()["specs"]]}, "DUPLICATE", "specs.1.key"),
    (
        {"specs": [{"key": f"k{n}", "value": {"text": "x"}} for n in range(301)]},
        "LIMIT_EXCEEDED",
        "specs",
    ),
    (medium({"url": "http://pictures.example/"}), "INVALID", "media.0.source.url"),
    (medium({"url": "file:///etc/passwd"}), "INVALID", "media.0.source.url"),
    (medium({"objectKey": f"{HASH}.png"}), "NOT_FOUND", "media.0.source.objectKey"),
    (medium({"objectKey": "../../shop.db"}), "NOT_FOUND", "media.0.source.objectKey"),
    (medium({"url": "https://a.example/"}, alt="x" * 501), "INVALID", "media.0.alt"),
    (
        {"media": medium({"url": "https://a.example/"})["media"] * 51},
        "LIMIT_EXCEEDED",
        "media",
    ),
]
ONLY_CREATE: list[Bad] = [
    ({"variants": []}, "REQUIRED", "variants"),
    ({"merchantId": "x"}, "INVALID", "merchantId"),
    ({"merchantId": nodes.encode("Merchant", 5)}, "NOT_FOUND", "merchantId"),
    ({"merchantId": "HILL"}, "NOT_FOUND", "merchantId"),
]
ONLY_UPDATE: list[Bad] = [
    ({"productId": "x"}, "INVALID", "productId"),
    ({"productId": VARIANT}, "INVALID", "productId"),
    ({"productId": PRODUCT}, "NOT_FOUND", "productId"),
    ({"title": None}, "REQUIRED", "title"),
    ({"slug": None}, "REQUIRED", "slug"),
    ({"categoryId": None}, "REQUIRED", "categoryId"),
    ({"status": None}, "REQUIRED", "status"),
    ({"removeVariantIds": ["x"]}, "INVALID", "removeVariantIds.0"),
    ({"removeVariantIds": ["MINE", VARIANT]}, "NOT_FOUND", "removeVariantIds.1"),
    ({"removeVariantIds": ["MINE", "OTHER"]}, "INVALID", "removeVariantIds"),
    (
        {"removeVariantIds": ["MINE"], "variants": [{"variantId": "MINE"}]},
        "NOT_FOUND",
        "variants.0.variantId",
    ),
    ({"variants": [{"variantId": "MINE"}] * 2}, "DUPLICATE", "variants.1.variantId"),
    ({"variants": [{"variantId": "MINE", "sku": "L1-L"}]}, "DUPLICATE", "variants.0.sku"),
    ({"variants": [{"variantId": "MINE", "price": None}]}, "REQUIRED", "variants.0.price"),
    ({"removeSpecKeys": ["weight", "nothing"]}, "NOT_FOUND", "removeSpecKeys.1"),
    ({"version": 0}, "VERSION_CONFLICT", "version"),
    ({"version": 2}, "VERSION_CONFLICT", "version"),
]


async def test_bad_product_is_told_where_and_nothing_is_written(shop: Client) -> None:
    hill = await shop.merchant_id("Hill")
    before = await everything(shop)
    for given, code, path in BAD + ONLY_CREATE:
        filled = given | {"merchantId": hill} if given.get("merchantId") == "HILL" else given
        payload = await create(shop, **filled)
        check(payload, code, path)
    assert await everything(shop) == before


async def test_bad_edit_is_told_where_and_nothing_is_written(shop: Client) -> None:
    lamp = await read(shop, "lamp-1")
    ids = dict(zip(("MINE", "OTHER"), [one["id"] for one in lamp["variants"]], strict=True))
    before = await everything(shop)
    for given, code, path in BAD + ONLY_UPDATE:
        filled = _filled(given, ids)
        product = lamp | {"version": filled.pop("version", lamp["version"])}
        check(await update(shop, product, **filled), code, path)
    assert await everything(shop) == before


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, ids) for one in value]
    return ids.get(value, value) if isinstance(value, str) else value


def check(payload: dict[str, Any], code: str, path: str) -> None:
    (error,) = payload["userErrors"]
    assert (error["code"], error["field"]) == (code, path.split(".")), error
    assert error["message"]
    assert payload["product"] is None


@pytest.mark.parametrize("field", ["specs", "media"])
async def test_one_of_two_is_refused_before_anything_runs(shop: Client, field: str) -> None:
    both: dict[str, Any] = {
        "specs": [{"key": "k", "value": {"text": "x", "isTrue": True}}],
        "media": [{"source": {"url": "https://a.example/", "objectKey": f"{HASH}.png"}}],
    }
    with pytest.raises(AssertionError, match="BAD_USER_INPUT"):
        await create(shop, **{field: both[field]})
