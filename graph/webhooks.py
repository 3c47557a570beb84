"""News of payment providers: signed, each counted once, in whichever order they come."""

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resolvers import provider_news
from resolvers.context import Mall
from stores.errors import StoreUnavailable
from stores.webhook_signatures import HEADER, is_signed

#: News are short.
MAX_BYTES = 65_536

_log = structlog.get_logger()


def routes() -> list[Route]:
    """Return the addresses that providers tell their news to."""
    return [Route("/webhooks/cards", _cards, methods=["POST"])]


async def _cards(request: Request) -> Response:
    """Take in one piece of news; any other answer than 200 asks for it again."""
    mall: Mall = request.app.state.mall
    key = mall.settings.cards_webhook_key
    body = await _body(request)
    if key is None or body is None:
        return _told(404 if key is None else 413, "There is no provider, or it tells too much.")
    if not is_signed(body, request.headers.get(HEADER, ""), key.get_secret_value(), mall.clock()):
        return _told(401, "The signature does not hold, or is too old.")
    try:
        event = orjson.loads(body)
        event_id, request_id = event["id"], event["requestId"]
    except (ValueError, KeyError, TypeError):
        return _told(400, "Send id and requestId.")
    return await _taken_in(mall, str(event_id), str(request_id))


async def _taken_in(mall: Mall, event_id: str, request_id: str) -> Response:
    try:
        await provider_news.take_in(await mall.operation(None), event_id, request_id)
    except StoreUnavailable as error:
        _log.warning("news_not_taken_in", news=event_id, error=error.for_operators())
        return _told(503, "Tell it again in a moment.")
    return _told(200, "ok")


async def _body(request: Request) -> bytes | None:
    """Return the body, None if it is too long."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            return None
    return body


def _told(status: int, text: str) -> Response:
    return JSONResponse({"status": text}, status, headers={"Cache-Control": "no-store"})
