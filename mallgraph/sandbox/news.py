"""What the sandbox tells the shop on its own: signed, several times, late and in any order."""

import asyncio
import random
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import orjson

from stores.webhook_signatures import HEADER, sign

_TRIES, _PAUSE_SECONDS, _OK = 5, 0.5, 200


@dataclass(slots=True)
class Manners:
    """How unpleasant the sandbox is.

    Each piece of news is told `copies` times, each up to `late_seconds` late, so in any order; of
    the answers to the shop, the share `lost` is lost although the work was done.
    """

    copies: int = 2
    late_seconds: float = 0.0
    lost: float = 0.0


class Teller:
    """Tells news to the webhook of a shop."""

    def __init__(self, url: str | None, key: str, manners: Manners) -> None:
        """Tell nobody if there is no URL."""
        self.url, self._key, self._manners = url, key, manners
        self._telling: set[asyncio.Task[None]] = set()

    def tell(self, request_id: str, what: str) -> None:
        """Let the shop know, in a while."""
        if self.url is None:
            return
        event = {"id": f"evt_{secrets.token_hex(10)}", "requestId": request_id, "type": what}
        for _ in range(self._manners.copies):
            task = asyncio.create_task(self._tell(orjson.dumps(event), self.url))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """Tell nothing more."""
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def _tell(self, body: bytes, url: str) -> None:
        await asyncio.sleep(random.uniform(0, self._manners.late_seconds))  # noqa: S311  No secret.
        async with aiohttp.ClientSession() as http:
            for _ in range(_TRIES):
                headers = {HEADER: sign(body, self._key, datetime.now(UTC))}
                with suppress(aiohttp.ClientError):
                    async with http.post(url, data=body, headers=headers) as answer:
                        if answer.status == _OK:
                            return
                await asyncio.sleep(_PAUSE_SECONDS)
