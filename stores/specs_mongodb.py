"""Documents of specs in the collection `specs` of a MongoDB database."""

import asyncio
from collections.abc import Collection, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from pymongo import AsyncMongoClient, InsertOne
from pymongo.errors import BulkWriteError, PyMongoError

from stores.calls import asking
from stores.errors import StoreUnavailable
from stores.mongodb_watch import MongoWatch
from stores.specs import STORE, Documents, from_plain, to_plain

R = TypeVar("R")

_DUPLICATE = 11_000
#: What a call that nobody waits for any more may take until it is cancelled.
_END_SECONDS = 1.0


class MongoSpecs:
    """One document for each document of specs, under its id."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Connect when first asked."""
        self._watch = MongoWatch()
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            url,
            event_listeners=[self._watch],
            serverSelectionTimeoutMS=int(timeout_seconds * 1_000),
            connectTimeoutMS=int(timeout_seconds * 1_000),
            timeoutMS=int(timeout_seconds * 1_000),
            # The shop repeats what may be repeated; a driver that does so in silence takes longer
            # than a request may.
            retryWrites=False,
            retryReads=False,
            # One connection that watches a server, not two: the second is opened behind the back
            # of a shop that may stop in that moment, and then nobody closes it.
            serverMonitoringMode="poll",
        )
        self._specs = self._client.get_default_database("shop")["specs"]
        self._timeout_seconds = timeout_seconds
        self._running: set[asyncio.Task[Any]] = set()

    async def by_ids(self, ids: Collection[int]) -> Documents:
        """Read them in one call."""
        found = await self._ask("by_ids", self._specs.find({"_id": {"$in": list(ids)}}).to_list())
        return {document["_id"]: from_plain(document["specs"]) for document in found}

    async def put(self, documents: Documents) -> None:
        """Insert them in one call; those that exist refuse, and stay."""
        writes = [
            InsertOne({"_id": id_, "specs": to_plain(specs)}) for id_, specs in documents.items()
        ]
        await self._ask("put", self._insert(writes))

    async def ids_after(self, id_: int, limit: int) -> list[int]:
        """Read ids in order."""
        found = self._specs.find({"_id": {"$gt": id_}}, {"_id": 1}).sort("_id").limit(limit)
        return [document["_id"] for document in await self._ask("ids_after", found.to_list())]

    async def remove(self, ids: Collection[int]) -> None:
        """Delete them in one call."""
        await self._ask("remove", self._specs.delete_many({"_id": {"$in": list(ids)}}))

    async def prepare(self) -> None:
        """Do nothing: MongoDB makes a collection with its first document."""

    async def ping(self) -> None:
        """Ask whether the server is there."""
        await self._ask("ping", self._client.admin.command("ping"))

    async def close(self) -> None:
        """Close all connections, once none is being opened any more."""
        if self._running:
            _, stuck = await asyncio.wait(set(self._running), timeout=_END_SECONDS)
            for call in stuck:
                call.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeout_seconds + _END_SECONDS):
                await self._watch.idle()
        await self._client.close()

    async def _insert(self, writes: list[InsertOne[dict[str, Any]]]) -> None:
        try:
            await self._specs.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            _only_duplicates(error)

    async def _ask(self, what: str, call: Coroutine[Any, Any, R]) -> R:
        # In a task of its own, which ends by the driver's own limit: the driver loses the socket
        # that it is just connecting when it is cancelled.
        running = asyncio.create_task(call)
        self._running.add(running)
        running.add_done_callback(self._ended)
        try:
            async with asking(STORE, what, self._timeout_seconds):
                return await asyncio.shield(running)
        except PyMongoError as error:
            raise StoreUnavailable(STORE) from error

    def _ended(self, call: asyncio.Task[Any]) -> None:
        self._running.discard(call)
        # Looked at, as nobody else may: whoever asked may be gone.
        if not call.cancelled():
            call.exception()


def _only_duplicates(error: BulkWriteError) -> None:
    if any(told["code"] != _DUPLICATE for told in error.details["writeErrors"]):
        raise error
