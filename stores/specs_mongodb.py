"""Documents of specs in the collection `specs` of a MongoDB database."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import Any

from pymongo import AsyncMongoClient, InsertOne
from pymongo.errors import BulkWriteError, PyMongoError

from stores.deadline import deadline
from stores.errors import StoreUnavailable
from stores.specs import STORE, Documents, from_plain, to_plain

_DUPLICATE = 11_000


class MongoSpecs:
    """One document for each document of specs, under its id."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Connect when first asked."""
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            url,
            serverSelectionTimeoutMS=int(timeout_seconds * 1_000),
            connectTimeoutMS=int(timeout_seconds * 1_000),
            # The shop repeats what may be repeated; a driver that does so in silence takes longer
            # than a request may.
            retryWrites=False,
            retryReads=False,
        )
        self._specs = self._client.get_default_database("shop")["specs"]
        self._timeout_seconds = timeout_seconds

    async def by_ids(self, ids: Collection[int]) -> Documents:
        """Read them in one call."""
        async with self._call():
            found = await self._specs.find({"_id": {"$in": list(ids)}}).to_list()
        return {document["_id"]: from_plain(document["specs"]) for document in found}

    async def put(self, documents: Documents) -> None:
        """Insert them in one call; those that exist refuse, and stay."""
        writes = [
            InsertOne({"_id": id_, "specs": to_plain(specs)}) for id_, specs in documents.items()
        ]
        async with self._call():
            try:
                await self._specs.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                _only_duplicates(error)

    async def ids_after(self, id_: int, limit: int) -> list[int]:
        """Read ids in order."""
        async with self._call():
            found = self._specs.find({"_id": {"$gt": id_}}, {"_id": 1}).sort("_id").limit(limit)
            return [document["_id"] for document in await found.to_list()]

    async def remove(self, ids: Collection[int]) -> None:
        """Delete them in one call."""
        async with self._call():
            await self._specs.delete_many({"_id": {"$in": list(ids)}})

    async def prepare(self) -> None:
        """Do nothing: MongoDB makes a collection with its first document."""

    async def ping(self) -> None:
        """Ask whether the server is there."""
        async with self._call():
            await self._client.admin.command("ping")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    @asynccontextmanager
    async def _call(self) -> AsyncGenerator[None]:
        try:
            async with deadline(STORE, self._timeout_seconds):
                yield
        except PyMongoError as error:
            raise StoreUnavailable(STORE) from error


def _only_duplicates(error: BulkWriteError) -> None:
    if any(told["code"] != _DUPLICATE for told in error.details["writeErrors"]):
        raise error
