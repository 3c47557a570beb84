"""A client who loses answers and sends requests twice, as networks and fingers do."""

import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPConnection, HTTPException
from typing import Any

#: How long the server may answer "not now" to one request.
_PATIENCE_SECONDS = 60
_TIMEOUT_SECONDS = 20
_PAUSE_SECONDS = 0.1
_NOT_NOW = ("STORE_UNAVAILABLE", "IDEMPOTENCY_IN_PROGRESS")


class Fate(Enum):
    """What becomes of a request."""

    ONCE = "sent once"
    AT_ONCE = "sent twice at once"
    AFTER = "sent again after its answer"
    HUNG_UP = "answer not waited for, sent again"


#: 10 % are sent twice, the answers of 5 % are lost.
_WEIGHTS = {
    Fate.AT_ONCE: 0.05,
    Fate.AFTER: 0.05,
    Fate.HUNG_UP: 0.05,
    Fate.ONCE: 0.85,
}


class Wrong(Exception):
    """The shop answered what it must not."""


@dataclass
class Tally:
    """What one client did, and how long its requests took, by field."""

    fates: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    put_off: Counter[str] = field(default_factory=Counter)
    seconds: list[tuple[str, float]] = field(default_factory=list)


class Client:
    """Two connections that are kept: a request that is sent twice at once needs both."""

    def __init__(self, host: str, port: int) -> None:
        """Connect when first asked."""
        self.tally = Tally()
        self._lines = [_Line(host, port) for _ in range(2)]

    def mutate(
        self, dice: random.Random, field: str, query: str, token: str, **variables: object
    ) -> dict[str, Any]:
        """Return the payload of a mutation after the fate of its request. Raises Wrong."""
        fate = dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        key = uuid.UUID(int=dice.getrandbits(128), version=4)
        request = _Request(field, query, token, {"key": str(key), **variables})
        self.tally.fates[fate.value] += 1
        answers = self._answers(fate, request, dice.uniform(0, _PAUSE_SECONDS))
        if sum(not payload["isReplay"] for payload in answers) > 1:
            raise Wrong(f"{field} was carried out twice under one key.")
        return answers[-1]

    def query(self, query: str, token: str, **variables: object) -> dict[str, Any]:
        """Return the data of a query, sent once. Raises Wrong."""
        return self._patiently(_Request("query", query, token, variables))

    def close(self) -> None:
        """Hang up."""
        for line in self._lines:
            line.close()

    def _answers(self, fate: Fate, request: "_Request", wait: float) -> list[dict[str, Any]]:
        """Return the payloads that count, at least one."""
        if fate is Fate.AT_ONCE:
            return self._twice_at_once(request)
        if fate is Fate.HUNG_UP:
            self._send(self._lines[0], request)
            time.sleep(wait)
            self._lines[0].close()
        return [self._payload(request) for _ in range(1 + (fate is Fate.AFTER))]

    def _twice_at_once(self, request: "_Request") -> list[dict[str, Any]]:
        for line in self._lines:
            self._send(line, request)
        found = [line.data(request) for line in self._lines]
        # Kept, it would be closed by the server before it is needed again.
        self._lines[1].close()
        return [data[request.field] if data else self._payload(request) for data in found]

    def _payload(self, request: "_Request") -> dict[str, Any]:
        payload: dict[str, Any] = self._patiently(request)[request.field]
        return payload

    def _patiently(self, request: "_Request") -> dict[str, Any]:
        ends_at = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends_at:
            began = time.perf_counter()
            self._send(self._lines[0], request)
            if data := self._lines[0].data(request):
                self.tally.seconds.append((request.field, time.perf_counter() - began))
                return data
            self.tally.put_off[request.field] += 1
            time.sleep(_PAUSE_SECONDS)
        raise Wrong(f"{request.field} was put off for {_PATIENCE_SECONDS} s.")

    def _send(self, line: "_Line", request: "_Request") -> None:
        self.tally.sent[request.field] += 1
        line.send(request)


@dataclass(frozen=True, slots=True)
class _Request:
    field: str
    query: str
    token: str
    variables: Mapping[str, object]


class _Line:
    """A connection over which one request is sent at a time."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)

    def send(self, request: _Request) -> None:
        body = json.dumps({"query": request.query, "variables": request.variables})
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {request.token}"}
        try:
            self._connection.request("POST", "/graphql", body.encode(), headers)
        except (HTTPException, ConnectionError):
            # The server may have hung up since the last answer.
            self.close()
            self._connection.request("POST", "/graphql", body.encode(), headers)

    def data(self, request: _Request) -> dict[str, Any] | None:
        """Return the data of the answer, None if it is "not now" or was lost. Raises Wrong."""
        try:
            return _data(request, self._connection.getresponse().read())
        except (HTTPException, ConnectionError):
            self.close()
            return None

    def close(self) -> None:
        self._connection.close()


def _data(request: _Request, body: bytes) -> dict[str, Any] | None:
    answer = json.loads(body)
    data: dict[str, Any] | None = answer.get("data")
    payload = (data or {}).get(request.field) or {}
    codes = [one["extensions"].get("code") for one in answer.get("errors", ())]
    codes += [one["code"] for one in payload.get("userErrors", ())]
    if codes and all(code in _NOT_NOW for code in codes):
        return None
    if codes or data is None:
        raise Wrong(f"{request.field} of {request.variables}: {body[:2_000]!r}")
    return data
