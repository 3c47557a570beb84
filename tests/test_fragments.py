"""Parts of answers that are kept are never stale, and answers are the same without them."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from graph.engine.fragments import Key, Question
from graph.fragments import fragments
from stores.calls import observers
from stores.errors import StoreUnavailable
from stores.settings import Settings
from tests.fields_alone import documents
from tests.product_writing import UPDATE, key, read
from tests.shopping import Client, open_shop
from tests.statements import of_a_request

EMBEDDED = pytest.mark.parametrize("shop", ["embedded"], indirect=True)

SHEET = """specs { key value { __typename ... on SpecText { text } ... on SpecNumber { number }
  ... on SpecBoolean { isTrue } ... on SpecList { items } } }"""
LIST = f"""query ($n: Int) {{ products(first: $n, sort: TITLE) {{ nodes {{ id title isAvailable
  priceRange {{ min {{ amount }} }} category {{ name }} media {{ url alt }} {SHEET} }} }} }}"""
#: What no field alone shows: fragments, aliases, conditions, unions, the same field twice.
MORE = (
    """query ($a: Boolean = true) { products(first: 9, sort: TITLE) { nodes { ...Card
      specs(keys: ["weight", "colour"]) { key } dear: specs { label @skip(if: $a) unit } } } }
    fragment Card on Product { pictures: media { url(width: 160) } media { kind @include(if: $a) }
      ... on Product { specs { group } dear: specs { value { __typename } } } }""",
    """{ search(query: "lamp", first: 9, sort: TITLE) { nodes { media { alt } version } } }""",
    """{ products(first: 100, sort: TITLE) { nodes { status slug media { url }
      specs { key value { ... on SpecText { said: text } ... on SpecList { items } } } } } }""",
    """{ none: products(first: 3, sort: TITLE) { nodes { media { url(width: 0) } specs { key } } }
      some: products(first: 3, sort: TITLE) { nodes { media { url(width: 1) } slug } } }""",
    """query ($w: Int = 400) { products(first: 3) { nodes { media { url(width: $w) } } } }""",
    """{ tea: product(by: {slug: "tea"}) { title brand media { url } specs { key } }
      draft: product(by: {slug: "draft-lamp"}) { title media { url } specs { key } } }""",
)

#: What the documents of clients are told; each takes what it declares.
VARIABLES = {"first": 9, "slug": "lamp-7", "words": "lamp", "number": "1", "key": "none"}


@asynccontextmanager
async def _keeping(settings: Settings) -> AsyncGenerator[Client]:
    """Open a worker of the shop that keeps fragments."""
    async with open_shop(settings.model_copy(update={"fragments_mb": 8})) as opened:
        yield opened


def _hits(client: Client) -> int:
    app: Any = vars(client.http._transport)["app"]
    hits: int = app.state.fragments.kept.hits
    return hits


@pytest.fixture
def asked() -> Generator[list[str]]:
    """Collect which stores a request asks, one name for each call."""
    stores: list[str] = []

    def record(store: str, *_: object) -> None:
        if of_a_request():
            stores.append(store)

    observers.append(record)
    yield stores
    observers.remove(record)


async def test_warm_list_asks_one_store_once(settings: Settings, asked: list[str]) -> None:
    calls, answers = [], []
    async with _keeping(settings) as client:
        for _ in range(4):
            asked.clear()
            answers.append(await client.ask(LIST, n=20))
            calls.append(list(asked))

    # The first request reads the currency, too; a document that nobody knows keeps nothing yet.
    assert calls[0][-2:] == ["relational", "documents"]
    assert calls[2:] == [["relational"]] * 2
    assert answers == answers[:1] * 4


@pytest.mark.slow
async def test_answers_are_the_same_with_fragments_and_without(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "bench"))
    wrong = []
    async with _keeping(settings) as client, open_shop(settings) as other:
        for document in _asked_for():
            for user in (None, "ola", None):
                told = [await _sent(one, document, user) for one in (client, other)]
                if told[0] != told[1]:
                    wrong.append((user, document, told))
        hits = _hits(client)

    assert wrong == []
    assert hits > 300


def _asked_for() -> Iterator[dict[str, Any]]:
    """Yield requests: those of pages and clients, each field alone, and what needs more."""
    alone = (one for one in documents() if "TOKEN" not in one)
    yield from ({"query": one} for one in (*alone, *MORE, LIST))
    for path in (Path(__file__).parent / "clients/operations").glob("*Query.graphql"):
        yield {"query": path.read_text(), "variables": VARIABLES}
    import pages_documents  # noqa: PLC0415  It lies beside the programs of the bench.

    wanted = pages_documents.Wanted("lamp-7", "lamps", "lamp", "no token")
    for page in pages_documents.pages(wanted).values():
        yield {"query": page.document, "variables": page.variables}


async def _sent(client: Client, body: dict[str, Any], user: str | None) -> bytes:
    """Return the very bytes of an answer; none of them names its request."""
    headers = {"authorization": f"Bearer {client.token(user)}"} if user else {}
    return (await client.http.post("/graphql", json=body, headers=headers)).content


@dataclass
class Edited:
    """Products whose content names the version that it belongs to."""

    #: By id: the version that was committed last.
    committed: dict[str, int] = field(default_factory=dict)
    read: int = 0
    wrong: list[Any] = field(default_factory=list)
    is_done: bool = False

    async def edit(self, worker: Client, id_: str, times: int) -> None:
        for _ in range(times):
            await self.mark(worker, id_)
            # So it is shown, and kept.
            await asyncio.sleep(0.02)

    async def mark(self, worker: Client, id_: str) -> None:
        version = self.committed[id_] + 1
        specs = [{"key": "mark", "value": {"text": str(version)}}]
        media = [{"source": {"url": f"https://pictures.example/{version}"}}]
        told = {"productId": id_, "specs": specs, "media": media}
        answer = await worker.ask(UPDATE, "ola", key=key(), version=version - 1, input=told)
        assert answer["updateProduct"]["userErrors"] == []
        self.committed[id_] = version

    async def look(self, worker: Client) -> None:
        while not self.is_done:
            # Whoever edits needs the loop, too.
            await asyncio.sleep(0.01)
            before = dict(self.committed)
            found = await worker.ask(MARKED, ids=list(before))
            for node in found["nodes"]:
                self.read += 1
                version, its = node["version"], {spec["value"]["text"] for spec in node["specs"]}
                shown = {one["url"].rpartition("/")[2] for one in node["media"]} | its
                if version < before[node["id"]] or shown != {str(version)}:
                    self.wrong.append((before[node["id"]], node))


MARKED = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { id version media { url }
  specs(keys: ["mark"]) { value { ... on SpecText { text } } } } } }"""


async def _under_edits(shop: Client, times: int) -> Edited:
    """Edit products by one worker, while it and another one show them; return what was seen."""
    seen = Edited()
    async with _keeping(shop.settings) as first, _keeping(shop.settings) as second:
        for number in range(1, 5):
            product = await read(shop, f"lamp-{number}")
            seen.committed[product["id"]] = product["version"]
            await seen.mark(first, product["id"])
        looks = asyncio.gather(*(seen.look(one) for one in (first, second, second)))
        await asyncio.gather(*(seen.edit(first, id_, times) for id_ in list(seen.committed)[:3]))
        seen.is_done = True
        await looks
        assert _hits(first) > 20
        assert _hits(second) > 20
    return seen


@pytest.mark.slow
async def test_what_is_shown_is_never_older_than_what_was_committed(shop: Client) -> None:
    seen = await _under_edits(shop, 8)

    assert seen.wrong == []
    # The fourth one is shown as it was kept.
    assert list(seen.committed.values()) == [10, 10, 10, 2]
    assert seen.read > 50


@EMBEDDED
async def test_twin_that_does_not_compare_versions_shows_what_is_stale(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(self: Question, source: Any) -> Key:
        return self.text, source.row.id

    monkeypatch.setattr(Question, "of", of)
    seen = await _under_edits(shop, 3)

    assert len(seen.wrong) > 20


@EMBEDDED
async def test_sheet_that_was_away_or_missing_is_not_kept(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "{ products(first: 6, sort: TITLE) { nodes { slug specs { key } } } }"
    async with _keeping(shop.settings) as client:
        whole = await client.ask(asked)
        specs = client.mall.stores.specs
        real = specs.by_ids

        async def away(_ids: object) -> Any:
            raise StoreUnavailable("documents")

        async def missing(_ids: object) -> Any:
            return {}

        for broken in (away, missing):
            monkeypatch.setattr(specs, "by_ids", broken)
            assert (await client.send(asked))["data"] != whole
            monkeypatch.setattr(specs, "by_ids", real)
        assert await client.ask(asked) == whole
        hits = _hits(client)
        assert (await client.ask(asked), _hits(client) > hits) == (whole, True)


def test_room_is_counted_in_bytes() -> None:
    assert fragments(0) is None
    room = fragments(1)
    assert room is not None
    for number in range(100):
        shown = room.put(("sheet", number), ["x" * 30_000])
        assert orjson.loads(orjson.dumps({"sheet": shown})) == {"sheet": ["x" * 30_000]}

    kept = [number for number in range(100) if room.kept.get(("sheet", number)) is not None]
    assert kept == list(range(100 - 2**20 // 30_409, 100))


def test_setting_is_off_unless_told() -> None:
    assert Settings(_env_file=None, data_dir=Path("x")).fragments_mb == 0
