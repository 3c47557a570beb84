"""Search in Elasticsearch 8 or 9: the index of the URL is an alias of the one that is in use."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, TypeVar

from elasticsearch import NotFoundError

from stores.errors import StoreUnavailable
from stores.readings import Reading, readings
from stores.search import Hits, RebuildOvertaken, SearchDocument, SearchQuery
from stores.search_elastic_client import (
    BULK_SECONDS,
    IndexMissing,
    already_there,
    calling,
    open_client,
    whole,
)
from stores.search_elastic_mapping import MAPPINGS, SETTINGS, source
from stores.search_elastic_query import Question

R = TypeVar("R")

_CHUNK = 250
_MISSING = 404


class ElasticSearch:
    """An alias and the one index behind it, which a rebuild replaces."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        """Connect when first asked."""
        self._client, self._alias = open_client(url)
        self._building = f"{self._alias}-building"
        self._timeout_seconds = timeout_seconds

    async def find(self, query: SearchQuery) -> Hits:
        """Ask once for each reading, and once more where facets find ranges of their own."""

        async def ask() -> Hits:
            async with self._call("find"):
                return await self._find(query)

        return await self._prepared(ask, self._timeout_seconds)

    async def put(self, documents: Sequence[SearchDocument]) -> None:
        """Send them in bulk, also to an index that is being built."""
        for start in range(0, len(documents), _CHUNK):
            some = documents[start:][:_CHUNK]
            await self._prepared(lambda some=some: self._put(some), BULK_SECONDS)  # type: ignore[misc]

    async def rebuild(self, documents: AsyncIterator[Sequence[SearchDocument]]) -> int:
        """Fill a new index, move the alias to it, and delete all others.

        Raises RebuildOvertaken when another one began meanwhile.
        """
        await self.prepare()
        new = f"{self._alias}-{time.time_ns()}"
        await self._begin(new)
        try:
            await self._fill(new, documents)
        except BaseException:
            with suppress(StoreUnavailable):
                await self._delete([new])
            raise
        # From here on the new index may be in use, even if no answer says so: what a failure
        # leaves behind is deleted by the next rebuild, which asks first.
        await self._finish(new)
        return await self.count()

    async def versions(self, ids: Sequence[int]) -> dict[int, int]:
        """Read them by id, also those that no search finds yet."""
        return {int(one["_id"]): one["_version"] for one in await self._kept(ids)}

    async def listed(self, ids: Sequence[int]) -> set[int]:
        """Read them by id, also those that no search finds yet."""
        kept = await self._kept(ids)
        return {int(one["_id"]) for one in kept if one["_source"]["is_listed"]}

    async def listed_after(self, id_: int, limit: int) -> list[int]:
        """Search for them; what was put within the last second may be missing."""
        filters = [{"term": {"is_listed": True}}, {"range": {"id": {"gt": id_}}}]

        async def ask() -> list[int]:
            async with self._call("listed_after"):
                told = await self._search(
                    {
                        "query": {"bool": {"filter": filters}},
                        "sort": [{"id": "asc"}],
                        "size": limit,
                        "source": False,
                        "track_total_hits": False,
                    }
                )
            return [int(hit["_id"]) for hit in told["hits"]["hits"]]

        return await self._prepared(ask, self._timeout_seconds)

    async def count(self) -> int:
        """Count what searches find by now."""

        async def ask() -> int:
            async with self._call("count"):
                listed = {"term": {"is_listed": True}}
                told = await self._client.count(index=self._alias, query=listed)
            return int(told["count"])

        return await self._prepared(ask, self._timeout_seconds)

    async def prepare(self) -> None:
        """Create the alias and a first index."""
        await self._prepare(BULK_SECONDS)

    async def ping(self) -> None:
        """Ask how the cluster is."""
        async with self._call("ping"):
            await self._client.cluster.health()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def refresh(self) -> None:
        """Make what was put be found at once; it would be within about a second."""
        async with self._call("refresh", BULK_SECONDS):
            await self._client.indices.refresh(index=self._alias)

    async def _kept(self, ids: Sequence[int]) -> list[Mapping[str, Any]]:
        """Return the documents that exist, with whether they are listed."""
        if not ids:
            return []

        async def ask() -> list[Mapping[str, Any]]:
            async with self._call("by_ids"):
                wanted = [str(id_) for id_ in ids]
                told = await self._client.mget(
                    index=self._alias, ids=wanted, source_includes=["is_listed"]
                )
            whole(told["docs"])
            return [one for one in told["docs"] if one.get("found")]

        return await self._prepared(ask, self._timeout_seconds)

    async def _find(self, query: SearchQuery) -> Hits:
        read: list[Reading | None] = [*readings(query.words)]
        *stricter, last = read or [None]
        for reading in stricter:
            question = Question(query, reading)
            found = await self._hits(question)
            if found.total or await self._total(question.words_alone()):
                return found
        return await self._hits(Question(query, last))

    async def _hits(self, question: Question) -> Hits:
        answer = await self._search(question.arguments())
        own, counted = question.own_ranges(answer), {}
        if own:
            counted = (await self._search(question.counting(own)))["aggregations"]
        total = answer["hits"]["total"]["value"]
        return Hits(question.page(answer), total, question.facets(answer, own, counted))

    async def _total(self, arguments: Mapping[str, Any]) -> int:
        answer = await self._search(arguments)
        return int(answer["hits"]["total"]["value"])

    async def _search(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = await self._client.search(index=self._alias, **arguments)
        body: Mapping[str, Any] = answer.body
        return body

    async def _put(self, some: Sequence[SearchDocument]) -> None:
        async with self._call("put", BULK_SECONDS):
            # Whoever builds reads the shop only after this alias is there, so that what was
            # written before, and is not sent to it, is among what it reads.
            is_building = await self._client.indices.exists_alias(name=self._building)
        await self._bulk(some, [self._alias, *([self._building] if is_building else [])])

    async def _bulk(self, some: Sequence[SearchDocument], aliases: Sequence[str]) -> None:
        lines = [line for one in some for alias in aliases for line in _lines(one, alias)]
        if not lines:
            return
        async with self._call("put", BULK_SECONDS):
            # By alias only: the server would make up an index under a name that it does not know.
            told = await self._client.bulk(operations=lines, require_alias=True)
        places = range(0, len(told["items"]), len(aliases))
        # The other alias is gone when its index has come into use or was given up.
        whole([told["items"][place]["index"] for place in places])
        whole(item["index"] for item in told["items"] if item["index"]["status"] != _MISSING)

    async def _prepare(self, seconds: float) -> None:
        indices = self._client.indices
        async with self._call("prepare", seconds):
            if await indices.exists_alias(name=self._alias):
                return
            # Always the same name, so that of several that prepare only one succeeds.
            with already_there():
                await self._create(f"{self._alias}-0", self._alias)

    async def _create(self, index: str, *aliases: str) -> None:
        await self._client.indices.create(
            index=index,
            aliases={alias: {} for alias in aliases},
            mappings=MAPPINGS,
            settings=SETTINGS,
        )

    async def _begin(self, new: str) -> None:
        used = await self._indexes(self._alias)
        await self._delete([name for name in await self._all_indexes() if name not in used])
        async with self._call("rebuild", BULK_SECONDS):
            await self._create(new)
            before = await self._indexes(self._building)
            moved = [_action("remove", name, self._building) for name in before]
            added = _action("add", new, self._building)
            await self._client.indices.update_aliases(actions=[*moved, added])

    async def _fill(self, new: str, documents: AsyncIterator[Sequence[SearchDocument]]) -> None:
        async for some in documents:
            for start in range(0, len(some), _CHUNK):
                await self._check(new)
                await self._bulk(some[start:][:_CHUNK], [self._building])

    async def _check(self, new: str) -> None:
        if await self._indexes(self._building) != [new]:
            raise RebuildOvertaken

    async def _finish(self, new: str) -> None:
        await self._check(new)
        used = await self._indexes(self._alias)
        actions = [
            _action("remove", new, self._building, must_exist=True),
            *(_action("remove", name, self._alias) for name in used),
            _action("add", new, self._alias),
        ]
        try:
            async with self._call("rebuild", BULK_SECONDS):
                await self._client.indices.refresh(index=new)
                await self._client.indices.update_aliases(actions=actions)
        except IndexMissing as error:
            raise RebuildOvertaken from error
        with suppress(StoreUnavailable):
            await self._delete(used)

    async def _indexes(self, alias: str) -> list[str]:
        async with self._call("rebuild"):
            with suppress(NotFoundError):
                return list(await self._client.indices.get_alias(name=alias))
        return []

    async def _all_indexes(self) -> list[str]:
        ours = re.compile(rf"{re.escape(self._alias)}-[0-9]+")
        async with self._call("rebuild"):
            found = await self._client.indices.get_alias(index=f"{self._alias}-*")
        return [name for name in found if ours.fullmatch(name)]

    async def _delete(self, indexes: Sequence[str]) -> None:
        if indexes:
            async with self._call("rebuild", BULK_SECONDS):
                await self._client.indices.delete(index=list(indexes), ignore_unavailable=True)

    async def _prepared(self, ask: Callable[[], Awaitable[R]], seconds: float) -> R:
        """Ask; where the index is missing, create it and ask once more."""
        with suppress(IndexMissing):
            return await ask()
        await self._prepare(seconds)
        return await ask()

    def _call(self, what: str, seconds: float | None = None) -> AbstractAsyncContextManager[None]:
        return calling(what, seconds or self._timeout_seconds)


def _lines(one: SearchDocument, alias: str) -> list[dict[str, Any]]:
    told = {"_index": alias, "_id": str(one.id), "version": one.version}
    return [{"index": {**told, "version_type": "external_gte"}}, source(one)]


def _action(kind: str, index: str, alias: str, **more: Any) -> dict[str, Any]:
    return {kind: {"index": index, "alias": alias, **more}}
