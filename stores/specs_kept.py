"""Documents of specs that were read lately, kept in the process.

A document never changes and has an id of its own: what is kept can be gone from its store, but
never be stale. An edit of a product names another document.
"""

from collections.abc import Collection, Sequence

from stores.specs import Documents, Spec, SpecStore


class KeptSpecs:
    """A store of specs, and those of its documents that were read lately."""

    def __init__(self, store: SpecStore, lines: int) -> None:
        """Keep documents of at most so many lines together."""
        self._store = store
        # Each generation holds half. What is found in the old one goes on in the new; when that
        # is full it becomes the old one, and what nobody has asked for since is forgotten.
        self._room = lines // 2
        self._new: dict[int, Sequence[Spec]] = {}
        self._old: dict[int, Sequence[Spec]] = {}
        self._lines = 0

    async def by_ids(self, ids: Collection[int]) -> Documents:
        """Return the documents that exist, in one call for those that are not kept."""
        found = {id_: sheet for id_ in ids if (sheet := self._kept(id_)) is not None}
        missing = [id_ for id_ in ids if id_ not in found]
        if missing:
            read = await self._store.by_ids(missing)
            for id_, sheet in read.items():
                self._keep(id_, sheet)
            found |= read
        return found

    async def put(self, documents: Documents) -> None:
        """Write documents; they are kept when they are read, as the store has them then."""
        await self._store.put(documents)

    async def ids_after(self, id_: int, limit: int) -> list[int]:
        """Return ids of documents behind an id, in order."""
        return await self._store.ids_after(id_, limit)

    async def remove(self, ids: Collection[int]) -> None:
        """Delete documents, here too; other processes forget them in time."""
        await self._store.remove(ids)
        for id_ in ids:
            self._lines -= _weight(self._new.pop(id_, None))
            self._old.pop(id_, None)

    async def prepare(self) -> None:
        """Create what is missing."""
        await self._store.prepare()

    async def ping(self) -> None:
        """Return if the store answers."""
        await self._store.ping()

    async def close(self) -> None:
        """Give back what the store holds."""
        await self._store.close()

    def _kept(self, id_: int) -> Sequence[Spec] | None:
        sheet = self._new.get(id_)
        if sheet is None and (sheet := self._old.pop(id_, None)) is not None:
            self._keep(id_, sheet)
        return sheet

    def _keep(self, id_: int, sheet: Sequence[Spec]) -> None:
        weight = _weight(sheet)
        if weight > self._room:
            # Too large alone: it would push all others out.
            return
        if self._lines + weight > self._room:
            self._new, self._old, self._lines = {}, self._new, 0
        self._lines += weight - _weight(self._new.get(id_))
        self._new[id_] = sheet


def _weight(sheet: Sequence[Spec] | None) -> int:
    """Return the lines of a document; an empty one takes room as well."""
    return 0 if sheet is None else 1 + len(sheet)
