"""Values as the schema shows them: ids, money, pictures and specs."""

from base64 import urlsafe_b64encode
from typing import Any

import orjson
from hand_shop import Shop


def global_id(kind: str, key: int) -> str:
    """Return the global id of an object."""
    return urlsafe_b64encode(f"{kind}:{key}".encode()).rstrip(b"=").decode()


def money(shop: Shop, minor: int) -> dict[str, str]:
    """Return an amount of the shop's currency, which has two digits."""
    return {"amount": f"{minor // 100}.{minor % 100:02}", "currencyCode": shop.currency}


def pictures(shop: Shop, media: str, *names: str) -> list[dict[str, Any]]:
    """Return the address of each picture, and what else is asked of it by name."""
    return [
        {"url": one.get("url") or f"{shop.media_url}/{one['objectKey']}"}
        | {name: one.get(name) for name in names}
        for one in orjson.loads(media)
    ]


def spec_value(line: dict[str, Any]) -> dict[str, Any]:
    """Return the typed value of a line of a data sheet."""
    if "text" in line:
        return {"__typename": "SpecText", "text": line["text"]}
    if "number" in line:
        return {"__typename": "SpecNumber", "number": line["number"]}
    if "isTrue" in line:
        return {"__typename": "SpecBoolean", "isTrue": line["isTrue"]}
    return {"__typename": "SpecList", "items": line["items"]}
