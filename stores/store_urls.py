"""What the URL of a store may look like."""

from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

SQL_SCHEMES = ("mysql+asyncmy", "mysql+aiomysql", "sqlite+aiosqlite")
DOCUMENT_SCHEMES = ("mongodb", "mongodb+srv", "sqlite+aiosqlite")
#: The carts' table of the relational store, wherever that is.
RELATIONAL = "relational"
CART_SCHEMES = ("redis", "rediss", "sqlite+aiosqlite")
SHARED_SCHEMES = ("redis", "rediss")
SEARCH_SCHEMES = ("http", "https", "sqlite+aiosqlite")
WEB_SCHEMES = ("http", "https")


def checked(
    value: SecretStr | None,
    schemes: tuple[str, ...],
    *,
    needs_path: bool = False,
    or_else: str = "",
) -> SecretStr | None:
    """Return a URL with one of these schemes, or None; see `check`."""
    if value is not None:
        check(value.get_secret_value(), schemes, needs_path=needs_path, or_else=or_else)
    return value


def check(
    url: str, schemes: tuple[str, ...], *, needs_path: bool = False, or_else: str = ""
) -> None:
    """Raise ValueError, which says what would be right, unless a URL names a scheme and a place."""
    # The URL itself is in no message: it may hold a password.
    allowed = ", ".join(f"{scheme}://" for scheme in schemes) + or_else
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise ValueError(f"must be a URL that begins with one of {allowed}")
    if scheme not in schemes:
        raise ValueError(f"begins with {scheme[:20]}://, and must begin with one of {allowed}")
    _check_place(url, needs_path=needs_path or scheme.startswith("sqlite"))


def _check_place(url: str, *, needs_path: bool) -> None:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError("is no URL: its brackets do not match") from error
    if not (parts.scheme.startswith("sqlite") or parts.hostname):
        raise ValueError("names no host")
    _check_port(parts)
    if needs_path and not parts.path.strip("/"):
        raise ValueError("names no database: the part behind the last slash is missing")


def _check_port(parts: SplitResult) -> None:
    # A replica set is several hosts, each with a port.
    if "," in parts.netloc:
        return
    try:
        _ = parts.port
    except ValueError as error:
        raise ValueError("has a port that is no number from 0 to 65535") from error
