"""Random operations of the schema against a shop that is open, as four kinds of people ask them.

    python generated.py ADDRESS CASES [NAME=TOKEN]...

Ends with 1 if an answer is a 5xx, tells of a bug, has an error without a code, or takes longer than
a second. Needs the packages of requirements.txt and nothing of the shop.
"""

import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes

SCHEMA = Path(__file__).parents[2] / "schema.graphql"
SECONDS = 1.0
#: Of our own scalars: some that are right, and any text.
RIGHT = {
    "BigInt": ["0", "-1", "9223372036854775807", "9" * 40],
    "Decimal": ["0", "1.50", "-0.005", "1e9999"],
    "DateTime": ["2026-11-22T09:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60+14:00"],
    "CurrencyCode": ["EUR", "eur"],
    "URL": ["https://shop.example/", "javascript:alert(1)"],
}
LOOK = """{ products(first: 3) { nodes { id variants { id } category { id } merchant { id } } }
  warehouses { id } orders(first: 3) { nodes { id } } me { id } }"""
ID = re.compile(r'"id":"([^"]+)"')
#: What is generated for an ID most often.
EMPTY = re.compile(r'(?<!")""(?!")')
RUN: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


def main() -> None:
    """Ask, and tell what came back."""
    address, cases, *named = sys.argv[1:]
    for name, right in RIGHT.items():
        texts = st.sampled_from(right) | st.text(max_size=20)
        schemathesis.graphql.scalar(name, texts.map(nodes.String))
    people = {"visitor": "", **dict(one.split("=", 1) for one in named)}
    schema = schemathesis.graphql.from_path(str(SCHEMA))
    operations = [found.ok() for found in schema.get_all_operations()]
    each = max(1, int(cases) // (len(people) * len(operations)))
    found = Found()
    for who, token in people.items():
        asking = Asking(f"{address}/graphql", who, token, found)
        for operation in operations:
            asking.ask(operation, each)
    sys.exit(found.tell())


class Found:
    """What came back."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.codes: Counter[str] = Counter()
        self.bad: list[str] = []
        self.count, self.slowest = 0, 0.0

    def add(self, who: str, sent: str, answer: requests.Response, took: float) -> None:
        """Count an answer, and keep what is wrong with it."""
        self.count, self.slowest = self.count + 1, max(self.slowest, took)
        try:
            errors = answer.json().get("errors", [])
        except ValueError:
            errors = [{"message": answer.text}]
        codes = {one.get("extensions", {}).get("code") for one in errors} or {"none"}
        self.codes.update(map(str, codes))
        if answer.status_code >= 500 or codes & {None, "INTERNAL"} or took > SECONDS:
            self.bad.append(f"{who} {answer.status_code} {took:.2f} s {sent} {answer.text[:300]}")

    def tell(self) -> int:
        """Print it, and return the status to end with."""
        for one in self.bad[:20]:
            print(one)
        print(json.dumps(self.codes.most_common()))
        print(f"{self.count} answers, {len(self.bad)} bad, slowest {self.slowest:.2f} s")
        return 1 if self.bad else 0


class Asking:
    """One of the people who ask."""

    def __init__(self, address: str, who: str, token: str, found: Found) -> None:
        """Look around for ids, as an operation with none that is right does not go far."""
        self._address, self._who, self._found = address, who, found
        self._http = requests.Session()
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"
        told = self._http.post(address, json={"query": LOOK}).text
        self._ids = st.sampled_from(["", "x", *sorted(set(ID.findall(told)))])

    def ask(self, operation: Any, many: int) -> None:
        """Send so many documents of an operation."""
        modes = list(schemathesis.GenerationMode)
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

        @seed(7)
        @settings(max_examples=many, **RUN)
        @given(cases, st.lists(self._ids, min_size=8, max_size=8))
        def sent(case: Any, ids: list[str]) -> None:
            waiting = iter(ids)
            body = case.body if isinstance(case.body, str) else case.body.get("query", "")
            self._send(EMPTY.sub(lambda _: f'"{next(waiting, "")}"', body))

        sent()

    def _send(self, text: str) -> None:
        began = time.perf_counter()
        answer = self._http.post(self._address, json={"query": text}, timeout=30)
        self._found.add(self._who, text, answer, time.perf_counter() - began)


if __name__ == "__main__":
    main()
