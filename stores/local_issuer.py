"""The shop's own issuer of tokens, for development: a private key in the data folder."""

import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt import PyJWK

from stores.errors import Unauthenticated
from stores.settings import Settings

_ALGORITHM = "EdDSA"


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
        return jwt.encode(claims, _read(self._path), algorithm=_ALGORITHM)


def _issuer_path(settings: Settings) -> Path:
    return settings.data_dir / "issuer.pem"


def _read(path: Path) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key.")
    return key


def _public(key: Ed25519PrivateKey) -> PyJWK:
    told = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return PyJWK.from_dict(told, algorithm=_ALGORITHM)


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
