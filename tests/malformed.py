"""Requests that are no GraphQL, or none that can be executed."""

import gzip
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias
from urllib.parse import quote

import httpx2

Made: TypeAlias = Callable[[httpx2.AsyncClient], httpx2.Request]
Headers: TypeAlias = list[tuple[str | bytes, str | bytes]]

ME = "{ me { id } }"
_ACCEPT: Headers = [("accept", "application/graphql-response+json")]
_JSON: Headers = [("content-type", "application/json")]


def requests() -> Iterator[tuple[str, int, Made]]:
    """Yield the name of each, the status it deserves, and what makes it."""
    for name, (body, status) in _BODIES.items():
        yield name, status, partial(_post, body, _JSON)
    for name, (headers, status) in _HEADERS.items():
        yield name, status, partial(_post, _body({"query": ME}), headers)
    for name, (address, status) in _ADDRESSES.items():
        yield name, status, partial(_get, address)


def _post(body: bytes, headers: Headers, http: httpx2.AsyncClient) -> httpx2.Request:
    return http.build_request("POST", "/graphql", content=body, headers=_encoded(headers))


def _get(address: str, http: httpx2.AsyncClient) -> httpx2.Request:
    return http.build_request("GET", f"/graphql?{address}", headers=_encoded([]))


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    told = [*_ACCEPT, *headers]
    return [(_bytes(name), _bytes(value)) for name, value in told]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _body(sent: object) -> bytes:
    return json.dumps(sent).encode()


_NUMBER = "query ($n: Int) { products(first: $n) { totalCount } }"
_BODIES: dict[str, tuple[bytes, int]] = {
    "null": (b"null", 400),
    "number": (b"1", 400),
    "text": (b'"x"', 400),
    "true": (b"true", 400),
    "list": (b"[]", 400),
    "batch": (_body([{"query": ME}, {"query": ME}]), 400),
    "empty": (b"", 400),
    "blanks": (b" \n\t ", 400),
    "empty object": (b"{}", 400),
    "no document": (_body({"query": None}), 400),
    "empty document": (_body({"query": ""}), 400),
    "only variables": (_body({"variables": {}}), 400),
    "document without quotes": (ME.encode(), 400),
    "two bodies": (_body({"query": ME}) * 2, 400),
    "comma behind the last": (b'{"query":"{ me { id } }",}', 400),
    "single quotes": (b"{'query':'{ me { id } }'}", 400),
    "invalid UTF-8": (b'{"query":"\xff"}', 400),
    "invalid UTF-8 in a name": (b'{"\xc3\x28":1,"query":"{ me { id } }"}', 400),
    "UTF-16": ('{"query":"{ me { id } }"}'.encode("utf-16"), 400),
    "byte order mark": (b"\xef\xbb\xbf" + _body({"query": ME}), 400),
    "packed, and not said": (gzip.compress(_body({"query": ME})), 400),
    "deep lists": (b"[" * 100_000, 400),
    "deep lists to their end": (b"[" * 100_000 + b"]" * 100_000, 400),
    "deep objects": (b'{"a":' * 40_000, 400),
    "deep variables": (b'{"query":"{ me }","variables":{"a":' + b"[" * 100_000, 400),
    "100,000 values": (
        b'{"query":"{ me { id } }","variables":{"a":[' + b"1," * 99_999 + b"1]}}",
        400,
    ),
    "cut off": (b'{"query":"{ me', 400),
    "NaN": (b'{"query":"{ me }","variables":{"a":NaN}}', 400),
    "Infinity": (b'{"query":"{ me }","variables":{"a":-Infinity}}', 400),
    "variables are a list": (_body({"query": ME, "variables": []}), 400),
    "variables are a text": (_body({"query": ME, "variables": "{}"}), 400),
    "variables are a number": (_body({"query": ME, "variables": 1}), 400),
    "variables are false": (_body({"query": ME, "variables": False}), 400),
    "extensions are a text": (_body({"query": ME, "extensions": "x"}), 400),
    "extensions are a list": (_body({"query": ME, "extensions": []}), 400),
    "query is a number": (_body({"query": 1}), 400),
    "query is an object": (_body({"query": {}}), 400),
    "query is a list": (_body({"query": [ME]}), 400),
    "query is true": (_body({"query": True}), 400),
    "name is a number": (_body({"query": ME, "operationName": 1}), 400),
    "name is a list": (_body({"query": ME, "operationName": ["A"]}), 400),
    "unknown name": (_body({"query": ME, "operationName": "Other"}), 400),
    "surrogate in query": (b'{"query":"{ \\ud800 }"}', 400),
    "surrogate in variables": (b'{"query":"{ me }","variables":{"a":"\\ud800"}}', 400),
    "NUL": (b'{"query":"{ me }\x00"}', 400),
    "only NUL": (b"\x00" * 10, 400),
    "escaped NUL": (b'{"query":"{ me { id } }\\u0000"}', 400),
    "1 MB": (b" " * 1_000_000, 413),
    "262,145 bytes": (b" " * 262_145, 413),
    "only comments": (_body({"query": "# nothing"}), 400),
    "only fragments": (_body({"query": "fragment F on Query { me { id } }"}), 400),
    "only types": (_body({"query": "type A { b: Int }"}), 400),
    "deep document": (_body({"query": "{a" * 990}), 400),
    "deep value": (_body({"query": "{ node(id: " + "[" * 1_900}), 400),
    "many tokens": (_body({"query": "{" + " a" * 3_000 + "}"}), 400),
    "many digits": (
        _body({"query": f"{{ products(first: {'9' * 5_000}) {{ totalCount }} }}"}),
        400,
    ),
    "many digits in variables": (
        b'{"query":"' + _NUMBER.encode() + b'","variables":{"n":' + b"9" * 5_000 + b"}}",
        400,
    ),
    "huge exponent": (b'{"query":"' + _NUMBER.encode() + b'","variables":{"n":1e999}}', 400),
    "text as a number": (_body({"query": _NUMBER, "variables": {"n": "1"}}), 400),
    "list as a number": (_body({"query": _NUMBER, "variables": {"n": [1]}}), 400),
    "object as a number": (_body({"query": _NUMBER, "variables": {"n": {}}}), 400),
    "half a number": (_body({"query": _NUMBER, "variables": {"n": 1.5}}), 400),
    "subscription": (_body({"query": "subscription { a }"}), 400),
}

_TYPE = "content-type"
_HEADERS: dict[str, tuple[Headers, int]] = {
    "no type": ([], 415),
    "empty type": ([(_TYPE, "")], 415),
    "text": ([(_TYPE, "text/plain")], 415),
    "graphql": ([(_TYPE, "application/graphql")], 415),
    "another JSON": ([(_TYPE, "application/ld+json")], 415),
    "form": ([(_TYPE, "application/x-www-form-urlencoded")], 415),
    "multipart": ([(_TYPE, "multipart/form-data; boundary=x")], 415),
    "two types": ([*_JSON, (_TYPE, "text/plain")], 400),
    "one type twice": ([*_JSON, *_JSON], 400),
    "two types in one": ([(_TYPE, "application/json, application/json")], 415),
    "latin-1": ([(_TYPE, "application/json; charset=latin-1")], 415),
    "unknown charset": ([(_TYPE, "application/json; charset=klingon")], 415),
    "empty charset": ([(_TYPE, "application/json; charset=")], 415),
    "two charsets": ([(_TYPE, "application/json; charset=utf-8; charset=utf-16")], 415),
    "charset of bytes": ([(_TYPE, b"application/json; charset=\xff\xfe")], 415),
    "gzip": ([*_JSON, ("content-encoding", "gzip")], 415),
    "unknown encoding": ([*_JSON, ("content-encoding", "br, identity")], 415),
    "two encodings": (
        [*_JSON, ("content-encoding", "identity"), ("content-encoding", "gzip")],
        400,
    ),
    "longer than it may be": ([*_JSON, ("content-length", "9" * 30)], 413),
    "another scheme": ([*_JSON, ("authorization", "Basic YTpi")], 401),
    "empty authorization": ([*_JSON, ("authorization", "")], 401),
    "no token": ([*_JSON, ("authorization", "Bearer ")], 401),
    "token of bytes": ([*_JSON, ("authorization", b"Bearer \xff\xfe")], 401),
    "token of 50,000": ([*_JSON, ("authorization", "Bearer " + "a.b.c" * 10_000)], 401),
    "two tokens": ([*_JSON, ("authorization", "Bearer a"), ("authorization", "Bearer b")], 400),
}

_ADDRESSES: dict[str, tuple[str, int]] = {
    "address without a document": ("", 400),
    "address with an empty one": ("query=", 400),
    "address with bytes": ("query=%ff", 400),
    "address with two documents": (f"query={quote(ME)}&query={quote(ME)}", 400),
    "address with broken variables": (f"query={quote(ME)}&variables=%7B", 400),
    "address with a list": (f"query={quote(ME)}&variables=[]", 400),
    "address with bytes as variables": (f"query={quote(ME)}&variables=%ff", 400),
    "address with deep variables": (f"query={quote(ME)}&variables={'[' * 30_000}", 400),
    "address with a number": (f"query={quote(ME)}&extensions=1", 400),
    "mutation by address": ("query=mutation%20%7B%20__typename%20%7D", 405),
}
