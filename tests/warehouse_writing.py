"""Writing warehouses over HTTP: the documents, and what a test asks for again and again."""

from typing import Any

from tests.shopping import Client

FIELDS = """
warehouse { id version code name isSelling merchant { name }
  address { name countryCode region city line1 line2 postalCode } }
isReplay
userErrors { code field message details { ... on VersionConflictDetails {
  currentVersion current { ... on Warehouse { id code } } } } }
"""
CREATE = f"""mutation ($key: ID!, $input: CreateWarehouseInput!) {{
  done: createWarehouse(idempotencyKey: $key, input: $input) {{ {FIELDS} }} }}"""
UPDATE = f"""mutation ($key: ID!, $version: Int!, $input: UpdateWarehouseInput!) {{
  done: updateWarehouse(idempotencyKey: $key, version: $version, input: $input) {{ {FIELDS} }} }}"""
LIST = """query ($merchantId: ID) { warehouses(merchantId: $merchantId) {
  id code version isSelling merchant { name } } }"""
ADDRESS = {"name": "Harbour", "countryCode": "DE", "city": "Kiel", "line1": "Quay 1"}


async def create(shop: Client, key: str, user: str = "mia", /, **input: Any) -> dict[str, Any]:
    answer = await shop.ask(CREATE, user, key=key, input=input)
    payload: dict[str, Any] = answer["done"]
    return payload


async def update(
    shop: Client, key: str, version: int, user: str = "mia", /, **input: Any
) -> dict[str, Any]:
    answer = await shop.ask(UPDATE, user, key=key, version=version, input=input)
    payload: dict[str, Any] = answer["done"]
    return payload


async def made(shop: Client, **input: Any) -> dict[str, Any]:
    payload = await create(shop, f"make {input['code']}".replace(" ", "-"), **input)
    assert payload["userErrors"] == []
    warehouse: dict[str, Any] = payload["warehouse"]
    return warehouse


def told(payload: dict[str, Any]) -> tuple[str, list[str] | None]:
    """Return code and field of the one refusal of a payload that shows nothing else."""
    (error,) = payload["userErrors"]
    assert (payload["warehouse"], payload["isReplay"]) == (None, False)
    assert error["message"]
    return error["code"], error["field"]
