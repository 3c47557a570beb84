"""A shop with a sandbox beside it, and shoppers who pay."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import orjson
import uvicorn
from starlette.applications import Starlette

from graph import nodes
from mallgraph.sandbox.app import create_app
from mallgraph.sandbox.news import Manners
from stores.card_provider import CardProvider
from stores.ids import utc_now
from stores.settings import Settings
from stores.webhook_signatures import HEADER, sign
from tests.buying import Buyer, key
from tests.servers import free_port
from tests.shopping import Client

CARDS_KEY, WEBHOOK_KEY = "cards-" * 4, "news-" * 5

_PAYMENT = """payment { id version status amount { amount } authorizedAmount { amount }
  capturedAmount { amount } refundedAmount { amount } method { code }
  nextAction { kind value } account { balance { amount } } }
  isReplay userErrors { code field details { ... on AmountDetails { maximum { amount } }
    ... on VersionConflictDetails { currentVersion } } }"""
START = f"""mutation ($key: ID!, $version: Int!, $input: StartPaymentInput!) {{
  startPayment(idempotencyKey: $key, version: $version, input: $input) {{
    order {{ id version status paymentStatus }} {_PAYMENT} }} }}"""
TOP_UP = f"""mutation ($key: ID!, $input: TopUpBalanceInput!) {{
  topUpBalance(idempotencyKey: $key, input: $input) {{ {_PAYMENT} }} }}"""
CAPTURE = f"""mutation ($key: ID!, $version: Int!, $input: CapturePaymentInput!) {{
  capturePayment(idempotencyKey: $key, version: $version, input: $input) {{ {_PAYMENT} }} }}"""
VOID = f"""mutation ($key: ID!, $version: Int!, $input: VoidPaymentInput!) {{
  voidPayment(idempotencyKey: $key, version: $version, input: $input) {{ {_PAYMENT} }} }}"""
REFUND = f"""mutation ($key: ID!, $version: Int!, $input: RefundPaymentInput!) {{
  refundPayment(idempotencyKey: $key, version: $version, input: $input) {{
    refund {{ id status amount {{ amount }} tax {{ amount }} lines {{ quantity }} }}
    {_PAYMENT} }} }}"""
ORDER = """query ($number: String!) { order(number: $number) {
  id number version status paymentStatus expiresAt
  total: totals { total { amount } } paid { amount } refunded { amount }
  lines { id quantity total { amount } tax { amount } }
  paymentMethods { code }
  events { kind fromStatus toStatus payment { id } }
  payments { id version status amount { amount } capturedAmount { amount }
    refundedAmount { amount } method { code } events { kind amount { amount } }
    refunds { status amount { amount } tax { amount } reason } } } }"""


def euros(amount: str) -> dict[str, str]:
    """Return the input of an amount."""
    return {"amount": amount, "currencyCode": "EUR"}


@dataclass
class Payer:
    """A shopper who pays at the sandbox."""

    shop: Client
    name: str = "ann"

    @property
    def buyer(self) -> Buyer:
        """Return the same person in the shop."""
        return Buyer(self.shop, self.name)

    async def start(
        self, order: Mapping[str, Any], code: str, used: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Return the payload of startPayment, at the version of the order that was seen."""
        version = more.pop("version", order["version"])
        input_ = {"orderId": order["id"], "methodCode": code, **more}
        return await self.send(START, key() if used is None else used, input_, version=version)

    async def top_up(self, amount: str, used: str | None = None) -> dict[str, Any]:
        """Pay money into the balance, through the sandbox, until it is there."""
        input_ = {"methodCode": "CARD", "amount": euros(amount)}
        return await self.send(TOP_UP, key() if used is None else used, input_)

    async def send(
        self, mutation: str, used: str, input_: Any, by: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Return the payload of a mutation."""
        answer = await self.shop.ask(mutation, by or self.name, key=used, input=input_, **more)
        (payload,) = answer.values()
        told: dict[str, Any] = payload
        return told

    async def decide(self, payload: Mapping[str, Any], choice: str = "pay") -> None:
        """Click on the provider's page."""
        url = payload["payment"]["nextAction"]["value"]
        async with httpx2.AsyncClient(trust_env=False) as page:
            answer = await page.post(url, data={"choice": choice})
        assert answer.status_code == 303, answer.text

    async def order(self, number: str, by: str | None = None) -> dict[str, Any]:
        """Return an order with its payments."""
        found = await self.shop.ask(ORDER, by or self.name, number=number)
        told: dict[str, Any] = found["order"]
        return told

    async def status(self, number: str) -> tuple[str, str]:
        """Return where an order and its payment stand."""
        found = await self.order(number)
        return found["status"], found["paymentStatus"]


@dataclass(frozen=True)
class Provider:
    """A sandbox that runs."""

    url: str
    app: Starlette


def with_cards(settings: Settings, url: str, **more: Any) -> Settings:
    """Return settings of a shop that takes cards by way of that URL."""
    told = {"cards_url": url, "cards_key": CARDS_KEY, "cards_webhook_key": WEBHOOK_KEY, **more}
    return Settings(_env_file=None, **settings.model_dump(exclude_unset=True) | told)


@asynccontextmanager
async def cards_of(shop: Client, manners: Manners | None = None) -> AsyncGenerator[Provider]:
    """Let a shop take cards while the block runs; it is told no news but by `news`."""
    async with sandbox(manners=manners) as provider:
        mall = shop.mall
        before = mall.stores, mall.settings
        cards = CardProvider(provider.url, CARDS_KEY, timeout_seconds=2)
        mall.stores = replace(mall.stores, cards=cards)
        mall.settings = with_cards(mall.settings, provider.url)
        try:
            yield provider
        finally:
            mall.stores, mall.settings = before
            await cards.close()


async def news(shop: Client, request_id: str, event_id: str, **headers: str) -> int:
    """Tell the shop that something became of a payment, and return the status of its answer."""
    body = orjson.dumps({"id": event_id, "requestId": request_id})
    signed = {HEADER: sign(body, WEBHOOK_KEY, utc_now())} | headers
    answer = await shop.http.post("/webhooks/cards", content=body, headers=signed)
    return answer.status_code


def request_of(payload: Mapping[str, Any]) -> str:
    """Return the number by which the provider knows a payment."""
    return f"payment-{nodes.decode(payload['payment']['id'])[1]}"


@asynccontextmanager
async def sandbox(
    shop_url: str | None = None, manners: Manners | None = None, port: int = 0
) -> AsyncGenerator[Provider]:
    """Yield a sandbox on a port of its own, in this process."""
    told = None if shop_url is None else f"{shop_url}/webhooks/cards"
    app, port = create_app(CARDS_KEY, WEBHOOK_KEY, told, manners), port or free_port()
    config = uvicorn.Config(app, port=port, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  Nobody tells.
        await asyncio.sleep(0.01)
    try:
        yield Provider(f"http://127.0.0.1:{port}", app)
    finally:
        server.should_exit = True
        await running
