"""The provider of card payments, spoken to over HTTP.

Every call names a number of ours, by which the provider does the same work once however often it
is asked, and can tell later what became of it. An answer always tells the whole payment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from stores.calls import asking
from stores.errors import StoreUnavailable

if TYPE_CHECKING:
    from aiohttp import ClientSession

STORE = "payment provider"
_NOT_FOUND, _REFUSED, _SERVER_ERROR = 404, 400, 500


class ProviderState(Enum):
    """How a payment stands at the provider."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Charge:
    """What the provider is to take; `is_held` if it shall only keep the money ready."""

    request_id: str
    amount_minor: int
    currency: str
    is_held: bool
    return_url: str | None


@dataclass(frozen=True, slots=True)
class ToldRefund:
    """A refund as the provider has it; `is_done` is None while it is under way."""

    request_id: str
    reference: str
    amount_minor: int
    is_done: bool | None


@dataclass(frozen=True, slots=True)
class Told:
    """A payment as the provider has it; the URL is where the shopper goes on."""

    request_id: str
    reference: str
    state: ProviderState
    authorized_minor: int
    captured_minor: int
    url: str | None
    refunds: tuple[ToldRefund, ...]


class CardProvider:
    """Calls of one provider. Every method raises StoreUnavailable if no answer comes in time."""

    def __init__(self, url: str, key: str, timeout_seconds: float) -> None:
        """Speak to the server of `url`; nothing is asked yet."""
        # Imported here, as a shop without a provider needs no client and shall start fast.
        from aiohttp import ClientError, ClientSession  # noqa: PLC0415

        self._url, self._timeout_seconds = url.rstrip("/"), timeout_seconds
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._open = partial(ClientSession, trust_env=False)
        self._session: ClientSession | None = None
        self._failures = (ClientError, OSError, ValueError, KeyError)

    async def start(self, charge: Charge) -> Told:
        """Begin a payment, once for each request id."""
        body = {
            "amount": charge.amount_minor,
            "currency": charge.currency,
            "capture": not charge.is_held,
            "returnUrl": charge.return_url,
        }
        return await self._post("/payments", charge.request_id, body)

    async def capture(self, reference: str, amount_minor: int, request_id: str) -> Told:
        """Take money that is kept ready, once; what is left of it is let go."""
        path = f"/payments/{reference}/capture"
        return await self._post(path, request_id, {"amount": amount_minor})

    async def void(self, reference: str, request_id: str) -> Told:
        """Let go what is kept ready, or give up what was not paid yet."""
        return await self._post(f"/payments/{reference}/void", request_id, {})

    async def refund(self, reference: str, amount_minor: int, request_id: str) -> Told:
        """Give money back, once for each request id."""
        path = f"/payments/{reference}/refunds"
        return await self._post(path, request_id, {"amount": amount_minor})

    async def find(self, request_id: str) -> Told | None:
        """Return the payment that was begun under a request id, None if it never was."""
        return await self._call("GET", f"/payments?request={request_id}", self._headers, None)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, path: str, request_id: str, body: Mapping[str, object]) -> Told:
        headers = self._headers | {"Idempotency-Key": request_id}
        told = await self._call("POST", path, headers, orjson.dumps(body))
        if told is None:
            raise StoreUnavailable(STORE, why=f"It does not know {path}.")
        return told

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Told | None:
        try:
            async with (
                asking(STORE, method, self._timeout_seconds),
                self._http().request(
                    method, self._url + path, headers=headers, data=body
                ) as answer,
            ):
                if answer.status == _NOT_FOUND:
                    return None
                if answer.status >= _REFUSED:
                    raise StoreUnavailable(STORE, why=f"{method} {path}: {answer.status}.")
                return _told(orjson.loads(await answer.read()))
        except self._failures as error:
            raise StoreUnavailable(STORE, why=f"{type(error).__name__}: {error}") from error

    def _http(self) -> "ClientSession":
        # Made here, as it belongs to the loop that runs.
        if self._session is None or self._session.closed:
            self._session = self._open()
        return self._session


def _told(body: Any) -> Told:
    return Told(
        request_id=body["requestId"],
        reference=body["id"],
        state=ProviderState(body["status"]),
        authorized_minor=int(body["authorized"]),
        captured_minor=int(body["captured"]),
        url=body.get("url"),
        refunds=tuple(map(_told_refund, body["refunds"])),
    )


def _told_refund(body: Any) -> ToldRefund:
    done = {"pending": None, "succeeded": True, "failed": False}
    return ToldRefund(body["requestId"], body["id"], int(body["amount"]), done[body["status"]])
