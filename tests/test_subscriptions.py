"""Following orders and stock: each one is told of its own, once, and resumes where it was."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import func, select

from graph import nodes
from resolvers import feed
from resolvers.order_states import CHANGED, Step, status_event
from stores import order_events, outbox
from stores.errors import StoreUnavailable
from stores.orders import OrderStatus
from stores.outbox import Event
from stores.sql import ReadSession, WriteSession
from tests.buying import Buyer, by_sku
from tests.conftest import HOMES, _small
from tests.eventually import eventually
from tests.shopping import Client
from tests.sockets import STOCK, Ear, adjust, copied, listening, open_house

pytestmark = pytest.mark.slow

ORDERS = """subscription ($orderId: ID, $since: BigInt) {
  orderUpdated(orderId: $orderId, since: $since) {
    publishSequence toStatus order { number totals { total { amount } } } } }"""
House = tuple[Client, str]


@pytest.fixture(params=HOMES)
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, small_folder: Path
) -> AsyncGenerator[House]:
    """A small shop that listens on a port."""
    async with _small(request, tmp_path, small_folder) as chosen, open_house(chosen) as opened:
        yield opened


@pytest.fixture
async def embedded(tmp_path: Path, small_folder: Path) -> AsyncGenerator[House]:
    """The same in files alone."""
    async with open_house(copied(tmp_path, small_folder)) as opened:
        yield opened


def steps(told: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return number and status of what was told."""
    events = [one["orderUpdated"] for one in told]
    return [(event["order"]["number"], event["toStatus"]) for event in events]


def sequence(told: dict[str, Any]) -> str:
    found: str = told["orderUpdated"]["publishSequence"]
    return found


async def test_each_one_is_told_of_orders_that_are_its_own_and_of_no_other(house: House) -> None:
    client, address = house
    ann, bob = Buyer(client), Buyer(client, "bob")
    async with AsyncExitStack() as stack:
        ears: dict[str, Ear] = {}
        for name in ("ann", "bob", "mia", "moe", "ola"):
            ears[name] = await stack.enter_async_context(listening(address, client.token(name)))
            await ears[name].subscribe(ORDERS)
            await ears[name].subscribe("{ __typename }")
            # What is asked later is answered later: now it listens.
            assert [(await ears[name].next())["type"] for _ in range(2)] == ["next", "complete"]
        first = await ann.buy({"L3-S": 2})
        second = await bob.buy({"L2-S": 1})
        await ann.cancel(first)

        of_ann = [(first["number"], "PENDING_PAYMENT"), (first["number"], "CANCELLED")]
        of_bob = [(second["number"], "PENDING_PAYMENT")]
        everything = [of_ann[0], *of_bob, of_ann[1]]
        # L3 is Harbour's, where mia works, L2 is Hill's, where moe does.
        wanted = {"ann": of_ann, "bob": of_bob, "mia": of_ann, "moe": of_bob, "ola": everything}
        heard = {name: steps(await ears[name].told(len(wanted[name]))) for name in wanted}
        assert heard == wanted
        await asyncio.gather(*(ear.quiet() for ear in ears.values()))
        await refused_alike(ears["bob"], first["id"])
    async with listening(address) as ear:
        await ear.subscribe(ORDERS)
        assert (await ear.next())["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def refused_alike(ear: Ear, foreign: str) -> None:
    """A foreign order and one that does not exist are refused by the same words."""
    answers = []
    for id_ in (foreign, nodes.encode("Order", 1)):
        await ear.subscribe(ORDERS, "x", orderId=id_)
        answers.append(await ear.next())
    assert answers[0] == answers[1]
    assert [one["extensions"]["code"] for one in answers[0]["payload"]] == ["NOT_FOUND"]


async def test_whoever_was_cut_off_resumes_without_loss_or_doubling(house: House) -> None:
    client, address = house
    ann, token = Buyer(client), client.token("ann")
    async with listening(address, token) as ear:
        await ear.subscribe(ORDERS, since="0")
        first = await ann.buy({"L3-S": 1})
        (placed,) = await ear.told()
        ear.socket.transport.abort()
    second = await ann.buy({"L5-S": 1})
    await ann.cancel(second)
    await ann.cancel(first)
    async with listening(address, token) as ear:
        await ear.subscribe(ORDERS, since=sequence(placed))
        missed = await ear.told(3)
        # Another one of the same order alone, on the same connection.
        await ear.subscribe(ORDERS, "one", orderId=second["id"], since="0")
        of_second = await ear.told(2)
        await ear.quiet()
    assert steps(missed) == [
        (second["number"], "PENDING_PAYMENT"),
        (second["number"], "CANCELLED"),
        (first["number"], "CANCELLED"),
    ]
    assert of_second == missed[:2]
    async with listening(address, token) as ear:
        for wrong in ("999999", "-1"):
            await ear.subscribe(ORDERS, since=wrong)
            (error,) = (await ear.next())["payload"]
            assert (error["extensions"]["code"], error["extensions"]["field"]) == (
                "INVALID",
                ["since"],
            )


async def test_staff_is_told_each_change_of_its_stock(house: House) -> None:
    client, address = house
    async with (
        listening(address, client.token("mia")) as mia,
        listening(address, client.token("moe")) as moe,
        listening(address, client.token("ann")) as ann,
    ):
        variants = await by_sku(client, {"L3-S": 1, "L5-S": 1})
        ids = [nodes.encode("ProductVariant", one.id) for one in variants.values()]
        for ear in (mia, moe, ann):
            await ear.subscribe(STOCK, ids=ids)
        assert (await ann.next())["payload"][0]["extensions"]["code"] == "FORBIDDEN"
        await mia.subscribe(STOCK, ids=ids * 51)
        assert (await mia.next())["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        order = await Buyer(client).buy({"L3-S": 2, "L5-S": 1})
        assert sorted([each(one) for one in await mia.told(2)]) == [
            ("RESERVE", 1, 0),
            ("RESERVE", 2, 0),
        ]
        await adjust(client, ids[0])
        assert [each(one) for one in await mia.told()] == [("ADJUST", 0, 4)]
        await Buyer(client).cancel(order)
        assert sorted([each(one) for one in await mia.told(2)]) == [
            ("RELEASE", -2, 0),
            ("RELEASE", -1, 0),
        ]
        await asyncio.gather(mia.quiet(), moe.quiet())


def each(told: dict[str, Any]) -> tuple[str, int, int]:
    one = told["inventoryChanged"]
    return one["kind"], one["reservedDelta"], one["onHandDelta"]


@dataclass
class Late:
    """Two events of an order, made in one order and published in the other."""

    client: Client
    number: str
    ids: tuple[int, int]

    @classmethod
    async def of(cls, client: Client) -> Self:
        order = await Buyer(client).buy({"L3-S": 1})
        return cls(client, order["number"], (client.mall.ids.next(), client.mall.ids.next()))

    async def write(self, place: int) -> None:
        """Commit one of them; the second made comes first."""
        step = Step(OrderStatus.CANCELLED, None, self.client.mall.clock())
        id_, version = self.ids[place], 3 - place
        happened = status_event(self.number, version, step, id_)
        aggregate = f"Order:{self.number}"
        told = Event(id_, CHANGED, aggregate, version, {}, step.at)

        async def work(session: WriteSession) -> None:
            await order_events.append(session, happened)
            await outbox.append(session, told)

        await self.client.mall.stores.database.transact(work)


async def resumed(client: Client, address: str) -> list[int]:
    """Return which of two events are heard by somebody who was cut off between them."""
    late, token = await Late.of(client), client.token("ola")
    query = "subscription ($since: BigInt) { orderUpdated(since: $since) { id publishSequence } }"
    async with listening(address, token) as ear:
        await ear.subscribe(query)
        await ear.subscribe("{ __typename }")
        await ear.next()
        await ear.next()
        await late.write(1)
        (heard,) = await ear.told()
    await late.write(0)
    async with listening(address, token) as ear:
        await ear.subscribe(query, since=sequence(heard))
        try:
            found = [heard, await asyncio.wait_for(told_one(ear), 2)]
        except TimeoutError:
            found = [heard]
    ids = [nodes.decode(one["orderUpdated"]["id"])[1] for one in found]
    return [late.ids.index(id_) for id_ in ids]


async def told_one(ear: Ear) -> dict[str, Any]:
    (one,) = await ear.told()
    return one


async def test_event_that_was_made_early_and_committed_late_is_told(embedded: House) -> None:
    assert await resumed(*embedded) == [1, 0]


async def test_twin_that_resumes_by_ids_of_events_loses_it(
    embedded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = outbox.outbox.c

    async def by_id(session: ReadSession, sequence: int, limit: int) -> list[Event]:
        seen = select(func.max(columns.id)).where(columns.publish_sequence <= sequence)
        last = await session.row(int, seen) or 0
        found = select(*outbox._COLUMNS).where(
            columns.id > last, columns.publish_sequence.is_not(None)
        )
        return await session.rows(Event, found.order_by(columns.id).limit(limit))

    monkeypatch.setattr(outbox, "published_after", by_id)
    assert await resumed(*embedded) == [1]


async def test_event_that_cannot_be_told_at_once_is_told_later(
    embedded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = embedded
    failures, read = iter([True, True]), order_events.by_ids

    async def away(session: ReadSession, ids: Collection[int]) -> dict[int, Any]:
        if next(failures, False):
            raise StoreUnavailable("relational")
        return {**await read(session, ids)}

    order = await Buyer(client).buy({"L3-S": 1})
    monkeypatch.setattr(order_events, "by_ids", away)
    async with listening(address, client.token("ann")) as ear:
        await ear.subscribe(ORDERS, since="0")
        assert steps(await ear.told()) == [(order["number"], "PENDING_PAYMENT")]
        assert next(failures, None) is None
        await ear.quiet()


async def test_hundred_who_listen_read_the_feed_once(
    embedded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = embedded
    # The relay reads for its own consumers by the same function, with a limit of its own.
    reads, read, mine = [0], outbox.published_after, 499
    monkeypatch.setattr(feed, "BATCH", mine)

    async def counted(session: ReadSession, sequence: int, limit: int) -> list[Event]:
        reads[0] += limit == mine
        return await read(session, sequence, limit)

    monkeypatch.setattr(outbox, "published_after", counted)
    order = await Buyer(client).buy({"L3-S": 1})
    async with AsyncExitStack() as stack:
        ears = [
            await stack.enter_async_context(listening(address, client.token("ann")))
            for _ in range(5)
        ]
        for ear in ears:
            for _ in range(20):
                await ear.subscribe(ORDERS, orderId=order["id"])
        await eventually(listeners(client), 100)
        # While nothing happens, nobody is woken.
        await asyncio.sleep(2 * feed.POLL_SECONDS)
        waited_for, reads[0] = client.mall.feed._news, 0
        await asyncio.sleep(3 * feed.POLL_SECONDS)
        assert reads[0] > 0
        assert client.mall.feed._news is waited_for
        began, reads[0] = time.monotonic(), 0
        await Buyer(client).cancel(order)
        heard = [steps(await ear.told(20)) for ear in ears]
        allowed = (time.monotonic() - began) / feed.POLL_SECONDS + 2
    assert heard == [[(order["number"], "CANCELLED")] * 20] * 5
    assert 0 < reads[0] <= allowed
    # Nobody listens: nothing is read.
    await eventually(listeners(client), 0)
    await asyncio.sleep(2 * feed.POLL_SECONDS)
    seen = reads[0]
    await asyncio.sleep(3 * feed.POLL_SECONDS)
    assert reads[0] == seen


async def test_who_is_far_behind_reads_the_store_and_misses_nothing(
    embedded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = embedded
    monkeypatch.setattr(feed, "RECENT", 3)
    monkeypatch.setattr(feed, "BATCH", 4)
    buyer = Buyer(client)
    orders = [await buyer.buy({"L5-S": 1}) for _ in range(3)]
    async with listening(address, client.token("ann")) as ear:
        await ear.subscribe(ORDERS, "far", since="0")
        await ear.told(3)
        for order in orders:
            await buyer.cancel(order)
        live = steps(await ear.told(3))
        await ear.send(type="complete", id="far")
        await ear.subscribe(ORDERS, since="0")
        again = steps(await ear.told(6))
        await ear.quiet()
    assert again[3:] == live == [(order["number"], "CANCELLED") for order in orders]


def listeners(client: Client) -> Callable[[], Awaitable[int]]:
    async def look() -> int:
        return client.mall.feed.listeners

    return look
