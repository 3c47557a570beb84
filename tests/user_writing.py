"""What users keep and change, written over HTTP."""

from typing import Any

from tests.shopping import Client

ADDRESS = {"name": "Ann Buyer", "countryCode": "DE", "city": "Hamburg", "line1": "Quay 1"}
_CONFLICT = """userErrors { code field message details { ... on VersionConflictDetails {
  currentVersion current { id __typename } } } }"""
_USER = """user { id version displayName phone locale roles merchant { name }
  addresses { id version isDefault address { line1 } }
  wishlist { totalCount nodes { slug } } }"""
#: Mutation -> the input's type, whether it takes a version, and what is shown.
MUTATIONS = {
    "updateProfile": ("UpdateProfileInput", True, _USER),
    "createAddress": ("CreateAddressInput", False, f"savedAddress {{ id version }} {_USER}"),
    "updateAddress": ("UpdateAddressInput", True, f"savedAddress {{ id version }} {_USER}"),
    "deleteAddress": ("DeleteAddressInput", True, f"deletedAddressId {_USER}"),
    "updateWishlist": ("UpdateWishlistInput", False, _USER),
    "setUserRoles": ("SetUserRolesInput", True, "user { id version roles merchant { name } }"),
    "createMerchant": ("CreateMerchantInput", False, "merchant { id version name isActive }"),
    "updateMerchant": ("UpdateMerchantInput", True, "merchant { id version name isActive }"),
    "eraseCustomer": ("EraseCustomerInput", True, "erasedUserId"),
}


def document(mutation: str) -> str:
    """Return the document of a mutation."""
    input_, is_versioned, shown = MUTATIONS[mutation]
    variables, passed = ("$version: Int!, ", "version: $version, ") if is_versioned else ("", "")
    return f"""mutation ($key: ID!, {variables}$input: {input_}!) {{
      done: {mutation}(idempotencyKey: $key, {passed}input: $input) {{
        {shown} isReplay {_CONFLICT} }} }}"""


async def send(
    shop: Client, mutation: str, key: str, user: str = "ann", /, version: int = 0, **input: Any
) -> dict[str, Any]:
    """Return the payload of a mutation."""
    told = {"version": version} if MUTATIONS[mutation][1] else {}
    answer = await shop.ask(document(mutation), user, key=key, input=input, **told)
    payload: dict[str, Any] = answer["done"]
    return payload


async def done(
    shop: Client, mutation: str, key: str, user: str = "ann", /, version: int = 0, **input: Any
) -> dict[str, Any]:
    """Return the payload of a mutation that nothing speaks against."""
    payload = await send(shop, mutation, key, user, version, **input)
    assert payload["userErrors"] == [], payload
    return payload


def codes(payload: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    """Return code and field of each refusal."""
    return [(error["code"], error["field"]) for error in payload["userErrors"]]
