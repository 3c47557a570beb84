"""The public keys of an identity provider, as it publishes them."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from jwt import PyJWK, PyJWKClient, PyJWKSet
from jwt.exceptions import PyJWTError

from stores.deadline import deadline
from stores.errors import StoreUnavailable, Unauthenticated

#: Asymmetric ones only: who can check a token must not be able to make one.
ALGORITHMS = ("RS256", "ES256", "EdDSA")

PROVIDER = "identity provider"
FETCH_SECONDS = 2.0
#: Keys are fetched again for an unknown key id at most so often, and else when they are so old.
PAUSE_SECONDS = 30.0
KEPT_SECONDS = 600.0
_PAUSE_AFTER_FAILURE_SECONDS = 1.0

# Whoever wrote the token chose its bytes, so every way to misread them is a bad token.
BAD_TOKEN = (PyJWTError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(eq=False)
class ProviderUnavailable(StoreUnavailable):
    """Nobody can say whether a token holds."""

    sentence = "The {store} does not answer; try again in a moment."
    store: str = PROVIDER


class ProviderKeys:
    """Keys of an identity provider: kept, and fetched again when one is unknown or they are old.

    Known keys serve on while the provider is away.
    """

    def __init__(self, url: str) -> None:
        """Fetch from `url` when first asked."""
        self._client = PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_SECONDS)
        self._keys: dict[str | None, PyJWK] = {}
        self._fetched_at = self._next_fetch_at = float("-inf")
        self._is_away = False
        self._fetching: asyncio.Task[None] | None = None

    async def by_id(self, key_id: str | None) -> PyJWK:
        """Return the key of an id; the only key, if the token names none."""
        known = self._find(key_id)
        if known is None:
            await self._fetch_once()
            known = self._find(key_id)
        elif time.monotonic() > self._fetched_at + KEPT_SECONDS:
            self._start_fetching()
        if known is None:
            raise self._unknown()
        return known

    def _find(self, key_id: str | None) -> PyJWK | None:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id)

    def _unknown(self) -> Exception:
        if self._is_away:
            return ProviderUnavailable()
        return Unauthenticated("The token is signed by a key that the identity provider has not.")

    async def _fetch_once(self) -> None:
        task = self._start_fetching()
        if task is not None:
            # Shielded: many requests wait for one fetch, and one that gives up must not end it.
            await asyncio.shield(task)

    def _start_fetching(self) -> asyncio.Task[None] | None:
        is_running = self._fetching is not None and not self._fetching.done()
        if not is_running and time.monotonic() >= self._next_fetch_at:
            self._fetching = asyncio.create_task(self._fetch())
            is_running = True
        return self._fetching if is_running else None

    async def _fetch(self) -> None:
        try:
            async with deadline(PROVIDER, FETCH_SECONDS):
                found = await asyncio.to_thread(self._client.fetch_data)
            self._keys = _usable(found)
        except (StoreUnavailable, OSError, *BAD_TOKEN):
            self._is_away = True
            self._next_fetch_at = time.monotonic() + _PAUSE_AFTER_FAILURE_SECONDS
        else:
            self._is_away = False
            self._fetched_at = time.monotonic()
            self._next_fetch_at = self._fetched_at + PAUSE_SECONDS


def _usable(found: dict[str, Any]) -> dict[str | None, PyJWK]:
    keys = PyJWKSet.from_dict(found).keys
    return {
        key.key_id: key
        for key in keys
        if key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig")
    }
