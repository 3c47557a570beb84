"""What the sandbox knows: payments, and what was asked for by which request."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Amounts whose refund is refused, in minor units of any currency: to see what happens then.
NEVER_REFUNDED = 6_66


@dataclass
class Record:
    """One payment."""

    id: str
    request_id: str
    amount: int
    is_held: bool
    return_url: str | None
    status: str = "pending"
    authorized: int = 0
    captured: int = 0
    refunds: list[dict[str, Any]] = field(default_factory=list)

    def shown(self, page: str) -> dict[str, Any]:
        """Return the payment as it is told; `page` is where cards are entered."""
        return {
            "id": self.id,
            "requestId": self.request_id,
            "status": self.status,
            "authorized": self.authorized,
            "captured": self.captured,
            "url": f"{page}/{self.id}" if self.status == "pending" else None,
            "refunds": self.refunds,
        }

    def decide(self, *, is_paid: bool) -> None:
        """Let the shopper pay or go away, if that is still asked for."""
        if self.status != "pending":
            return
        if not is_paid:
            self.status = "declined"
        elif self.is_held:
            self.status, self.authorized = "authorized", self.amount
        else:
            self.status, self.captured = "captured", self.amount

    def capture(self, amount: int) -> None:
        """Take what is kept ready; what is left of it is let go."""
        if self.status == "authorized" and 0 < amount <= self.authorized:
            self.status, self.captured = "captured", amount

    def void(self) -> None:
        """Let go what is kept ready."""
        if self.status in ("pending", "authorized"):
            self.status = "voided"

    def refund(self, request_id: str, amount: int) -> None:
        """Give money back, never more than was taken."""
        gone = sum(one["amount"] for one in self.refunds if one["status"] == "succeeded")
        is_there = amount != NEVER_REFUNDED and 0 < amount <= self.captured - gone
        self.refunds.append(
            {
                "id": _new("re"),
                "requestId": request_id,
                "amount": amount,
                "status": "succeeded" if is_there else "failed",
            }
        )


class Book:
    """All payments; each request does its work once."""

    def __init__(self) -> None:
        """Begin with none."""
        self.records: dict[str, Record] = {}
        self._by_request: dict[str, Record] = {}
        self._done: set[str] = set()

    def begin(self, request_id: str, body: dict[str, Any]) -> Record:
        """Return the payment of a request, begun if it was not."""
        if request_id not in self._by_request:
            record = Record(
                _new("pay"),
                request_id,
                int(body["amount"]),
                not body["capture"],
                body.get("returnUrl"),
            )
            self.records[record.id] = self._by_request[request_id] = record
        return self._by_request[request_id]

    def find(self, request_id: str) -> Record | None:
        """Return the payment that was begun by a request, None if none was."""
        return self._by_request.get(request_id)

    def once(self, request_id: str, work: Callable[[], None]) -> bool:
        """Do the work of a request; False if it was done before."""
        if request_id in self._done:
            return False
        self._done.add(request_id)
        work()
        return True


def _new(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(10)}"
