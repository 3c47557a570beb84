"""How well, and how fast, search finds in the real catalogues.

    python bench/search_quality.py DATA [URL]

DATA is the folder with `catalog/` and `search/`; URL is that of the search store, a new file if
left out. An index that the URL names is built anew.
"""

import asyncio
import csv
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from math import log2
from pathlib import Path
from statistics import mean, median, quantiles

from search_documents import icecat, whole_catalogue, with_specs

from stores.search import (
    Condition,
    FacetRequest,
    SearchDocument,
    SearchQuery,
    SearchStore,
    open_search,
)

BATCH = 500
FIRST = 10
FACETS = tuple(map(FacetRequest, ("category", "brand", "spec.type")))
#: What a server does not find before it refreshes, about once a second.
REFRESH_SECONDS = 1.5

Judgments = Mapping[str, Mapping[int, int]]


async def run(data: Path, url: str) -> None:
    """Measure quality over the judged catalogue, then speed over all catalogues."""
    store = open_search(url, 5)
    await store.prepare()
    await _quality(store, data)
    await _speed(store, data)
    await store.close()


async def _quality(store: SearchStore, data: Path) -> None:
    count = await store.rebuild(_batches(icecat(data)))
    print(f"{count} products with judgments")
    judgments = _judgments(data / "search/bqs_judgments_dev.csv")
    gains = {query: await _ndcg(store, query, judged) for query, judged in judgments.items()}
    for query, (strict, judged) in sorted(gains.items(), key=lambda pair: pair[1][0]):
        print(f"  {strict:.3f} {judged:.3f}  {query}")
    print(f"nDCG@10 of {len(gains)} queries: {mean(one for one, _ in gains.values()):.4f}")
    print(f"  judged products only: {mean(one for _, one in gains.values()):.4f}")
    for kind, found in (await _known(store, data / "search/known_item_dev.csv")).items():
        print(f"known items by {kind}: {mean(found):.4f} of {len(found)} first")


async def _ndcg(store: SearchStore, query: str, judged: Mapping[int, int]) -> tuple[float, float]:
    """Return nDCG@10 with products that nobody judged as misses, and without them."""
    hits = (await store.find(SearchQuery(query, limit=200))).hits
    strict = [judged.get(hit.id, 0) for hit in hits][:FIRST]
    known = [judged[hit.id] for hit in hits if hit.id in judged][:FIRST]
    best = _dcg(sorted(judged.values(), reverse=True)[:FIRST])
    return _dcg(strict) / best, _dcg(known) / best


def _dcg(ratings: Sequence[int]) -> float:
    return sum((2.0**rating - 1) / log2(place) for place, rating in enumerate(ratings, 2))


def _judgments(path: Path) -> Judgments:
    """Return the ratings of each query that has a good product at all."""
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["query"]][int(row["docid"])] = int(row["rating"])
    return {query: rated for query, rated in found.items() if any(rated.values())}


async def _known(store: SearchStore, path: Path) -> dict[str, list[bool]]:
    found: defaultdict[str, list[bool]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        hits = (await store.find(SearchQuery(row["query"], limit=1))).hits
        is_first = bool(hits) and hits[0].id == int(row["docid"])
        found[row["kind"]].append(is_first)
        if not is_first:
            print(f"  not first: {row['query']} ({row['docid']})")
    return found


async def _speed(store: SearchStore, data: Path) -> None:
    documents = whole_catalogue(data)
    await _timed("empty index", store.rebuild(_batches([])))
    await _timed(f"put {len(documents)} products", _put(store, documents))
    await asyncio.sleep(REFRESH_SECONDS)
    narrowed = (Condition("brand", any_of=("HP", "Canon")),)
    for name, query in {
        "rare words": SearchQuery("wireless mouse"),
        "frequent word": SearchQuery("black"),
        "frequent word, narrowed": SearchQuery("black", narrowed),
        "no words": SearchQuery(),
        "no words, narrowed": SearchQuery("", narrowed),
        "Han phrase": SearchQuery("纯棉"),
        "words nothing has": SearchQuery("zzzz qqqq wireless"),
        "price ranges": SearchQuery("printer", facets=(FacetRequest("price"),)),
    }.items():
        await _ask_often(store, name, replace(query, facets=query.facets or FACETS))
    heavy = list(with_specs(documents, 60))
    await _timed("empty index", store.rebuild(_batches([])))
    await _timed(f"put {len(heavy)} products with 60 specs each", _put(store, heavy))
    await _timed("rebuild the same", store.rebuild(_batches(heavy)))


async def _ask_often(store: SearchStore, name: str, query: SearchQuery) -> None:
    times = []
    for _ in range(40):
        began = time.perf_counter()
        total = (await store.find(query)).total
        times.append((time.perf_counter() - began) * 1_000)
    last = quantiles(times[5:], n=20)[-1]
    print(f"{name}: {total} hits, median {median(times[5:]):.1f} ms, p95 {last:.1f} ms")


async def _put(store: SearchStore, documents: Sequence[SearchDocument]) -> None:
    async for some in _batches(documents):
        await store.put(some)


async def _batches(documents: Sequence[SearchDocument]) -> AsyncIterator[Sequence[SearchDocument]]:
    for start in range(0, len(documents), BATCH):
        yield documents[start : start + BATCH]


async def _timed(name: str, work: object) -> None:
    began = time.perf_counter()
    await work  # type: ignore[misc]
    print(f"{name}: {time.perf_counter() - began:.1f} s")


def main() -> None:
    """Read the arguments and measure."""
    data, *urls = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        url = urls[0] if urls else f"sqlite+aiosqlite:///{folder}/search.db"
        asyncio.run(run(Path(data), url))


if __name__ == "__main__":
    main()
