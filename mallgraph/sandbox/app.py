"""The sandbox over HTTP: an interface for shops, and a page where shoppers pay with a click."""

import hmac
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mallgraph.sandbox.book import Book, Record
from mallgraph.sandbox.news import Manners, Teller

_PAGE = """<!doctype html><meta charset="utf-8"><title>Sandbox</title>
<p>This sandbox moves no money. Payment {id}, {amount} of the smallest coins: {status}.</p>
<form method="post"><button name="choice" value="pay">Pay</button>
<button name="choice" value="decline">Do not pay</button></form>"""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Answers a shop that sends the key."""

    key: str
    book: Book
    teller: Teller
    manners: Manners

    async def begin(self, request: Request) -> Response:
        """POST /payments: begin one, once for each Idempotency-Key."""
        body = await request.json()
        record = self.book.begin(request.headers["idempotency-key"], body)
        return self._answer(request, record)

    async def find(self, request: Request) -> Response:
        """GET /payments?request=…: the payment that was begun under that key."""
        record = self.book.find(request.query_params.get("request", ""))
        return _missing() if record is None else self._answer(request, record)

    async def capture(self, request: Request) -> Response:
        """POST /payments/{id}/capture: take what is kept ready."""
        body = await request.json()
        return self._once(request, lambda record: record.capture(int(body["amount"])))

    async def void(self, request: Request) -> Response:
        """POST /payments/{id}/void: let it go."""
        return self._once(request, Record.void)

    async def refund(self, request: Request) -> Response:
        """POST /payments/{id}/refunds: give money back."""
        body, name = await request.json(), request.headers["idempotency-key"]
        return self._once(request, lambda record: record.refund(name, int(body["amount"])))

    async def page(self, request: Request) -> Response:
        """GET and POST /pay/{id}: where the shopper decides."""
        record = self.book.records.get(request.path_params["id"])
        if record is None:
            return _missing()
        if request.method == "GET":
            return HTMLResponse(_PAGE.format(**vars(record)))
        choice = parse_qs((await request.body()).decode()).get("choice", [""])[0]
        record.decide(is_paid=choice == "pay")
        self.teller.tell(record.request_id, record.status)
        return RedirectResponse(record.return_url or str(request.url), 303)

    def _once(self, request: Request, work: Callable[[Record], None]) -> Response:
        record = self.book.records.get(request.path_params["id"])
        if record is None:
            return _missing()
        if self.book.once(request.headers["idempotency-key"], lambda: work(record)):
            self.teller.tell(record.request_id, record.status)
        return self._answer(request, record)

    def _answer(self, request: Request, record: Record) -> Response:
        if random.random() < self.manners.lost:  # noqa: S311  No secret.
            return JSONResponse({"error": "The answer was lost."}, 503)
        return JSONResponse(record.shown(str(request.url_for("page", id="x"))[:-2]))

    def routes(self) -> list[Route]:
        """Return its addresses: the page is for everybody, the rest for those with the key."""
        return [
            Route("/payments", self.guarded(self.begin), methods=["POST"]),
            Route("/payments", self.guarded(self.find), methods=["GET"]),
            Route("/payments/{id}/capture", self.guarded(self.capture), methods=["POST"]),
            Route("/payments/{id}/void", self.guarded(self.void), methods=["POST"]),
            Route("/payments/{id}/refunds", self.guarded(self.refund), methods=["POST"]),
            Route("/pay/{id}", self.page, methods=["GET", "POST"], name="page"),
        ]

    def guarded(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """Return the same for those who send the key only."""

        async def checked(request: Request) -> Response:
            sent = request.headers.get("authorization", "")
            if not hmac.compare_digest(sent.encode(), f"Bearer {self.key}".encode()):
                return JSONResponse({"error": "Send the key."}, 401)
            response: Response = await answer(request)
            return response

        return checked


def create_app(
    key: str, webhook_key: str, webhook_url: str | None, manners: Manners | None = None
) -> Starlette:
    """Return a sandbox that tells its news to a URL."""
    told = manners or Manners()
    teller = Teller(webhook_url, webhook_key, told)
    its = Sandbox(key, Book(), teller, told)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        yield
        await teller.close()

    made = Starlette(routes=its.routes(), lifespan=lifespan)
    made.state.book, made.state.teller, made.state.manners = its.book, teller, told
    return made


def _missing() -> Response:
    return JSONResponse({"error": "There is no such payment."}, 404)
