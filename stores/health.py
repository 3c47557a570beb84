"""Which stores answer, of what kind they are, and where they live, told without passwords."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import SplitResult, urlsplit

import structlog
from sqlalchemy import func, select

from stores import Stores
from stores.deadline import deadline
from stores.errors import StoreUnavailable
from stores.settings import Settings
from stores.sql import Database

_KINDS = {
    "http": "elasticsearch",
    "https": "elasticsearch",
    "mongodb+srv": "mongodb",
    "rediss": "redis",
}

_log = structlog.get_logger()


class State(Enum):
    """Whether a store answers."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Health:
    """What came of asking a store; `latency_ms` is None if it did not answer."""

    state: State
    kind: str
    latency_ms: float | None = None


class Doctor:
    """Asks the stores how they are."""

    def __init__(self, stores: Stores, settings: Settings) -> None:
        """Ask nothing yet."""
        self._stores, self._seconds = stores, settings.store_timeout_seconds
        self._kinds = {name: kind(url) for name, url in urls(settings).items()}

    async def look(self) -> dict[str, Health]:
        """Ask every store at once, each within its time limit."""
        pings = {
            "relational": self._relational,
            "documents": self._stores.specs.ping,
            "search": self._stores.search.ping,
            "carts": self._stores.carts.ping,
        }
        if "accounts" in self._kinds:
            pings["accounts"] = self._stores.accounts.database.ping
        found = await asyncio.gather(*(self._ask(name, ping) for name, ping in pings.items()))
        return dict(zip(pings, found, strict=True))

    async def _ask(self, name: str, ping: Callable[[], Awaitable[None]]) -> Health:
        began = time.perf_counter()
        try:
            async with deadline(name, self._seconds):
                await ping()
        except StoreUnavailable:
            return Health(State.DOWN, self._kinds[name])
        except Exception:  # noqa: BLE001  A driver that is broken does not answer.
            _log.exception("ping_failed", store=name)
            return Health(State.DOWN, self._kinds[name])
        milliseconds = round((time.perf_counter() - began) * 1_000, 1)
        return Health(State.UP, self._kinds[name], milliseconds)

    async def _relational(self) -> None:
        await self._stores.database.ping()
        if self._kinds["relational"] == "mysql":
            named = await _kind_of_mysql(self._stores.database)
            self._kinds |= {
                name: named
                for name, it in self._kinds.items()
                if it == "mysql" and name != "accounts"
            }


def urls(settings: Settings) -> dict[str, str]:
    """Return the URL of each store; it may hold a password."""
    told = {
        "relational": settings.sql(),
        "documents": settings.documents(),
        "search": settings.search(),
        "carts": settings.carts(),
    }
    accounts = settings.accounts_url
    return told | ({"accounts": accounts.get_secret_value()} if accounts else {})


def kind(url: str) -> str:
    """Return what a URL names: sqlite, mysql, mongodb, elasticsearch or redis."""
    scheme = urlsplit(url).scheme
    return _KINDS.get(scheme, scheme.partition("+")[0])


def address(url: str) -> str:
    """Return a file, or a URL without its password and options."""
    parts = urlsplit(url)
    if kind(url) == "sqlite":
        return parts.path.removeprefix("/")
    return _joined(parts)


def without_password(url: str) -> str:
    """Return a URL as it was given, with stars for its password and its options."""
    parts = urlsplit(url)
    return _joined(parts) + ("?***" if parts.query else "")


def _joined(parts: SplitResult) -> str:
    # Not by `geturl`, which takes slashes from the path of a file.
    return f"{parts.scheme}://{_place(parts)}{parts.path}"


def _place(parts: SplitResult) -> str:
    user, at, place = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    return f"{name}{colon and ':***'}{at}{place}"


async def _kind_of_mysql(database: Database) -> str:
    async with database.read(fresh=True) as session:
        version = await session.row(str, select(func.version()))
    return "mariadb" if "MariaDB" in (version or "") else "mysql"
