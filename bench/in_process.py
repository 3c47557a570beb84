"""Asks a shop within this process, without the sockets of HTTP."""

from typing import Any

from starlette.applications import Starlette


async def ask(app: Starlette, body: bytes) -> bytes:
    """Return the answer to one request, as bytes; `body` is that of a POST to /graphql."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(_scope(app), receive, send)
    return b"".join(one.get("body", b"") for one in sent)


def _scope(app: Starlette) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"host", b"shop")],
        "client": ("127.0.0.1", 1),
        "server": ("shop", 80),
        "scheme": "http",
        "app": app,
        "state": {},
    }
