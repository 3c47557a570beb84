"""Temporary carts: signed tokens that lie with the client, so that the shop stores nothing."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from stores import carts
from stores.cart_errors import CartTokenInvalid
from stores.carts import STORE, Cart
from stores.columns import instant, microseconds
from stores.errors import StoreUnavailable
from stores.ids import MAX_ID
from stores.settings import Settings

#: A cookie is not longer, and the longest token of 50 lines is not either.
MAX_LENGTH = 4_000
#: Told apart from whatever else may be signed with the key one day.
_PURPOSE = b"mallgraph cart 1\n"


@dataclass(frozen=True, slots=True)
class TemporaryCart:
    """A cart without an owner, as its token holds it."""

    cart: Cart
    expires_at: datetime
    token: str


class CartTokens:
    """Signs temporary carts with HMAC-SHA256, and reads what was signed."""

    def __init__(self, key: Callable[[], bytes], lifetime: timedelta) -> None:
        """Ask for the key when it is first needed."""
        self._make_key, self.lifetime = key, lifetime
        self._key: bytes | None = None

    def read(self, token: str, now: datetime) -> TemporaryCart:
        """Return the cart in a token. Raises CartTokenInvalid if it is forged or expired."""
        body, _, signature = token.partition(".")
        signed = len(token) <= MAX_LENGTH and token.isascii() and self._signature(body)
        if not signed or not hmac.compare_digest(signed, signature):
            raise _invalid("This is no token of a cart of this shop; go on without one.")
        found = _from_text(body, token)
        if found.expires_at <= now:
            expired = f"{found.expires_at:%Y-%m-%dT%H:%M:%SZ}"
            raise _invalid(f"The temporary cart expired at {expired}; go on with a new one.")
        return found

    def sign(self, cart: Cart, expires_at: datetime) -> TemporaryCart:
        """Return a temporary cart with its token."""
        body = _text(cart, expires_at)
        return TemporaryCart(cart, expires_at, f"{body}.{self._signature(body)}")

    def begin(self, seed: str, now: datetime) -> TemporaryCart:
        """Return an empty cart; its id follows from `seed`, so that a retry begins no other.

        It lives from now, however often it is edited: a merge is remembered as long, and a cart
        that outlived that could be merged twice.
        """
        digest = hmac.digest(self._secret(), _PURPOSE + b"id " + seed.encode(), hashlib.sha256)
        id_ = 1 + int.from_bytes(digest[:8]) % MAX_ID
        return self.sign(Cart(id_, 0, version=0, updated_at=now), now + self.lifetime)

    def _signature(self, body: str) -> str:
        return _encoded(hmac.digest(self._secret(), _PURPOSE + body.encode(), hashlib.sha256))

    def _secret(self) -> bytes:
        if self._key is None:
            try:
                self._key = self._make_key()
            except OSError as error:
                raise StoreUnavailable(STORE) from error
        return self._key


def open_cart_tokens(settings: Settings) -> CartTokens:
    """Return what signs temporary carts by these settings; no file is read yet."""
    given, path = settings.cart_token_key, settings.data_dir / "cart_token.key"
    lifetime = timedelta(days=settings.cart_token_days)
    if given:
        return CartTokens(lambda: given.get_secret_value().encode(), lifetime)
    return CartTokens(lambda: _key_of(path), lifetime)


def edited(before: Cart, after: Cart, now: datetime) -> Cart:
    """Return a temporary cart after an edit, with the next version if a line changed."""
    if (after.lines, after.coupon_codes) == (before.lines, before.coupon_codes):
        return before
    return replace(after, version=before.version + 1, updated_at=now)


def _invalid(reason: str) -> CartTokenInvalid:
    return CartTokenInvalid(reason, ("cartToken",))


def _text(cart: Cart, expires_at: datetime) -> str:
    times = [microseconds(cart.updated_at), microseconds(expires_at)]
    told: list[Any] = [cart.id, cart.version, *times, carts.plain_lines(cart)]
    if cart.coupon_codes:
        told.append(cart.coupon_codes)
    return _encoded(json.dumps(told, separators=(",", ":")).encode())


def _from_text(body: str, token: str) -> TemporaryCart:
    # A cart without coupons, as all were once, has no list of them.
    id_, version, updated_at, expires_at, lines, *more = _decoded(body)
    codes = tuple(more[0]) if more else ()
    cart = Cart(id_, 0, version, instant(updated_at), carts.lines(id_, lines), codes)
    return TemporaryCart(cart, instant(expires_at), token)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _key_of(path: Path) -> bytes:
    if not path.exists():
        _write_key(path)
    return path.read_bytes()


def _write_key(path: Path) -> None:
    """Write a new key, unless another process is quicker: a link never replaces a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  Private from its first byte.
        file.write(secrets.token_bytes(32))
    try:
        path.hardlink_to(half)
    except FileExistsError:
        pass
    finally:
        half.unlink()
