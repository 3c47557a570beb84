"""Tokens: who signed one, whether it holds, and whom it names.

A token proves a subject and nothing else. Its keys come from the identity provider, or, where
none is set, from the shop's own issuer: a private key in the data folder.
"""

import asyncio
import os
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import PyJWK, PyJWKClient, PyJWKSet
from jwt.exceptions import InvalidSubjectError, PyJWTError

from stores.deadline import deadline
from stores.errors import StoreUnavailable, Unauthenticated
from stores.settings import Settings

#: Asymmetric ones only: who can check a token must not be able to make one.
ALGORITHMS = ("RS256", "ES256", "EdDSA")
REQUIRED_CLAIMS = ("iss", "aud", "exp", "sub")
LEEWAY_SECONDS = 10
TOKEN_LENGTH = 8_192
SUBJECT_LENGTH = 255

PROVIDER = "identity provider"
FETCH_SECONDS = 2.0
#: Keys are fetched again for an unknown key id at most so often, and else when they are so old.
PAUSE_SECONDS = 30.0
KEPT_SECONDS = 600.0
_PAUSE_AFTER_FAILURE_SECONDS = 1.0

_LOCAL_ALGORITHM = "EdDSA"
# Whoever wrote the token chose its bytes, so every way to misread them is a bad token.
_BAD_TOKEN = (PyJWTError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


_NO_JWT = "The token is no JWT; send it whole, as it was given, behind the word Bearer."
_REASONS: dict[type[Exception], str] = {
    jwt.ImmatureSignatureError: "The token is not valid yet; compare the clocks.",
    jwt.InvalidIssuerError: "The token comes from another issuer than {issuer}.",
    jwt.InvalidAudienceError: "The token is made for another audience than {audience}.",
    jwt.InvalidSignatureError: "The signature of the token does not fit.",
    InvalidSubjectError: f"The claim sub is a text of 1 to {SUBJECT_LENGTH} printable characters.",
    jwt.InvalidAlgorithmError: (
        f"The token is signed by another algorithm than {', '.join(ALGORITHMS)}."
    ),
}


@dataclass(eq=False)
class ProviderUnavailable(StoreUnavailable):
    """Nobody can say whether a token holds."""

    sentence = "The {store} does not answer; try again in a moment."
    store: str = PROVIDER


class Keys(Protocol):
    """Where public keys come from."""

    async def by_id(self, key_id: str | None) -> PyJWK:
        """Return the key that a token names. Raises Unauthenticated or StoreUnavailable."""
        ...


class Tokens:
    """Checks tokens of one issuer for one audience."""

    def __init__(self, keys: Keys, issuer: str, audience: str) -> None:
        """Trust what is signed by `keys`."""
        self._keys, self._issuer, self._audience = keys, issuer, audience

    async def subject(self, token: str) -> str:
        """Return whom a token names. Raises Unauthenticated with the reason, StoreUnavailable."""
        if len(token) > TOKEN_LENGTH:
            raise Unauthenticated(f"The token is longer than {TOKEN_LENGTH} characters.")
        key = await self._keys.by_id(_key_id(token))
        try:
            return _checked_subject(self._claims(token, key)["sub"])
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated(_expired(token)) from error
        except _BAD_TOKEN as error:
            raise Unauthenticated(self._reason(error)) from error

    def _claims(self, token: str, key: PyJWK) -> dict[str, Any]:
        return jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm_name],
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED_CLAIMS)},
        )

    def _reason(self, error: Exception) -> str:
        if isinstance(error, jwt.MissingRequiredClaimError):
            return f"The token has no claim {error.claim}."
        reason = next((text for kind, text in _REASONS.items() if isinstance(error, kind)), _NO_JWT)
        return reason.format(issuer=self._issuer, audience=self._audience)


def open_tokens(settings: Settings) -> Tokens:
    """Return what checks tokens by these settings; nothing is read or fetched yet."""
    keys: Keys = ProviderKeys(settings.jwks_url) if settings.jwks_url else LocalKeys(settings)
    return Tokens(keys, settings.token_issuer, settings.token_audience)


class LocalKeys:
    """The public key of the shop's own issuer."""

    def __init__(self, settings: Settings) -> None:
        """Read the file when first asked: it may be made later, by the command line."""
        self._path = _issuer_path(settings)
        self._known: tuple[int, PyJWK] | None = None

    async def by_id(self, key_id: str | None) -> PyJWK:  # noqa: ARG002  There is but one.
        """Return the key. Raises Unauthenticated while there is none."""
        try:
            changed_at = self._path.stat().st_mtime_ns
            if self._known is None or self._known[0] != changed_at:
                self._known = changed_at, _public(_read(self._path))
        except FileNotFoundError as error:
            raise Unauthenticated(
                "This shop has not made any token yet; run `mallgraph token`."
            ) from error
        return self._known[1]


class LocalIssuer:
    """Makes tokens for development, with a private key in the data folder."""

    def __init__(self, settings: Settings) -> None:
        """Make the key if there is none. Raises OSError when the folder cannot be written."""
        self._settings = settings
        self._path = _issuer_path(settings)
        if not self._path.exists():
            _write_key(self._path)

    def token(self, subject: str, lifetime: timedelta) -> str:
        """Return a token that names `subject`."""
        now = datetime.now(UTC)
        claims = {
            "iss": self._settings.token_issuer,
            "aud": self._settings.token_audience,
            "sub": subject,
            "iat": now,
            "exp": now + lifetime,
        }
        return jwt.encode(claims, _read(self._path), algorithm=_LOCAL_ALGORITHM)


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
        except (StoreUnavailable, OSError, *_BAD_TOKEN):
            self._is_away = True
            self._next_fetch_at = time.monotonic() + _PAUSE_AFTER_FAILURE_SECONDS
        else:
            self._is_away = False
            self._fetched_at = time.monotonic()
            self._next_fetch_at = self._fetched_at + PAUSE_SECONDS


def _key_id(token: str) -> str | None:
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
    except _BAD_TOKEN as error:
        raise Unauthenticated(_NO_JWT) from error
    return key_id if isinstance(key_id, str) else None


def _checked_subject(subject: str) -> str:
    # MySQL takes a key that ends in a blank for the one without it: another's account.
    is_plain = subject.isprintable() and subject == subject.strip()
    if not is_plain or not 1 <= len(subject) <= SUBJECT_LENGTH:
        raise InvalidSubjectError
    return subject


def _expired(token: str) -> str:
    # The signature was found right before the time was looked at.
    claims = jwt.decode(token, options={"verify_signature": False})
    try:
        at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (OverflowError, OSError, ValueError):
        return "The token expired."
    return f"The token expired at {at:%Y-%m-%dT%H:%M:%SZ}; get a new one."


def _usable(found: dict[str, Any]) -> dict[str | None, PyJWK]:
    keys = PyJWKSet.from_dict(found).keys
    return {
        key.key_id: key
        for key in keys
        if key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig")
    }


def _issuer_path(settings: Settings) -> Path:
    return settings.data_dir / "issuer.pem"


def _read(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key.")
    return key


def _public(key: Ed25519PrivateKey) -> PyJWK:
    told = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return PyJWK.from_dict(told, algorithm=_LOCAL_ALGORITHM)


def _write_key(path: Path) -> None:
    """Write a new key, unless another process is quicker: a link never replaces a file."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123  Private from its first byte.
        file.write(pem)
    try:
        path.hardlink_to(half)
    except FileExistsError:
        pass
    finally:
        half.unlink()
