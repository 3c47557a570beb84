"""Tokens: who signed one, whether it holds, and whom it names.

A token proves a subject and nothing else. Its keys come from the identity provider, or, where
none is set, from the shop's own issuer: a private key in the data folder.
"""

from datetime import UTC, datetime
from typing import Any, Protocol

import jwt
from jwt import PyJWK
from jwt.exceptions import InvalidSubjectError

from stores.errors import Unauthenticated
from stores.local_issuer import LocalKeys
from stores.provider_keys import ALGORITHMS, BAD_TOKEN, ProviderKeys
from stores.settings import Settings

REQUIRED_CLAIMS = ("iss", "aud", "exp", "sub")
LEEWAY_SECONDS = 10
TOKEN_LENGTH = 8_192
SUBJECT_LENGTH = 255


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
        except BAD_TOKEN as error:
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


def _key_id(token: str) -> str | None:
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
    except BAD_TOKEN as error:
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
