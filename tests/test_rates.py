"""Who asks for very much in a short time waits, and nobody else does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request

from graph.budget import CHARACTERS_A_POINT, MISTAKEN
from graph.client_address import address
from stores import rates, shared_redis
from stores.rates import MemoryRates, Rate, RedisRates
from stores.settings import Profile, Settings
from stores.shared_redis import SharedRedis
from tests.conftest import unique
from tests.servers import free_port
from tests.shopping import Client, open_shop
from tests.test_untold import BAD

DEAR = "{ products(first: 20) { nodes { id variants { id } specs { key } } } }"
HIS = {"x-forwarded-for": "9.9.9.9"}


@asynccontextmanager
async def limited(chosen: Settings, **told: object) -> AsyncGenerator[Client]:
    """Open a shop in which a bucket holds 2,000 points."""
    wanted = {"rate_limit": 100, "max_cost": 2_000, **told}
    async with open_shop(chosen.model_copy(update=wanted)) as opened:
        yield opened


async def statuses(shop: Client, times: int, user: str | None = None, **headers: str) -> list[int]:
    if user:
        headers["authorization"] = f"Bearer {shop.token(user)}"
    sent = [
        await shop.http.post("/graphql", json={"query": DEAR}, headers=headers)
        for _ in range(times)
    ]
    return [one.status_code for one in sent]


async def test_who_has_spent_everything_is_told_when_to_come_again(
    embedded_settings: Settings,
) -> None:
    async with limited(embedded_settings) as shop:
        first = await statuses(shop, 3)
        refused = await shop.http.post("/graphql", json={"query": DEAR})
        others = [await statuses(shop, 1, user) for user in ("ann", "mia", "ann")]

    assert first == [200, 200, 429]
    assert others == [[200]] * 3
    told = refused.json()
    (error,) = told["errors"]
    wait = error["extensions"].pop("retryAfterMs")
    cost = told["extensions"]["cost"]
    assert (error["extensions"], list(told)) == ({"code": "RATE_LIMITED"}, ["errors", "extensions"])
    # What is missing comes back at a hundred points a second.
    text = len(DEAR) // CHARACTERS_A_POINT
    missing = text + 3 * cost["requested"] - cost["maximum"]
    assert missing * 10 - 2_000 < wait <= missing * 10 + 1
    assert refused.headers["retry-after"] == str(-(-wait // 1_000))
    assert refused.headers["cache-control"] == "no-store"


async def test_documents_that_are_wrong_cost_as_well(embedded_settings: Settings) -> None:
    wrong = DEAR.replace("key", "nothing")
    told = {"rate_limit": 1, "max_cost": 2 * MISTAKEN + 50}
    async with limited(embedded_settings, **told) as shop:
        sent = [await shop.http.post("/graphql", json={"query": wrong}) for _ in range(4)]

    codes = [one.json()["errors"][0]["extensions"]["code"] for one in sent]
    assert codes == ["GRAPHQL_VALIDATION_FAILED"] * 2 + ["RATE_LIMITED"] * 2


async def _guesses(chosen: Settings) -> list[str | None]:
    """Return what is told of two guesses, of which one can be paid, and of what is right then."""
    told = {"rate_limit": 1, "max_cost": MISTAKEN + 50}
    async with limited(chosen, **told) as shop:
        texts = ("{ nothing1 }", "{ nothing2 }", "{ shop { name } }")
        sent = [await shop.http.post("/graphql", json={"query": text}) for text in texts]
    errors = [one.json().get("errors") for one in sent]
    return [one and one[0]["extensions"]["code"] for one in errors]


async def test_guess_that_cannot_be_paid_is_owed(
    embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else the last points would buy a guess each, as what is right is told to cost more."""
    told = ["GRAPHQL_VALIDATION_FAILED", "RATE_LIMITED", "RATE_LIMITED"]
    assert await _guesses(embedded_settings) == told
    spend = MemoryRates.spend

    async def unowed(self: MemoryRates, *asked: Any, **_more: Any) -> int:
        return await spend(self, *asked)

    # The twin.
    monkeypatch.setattr(MemoryRates, "spend", unowed)
    assert await _guesses(embedded_settings) == [*told[:2], None]


async def test_variables_that_are_wrong_cost_strangers_as_much(
    embedded_settings: Settings,
) -> None:
    chosen = {"rate_limit": 1, "max_cost": 5 * MISTAKEN}
    wrong = {"query": BAD, "variables": {"f": {"nothing": None}}}
    found = []
    for profile in Profile.PRODUCTION, Profile.DEVELOPMENT:
        async with limited(embedded_settings, profile=profile, **chosen) as shop:
            sent = [await shop.http.post("/graphql", json=wrong) for _ in range(6)]
        codes = [one.json()["errors"][0]["extensions"]["code"] for one in sent]
        found.append((codes.count("BAD_USER_INPUT") < 6, codes[0], codes[-1]))

    assert found == [
        (True, "BAD_USER_INPUT", "RATE_LIMITED"),
        (False, "BAD_USER_INPUT", "BAD_USER_INPUT"),
    ]


MUTATION = 'mutation { addCartLines(idempotencyKey: "a", input: {lines: []}) { isReplay } }'


async def test_mutation_that_is_refused_for_its_rate_is_no_payload(
    embedded_settings: Settings,
) -> None:
    async with limited(embedded_settings, rate_limit=1, max_cost=20) as shop:
        found = [await shop.http.post("/graphql", json={"query": MUTATION}) for _ in range(20)]
    last = found[-1].json()
    assert (found[0].status_code, found[-1].status_code) == (200, 429)
    assert "data" not in last
    assert last["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_texts_that_are_no_documents_cost_by_their_length(
    embedded_settings: Settings,
) -> None:
    told = []
    async with limited(embedded_settings) as shop:
        for number in range(4):
            text = f"{{ shop {number}" + " " * 9_000
            answer = await shop.http.post("/graphql", json={"query": text})
            told.append((answer.status_code, answer.json()["errors"][0]["extensions"]["code"]))

    assert told == [(200, "GRAPHQL_PARSE_FAILED")] * 2 + [(429, "RATE_LIMITED")] * 2


async def test_asking_for_too_much_costs_as_much_as_a_mistake(
    embedded_settings: Settings,
) -> None:
    much = (
        "{ products(first: 100) { nodes { category { products(first: 100) { nodes { id } } } } } }"
    )
    told = {"rate_limit": 1, "max_cost": 2 * MISTAKEN + 50}
    async with limited(embedded_settings, **told) as shop:
        sent = [await shop.http.post("/graphql", json={"query": much}) for _ in range(4)]

    codes = [one.json()["errors"][0]["extensions"]["code"] for one in sent]
    assert codes == ["COST_LIMIT_EXCEEDED"] * 2 + ["RATE_LIMITED"] * 2


async def test_shop_without_a_limit_refuses_nobody(embedded_settings: Settings) -> None:
    async with limited(embedded_settings, rate_limit=0) as shop:
        assert await statuses(shop, 6) == [200] * 6


async def test_stranger_behind_a_trusted_proxy_has_a_bucket_of_her_own(
    embedded_settings: Settings,
) -> None:
    async with limited(embedded_settings, trusted_proxies="127.0.0.0/8") as shop:
        assert await statuses(shop, 3, **HIS) == [200, 200, 429]
        assert await statuses(shop, 1, **{"x-forwarded-for": "9.9.9.8"}) == [200]
        # What the client wrote itself helps nothing.
        assert await statuses(shop, 1, **{"x-forwarded-for": "1.1.1.1, 9.9.9.9"}) == [429]
    async with limited(embedded_settings) as shop:
        assert await statuses(shop, 3, **HIS) == [200, 200, 429]
        assert await statuses(shop, 1, **{"x-forwarded-for": "9.9.9.8"}) == [429]


ADDRESSES = [
    # Peer, X-Forwarded-For, trusted proxies, client.
    ("1.2.3.4", [], "", "1.2.3.4"),
    ("1.2.3.4", ["9.9.9.9"], "", "1.2.3.4"),
    ("1.2.3.4", ["9.9.9.9"], "10.0.0.0/8", "1.2.3.4"),
    ("10.0.0.1", ["9.9.9.9"], "10.0.0.0/8", "9.9.9.9"),
    ("10.0.0.1", ["5.5.5.5, 9.9.9.9"], "10.0.0.0/8", "9.9.9.9"),
    ("10.0.0.1", ["5.5.5.5", "9.9.9.9, 10.0.0.2"], "10.0.0.0/8", "9.9.9.9"),
    ("10.0.0.1", ["9.9.9.9, nonsense"], "10.0.0.0/8", "10.0.0.1"),
    ("10.0.0.1", [""], "10.0.0.0/8", "10.0.0.1"),
    ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.1, 10.0.0.2", "10.0.0.3"),
    ("10.0.0.1", ["2001:db8:1:2:3:4:5:6"], "10.0.0.1", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::1", [], "", "2001:db8:1:2::/64"),
    ("::ffff:1.2.3.4", [], "", "1.2.3.4"),
    ("testclient", ["9.9.9.9"], "0.0.0.0/0", "testclient"),
]


@pytest.mark.parametrize(("peer", "told", "proxies", "client"), ADDRESSES)
def test_address_is_the_last_that_a_trusted_proxy_tells(
    peer: str, told: list[str], proxies: str, client: str
) -> None:
    headers = [(b"x-forwarded-for", one.encode()) for one in told]
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})

    assert address(request, proxies) == client


RATE = Rate(per_second=1_000, burst=100)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(rates, "monotonic", lambda: now[0])
    return now


async def test_bucket_fills_again_and_no_fuller_than_full(clock: list[float]) -> None:
    bucket = MemoryRates()
    spent = [await bucket.spend("a", points, RATE) for points in (60, 60, 40, 1)]
    clock[0] += 0.021
    later = [await bucket.spend("a", points, RATE) for points in (20, 20)]
    clock[0] += 1_000
    full = [await bucket.spend("a", points, RATE) for points in (10**9, 1)]

    assert spent == [0, 21, 0, 2]
    assert later == [0, 20]
    # Whoever asks for more than a bucket empties it.
    assert full == [0, 2]


async def test_clients_of_a_process_are_forgotten_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = []
    # The twin remembers everybody.
    for most in (3, float("inf")):
        monkeypatch.setattr(rates, "REMEMBERED", most)
        bucket = MemoryRates()
        for number in range(10):
            await bucket.spend(str(number), 100, RATE)
        left.append("".join(bucket._full))

    assert left == ["789", "0123456789"]


@pytest.mark.server
async def test_processes_share_buckets_in_redis(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy the machine is; else each would count for itself.
    monkeypatch.setattr(shared_redis, "TIMEOUT_SECONDS", 10.0)
    who, slow = unique("client"), Rate(per_second=10, burst=100)
    shared = [SharedRedis(redis_url) for _ in range(2)]
    buckets = [RedisRates(one) for one in shared]
    told = await asyncio.gather(*(buckets[n % 2].spend(who, 10, slow) for n in range(20)))

    assert sorted(told)[:10] == [0] * 10
    assert all(0 < wait <= 1_000 for wait in sorted(told)[10:])
    assert 9_000 < await shared[0].client.pttl(f"rate:{{{who}}}") <= 10_001
    owed = [await buckets[0].spend(who, 10, slow, is_owed=is_owed) for is_owed in (True, False)]
    assert 500 < owed[0] < owed[1] <= 2_000
    # Each with a bucket of its own, as without a Redis, lets all of them pass.
    alone = [MemoryRates() for _ in range(2)]
    assert [await alone[n % 2].spend(who, 10, slow) for n in range(20)] == [0] * 20
    # More at once than there are connections to Redis are counted there as well.
    await shared[0].client.delete(f"rate:{{{who}}}")
    told = await asyncio.gather(*(buckets[0].spend(who, 1, slow) for _ in range(200)))
    assert told.count(0) == 100
    await shared[0].client.delete(f"rate:{{{who}}}")
    for one in shared:
        await one.close()


async def test_each_process_counts_for_itself_while_redis_is_away() -> None:
    shared = SharedRedis(f"redis://127.0.0.1:{free_port()}")
    bucket = RedisRates(shared)
    told = [await bucket.spend("a", 60, Rate(per_second=1, burst=100)) for _ in range(2)]

    assert told[0] == 0
    assert 19_000 < told[1] <= 20_001
    await shared.close()
