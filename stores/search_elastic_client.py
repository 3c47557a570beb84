"""The client of an Elasticsearch server, and what its refusals mean."""

from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError, NotFoundError

from stores.calls import asking
from stores.errors import StoreUnavailable
from stores.search import STORE

#: How long documents in bulk, and changes of indexes, may take.
BULK_SECONDS = 60.0
_DEFAULT_ALIAS, _DEFAULT_PORT = "mallgraph", 9_200
_CONFLICT, _SERVER_ERROR = 409, 500
#: No right to ask, too slow, too many at once: another time the same may well succeed.
_REFUSED = (401, 403, 408, 429)


class IndexMissing(StoreUnavailable):
    """The server answers, but has no such index or alias."""


def open_client(url: str) -> tuple[AsyncElasticsearch, str]:
    """Return a client of the server of `url`, and the last part of its path."""
    told = urlsplit(url)
    folder, _, alias = told.path.rstrip("/").rpartition("/")
    host = f"[{told.hostname}]" if ":" in (told.hostname or "") else told.hostname
    user = (unquote(told.username), unquote(told.password or "")) if told.username else None
    client = AsyncElasticsearch(
        f"{told.scheme}://{host}:{told.port or _DEFAULT_PORT}{folder}",
        basic_auth=user,
        # The shop repeats what may be repeated; a driver that does so in silence takes longer
        # than a request may.
        max_retries=0,
        retry_on_timeout=False,
        request_timeout=BULK_SECONDS,
    )
    return client, alias or _DEFAULT_ALIAS


@asynccontextmanager
async def calling(what: str, seconds: float) -> AsyncGenerator[None]:
    """Give the calls inside `seconds` in all. Raises StoreUnavailable, or IndexMissing of it."""
    try:
        async with asking(STORE, what, seconds):
            yield
    except NotFoundError as error:
        raise IndexMissing(STORE) from error
    except TransportError as error:
        raise StoreUnavailable(STORE) from error
    except ApiError as error:
        if _may_pass(error.meta.status):
            raise StoreUnavailable(STORE) from error
        raise


@contextmanager
def already_there() -> Generator[None]:
    """Let somebody else have made the index in the same moment."""
    try:
        yield
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":
            raise


def whole(items: Iterable[Mapping[str, Any]]) -> None:
    """Raise what went wrong with single documents; an older version is nothing wrong."""
    for item in items:
        if "error" not in item or item.get("status") == _CONFLICT:
            continue
        kind, status = item["error"]["type"], item.get("status", 0)
        if kind == "index_not_found_exception":
            raise IndexMissing(STORE)
        if _may_pass(status):
            raise StoreUnavailable(STORE)
        raise RuntimeError(f"Elasticsearch did not take in {item['_id']}: {item['error']}")


def _may_pass(status: int) -> bool:
    return status >= _SERVER_ERROR or status in _REFUSED
