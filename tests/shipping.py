"""Those who ship, and those who send back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.buying import key
from tests.paying import Payer
from tests.shopping import Client
from tests.test_accounts import paid_in

_ERRORS = """isReplay userErrors { code field message details {
  ... on VersionConflictDetails { currentVersion current { id } }
  ... on StockDetails { requested available } ... on AmountDetails { maximum { amount } } } }"""
_ORDER = "order { id number version status allowedTransitions }"
_PARCEL = f"""fulfillment {{ id version status carrier trackingNumber deliveredAt
  lines {{ quantity line {{ sku shippedQuantity }} }} }} {_ORDER} {_ERRORS}"""
_RETURN = """{ id version status reason note lines { quantity line { sku returnedQuantity } }
  restockedLines { quantity line { sku } } refund { status amount { amount } tax { amount } } }"""


def _mutation(name: str, shown: str, *, has_version: bool = True) -> str:
    told, sent = ("$version: Int!, ", "version: $version, ") if has_version else ("", "")
    kind = name[0].upper() + name[1:]
    return f"""mutation ($key: ID!, {told}$input: {kind}Input!) {{
      {name}(idempotencyKey: $key, {sent}input: $input) {{ {shown} }} }}"""


SHIP = _mutation("shipOrder", _PARCEL)
CORRECT = _mutation("updateFulfillment", _PARCEL)
DELIVER = _mutation("confirmDelivery", _PARCEL)
CALL_BACK = _mutation("cancelFulfillment", _PARCEL)
COMPLETE = _mutation("confirmReceipt", f"{_ORDER} {_ERRORS}")
EDIT = _mutation("updateOrder", f"order {{ version shippingAddress {{ city }} }} {_ERRORS}")
ASK = _mutation("requestReturn", f"orderReturns {_RETURN} {_ORDER} {_ERRORS}")
APPROVE = _mutation("approveReturn", f"orderReturn {_RETURN} {_ORDER} {_ERRORS}")
REJECT = _mutation("rejectReturn", f"orderReturn {_RETURN} {_ORDER} {_ERRORS}")
RECEIVE = _mutation("receiveReturn", f"orderReturn {_RETURN} {_ORDER} {_ERRORS}")

LIFE = """query ($number: String!) { order(number: $number) {
  id number version status paymentStatus allowedTransitions refunded { amount }
  shippingAddress { city }
  lines { id sku quantity shippedQuantity returnedQuantity refundableQuantity }
  fulfillments { id version status merchant { name } lines { quantity line { sku } } }
  returns { id version status merchant { name } lines { quantity line { sku } } }

  events { sequence kind fromStatus toStatus note fulfillment { id } orderReturn { id } } } }"""


@dataclass
class Dispatcher:
    """Sends mutations about orders, as whoever is named."""

    shop: Client

    async def send(
        self, mutation: str, by: str, version: int, input_: Mapping[str, Any], used: str = ""
    ) -> dict[str, Any]:
        """Return the payload of a mutation."""
        told = {"key": used or key(), "version": version, "input": input_}
        (payload,) = (await self.shop.ask(mutation, by, **told)).values()
        found: dict[str, Any] = payload
        return found

    async def ship(
        self,
        order: Mapping[str, Any],
        by: str = "ola",
        units: Mapping[str, int] | None = None,
        used: str = "",
    ) -> dict[str, Any]:
        """Ship units of an order by SKU, or all; `order` is as `order` returned it."""
        input_: dict[str, Any] = {
            "orderId": order["id"],
            "carrier": "Gull Post",
            "trackingNumber": "GP 1",
        }
        if units is not None:
            input_["lines"] = lines_of(order, units)
        return await self.send(SHIP, by, order["version"], input_, used)

    async def order(self, number: str, by: str = "ann") -> dict[str, Any]:
        """Return an order with all that happened to it."""
        found: dict[str, Any] = (await self.shop.ask(LIFE, by, number=number))["order"]
        return found

    async def paid(self, wanted: Mapping[str, int], by: str = "ann") -> dict[str, Any]:
        """Buy something and pay for it from the balance."""
        payer = Payer(self.shop, by)
        order = await payer.buyer.buy(wanted)
        await paid_in(self.shop, order["totals"]["total"]["amount"], key(), by)
        payload = await payer.start(order, "BALANCE")
        assert payload["order"]["status"] == "PAID", payload
        return await self.order(order["number"], by)


def lines_of(order: Mapping[str, Any], units: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the input of units of lines, by SKU."""
    ids = {line["sku"]: line["id"] for line in order["lines"]}
    return [{"orderLineId": ids[sku], "quantity": some} for sku, some in units.items()]


def codes(payload: Mapping[str, Any]) -> list[str]:
    """Return why a mutation was refused."""
    return [error["code"] for error in payload["userErrors"]]


def kinds(order: Mapping[str, Any]) -> list[str]:
    """Return what happened to an order, each status by its name."""
    return [one["toStatus"] or one["kind"] for one in order["events"]]
