"""Stock kept for orders: who sees it, how it is given back, and that nothing of it is lost."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from graph import nodes
from jobs import expiry
from jobs.verify import verify
from stores import reservations as reservations_store
from stores.inventory_levels import inventory_levels
from stores.orders import orders
from stores.reservations import HELD, reservations
from tests.buying import Buyer, key, stock
from tests.shopping import HILL, Client
from tests.stock_room import StockRoom

LIST = """query ($first: Int, $after: String, $variantId: ID, $number: String,
                $state: ReservationState) {
  reservations(first: $first, after: $after, variantId: $variantId, orderNumber: $number,
               state: $state) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id orderNumber quantity state expiresAt variant { sku }
      warehouse { merchant { name } } } } }"""
RELEASE = """mutation ($key: ID!, $input: ReleaseReservationInput!) {
  releaseReservation(idempotencyKey: $key, input: $input) {
    reservation { id state expiresAt } isReplay userErrors { code field message } } }"""
NODE = "query ($id: ID!) { node(id: $id) { ... on Reservation { orderNumber } } }"


async def listed(shop: Client, user: str = "ola", **asked: Any) -> list[dict[str, Any]]:
    found = (await shop.ask(LIST, user, **asked))["reservations"]
    nodes_: list[dict[str, Any]] = found["nodes"]
    return nodes_


async def release(shop: Client, id_: str, user: str = "ola", used: str | None = None) -> Any:
    input_ = {"reservationId": id_, "reason": "Nobody pays."}
    answer = await shop.ask(RELEASE, user, key=used or key(), input=input_)
    return answer["releaseReservation"]


def codes(payload: Any) -> list[Any]:
    return [(one["code"], one["field"]) for one in payload["userErrors"]]


async def status(shop: Client, number: str) -> Any:
    query = """query ($n: String!) { order(number: $n) { status
      events { toStatus note actor { id } } } }"""
    return (await shop.ask(query, "ola", n=number))["order"]


async def test_reservations_are_listed_to_whose_stock_it_is(shop: Client) -> None:
    ann = Buyer(shop)
    both = await ann.buy({"L2-S": 2, "L3-S": 1})
    own = await ann.buy({"L4-S": 1})
    seen = {user: await listed(shop, user) for user in ("ola", "mia", "moe")}

    hill = {(one["orderNumber"], one["variant"]["sku"]) for one in seen["moe"]}
    assert hill == {(both["number"], "L2-S"), (own["number"], "L4-S")}
    assert [one["variant"]["sku"] for one in seen["mia"]] == ["L3-S"]
    (lamp,) = [one for one in seen["moe"] if one["variant"]["sku"] == "L2-S"]
    assert (lamp["quantity"], lamp["state"], lamp["warehouse"]) == (
        2,
        "ACTIVE",
        {"merchant": {"name": HILL}},
    )
    assert lamp["expiresAt"] is not None
    assert sorted(one["id"] for one in seen["ola"]) == sorted(
        one["id"] for one in seen["mia"] + seen["moe"]
    )
    foreign = await shop.ask(NODE, "mia", id=lamp["id"])
    assert (foreign["node"], (await shop.ask(NODE, "moe", id=lamp["id"]))["node"]) == (
        None,
        {"orderNumber": both["number"]},
    )
    assert await _filtered(shop, lamp["id"], own["number"]) == [["L2-S"], ["L4-S"], 3, 0]
    pages = await _paged(shop)
    assert pages == [one["id"] for one in seen["ola"]]


async def _filtered(shop: Client, of: str, number: str) -> list[Any]:
    query = "query ($id: ID!) { node(id: $id) { ... on Reservation { variant { id } } } }"
    variant = (await shop.ask(query, "ola", id=of))["node"]["variant"]["id"]
    return [
        [one["variant"]["sku"] for one in await listed(shop, variantId=variant)],
        [one["variant"]["sku"] for one in await listed(shop, number=number)],
        len(await listed(shop, state="ACTIVE")),
        len(await listed(shop, state="RELEASED")),
    ]


async def _paged(shop: Client) -> list[str]:
    seen, after = [], None
    while True:
        page = (await shop.ask(LIST, "ola", first=2, after=after))["reservations"]
        assert page["totalCount"] == 3
        seen += [one["id"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return seen


async def test_release_ends_the_unpaid_order_and_gives_all_of_it_back_once(shop: Client) -> None:
    ann = Buyer(shop)
    before = [await stock(shop, sku) for sku in ("L2-S", "L4-S")]
    order = await ann.buy({"L2-S": 1, "L4-S": 2})
    (kept, other) = await listed(shop, "moe", number=order["number"])
    done = await release(shop, kept["id"], "moe", "k1")
    replay = await release(shop, kept["id"], "moe", "k1")
    again = [await release(shop, one["id"], "moe") for one in (kept, other)]
    moe = (await shop.ask("{ me { id } }", "moe"))["me"]

    assert done == {
        "reservation": {"id": kept["id"], "state": "RELEASED", "expiresAt": None},
        "isReplay": False,
        "userErrors": [],
    }
    assert replay == {**done, "isReplay": True}
    assert [codes(one) for one in again] == [[("TRANSITION_FORBIDDEN", None)]] * 2
    assert [await stock(shop, sku) for sku in ("L2-S", "L4-S")] == before
    told = await status(shop, order["number"])
    assert (told["status"], told["events"][-1]) == (
        "CANCELLED",
        {"toStatus": "CANCELLED", "note": "Nobody pays.", "actor": moe},
    )
    assert (await verify(shop.mall)).differences == []


async def test_release_is_refused_to_whom_it_is_not(shop: Client) -> None:
    ann = Buyer(shop)
    both = await ann.buy({"L2-S": 1, "L3-S": 1})
    found = {one["variant"]["sku"]: one["id"] for one in await listed(shop, number=both["number"])}
    missing = nodes.encode("Reservation", 7)
    told = {
        "shared": codes(await release(shop, found["L2-S"], "moe")),
        "foreign": codes(await release(shop, found["L2-S"], "mia")),
        "missing": codes(await release(shop, missing, "mia")),
    }

    assert told == {
        "shared": [("FORBIDDEN", None)],
        "foreign": [("NOT_FOUND", ["reservationId"])],
        "missing": [("NOT_FOUND", ["reservationId"])],
    }
    assert (await status(shop, both["number"]))["status"] == "PENDING_PAYMENT"
    assert codes(await release(shop, found["L2-S"])) == []


class Walk:
    """Anything that happens to stock, in any order."""

    def __init__(self, room: StockRoom, seed: int) -> None:
        self.room, self.shop, self.dice = room, room.shop, random.Random(seed)
        self.buyer = Buyer(room.shop)
        self.open: list[dict[str, Any]] = []

    async def go(self, steps: int) -> list[str]:
        """Take some steps; return what is wrong after each."""
        ways = [self.add, self.count, self.move, self.buy, self.cancel, self.free, self.wait]
        weights = [3, 2, 3, 4, 1, 1, 1]
        wrong = []
        await self.room.done("begin", self.room.change(20))
        for step in range(steps):
            (way,) = self.dice.choices(ways, weights)
            await way(f"walk-{step}")
            wrong += [f"{way.__name__}: {one}" for one in await self.differences()]
        return wrong

    async def add(self, used: str) -> None:
        units = self.dice.choice([-9, -2, 1, 5])
        await self.room.adjust(used, self.room.change(units, where=self._where()))

    async def count(self, used: str) -> None:
        where = self._where()
        levels = (await self.room.levels(filter={"query": "L1-S", "warehouseId": where}))["nodes"]
        version = {"version": levels[0]["version"]} if levels else {}
        counted = self.room.change(where=where, onHand={"setTo": self.dice.randrange(25)})
        await self.room.adjust(used, counted | version, kind="COUNT")

    async def move(self, used: str) -> None:
        units = self.dice.randrange(1, 9)
        ends = [self.room.main, self.room.yard]
        self.dice.shuffle(ends)
        changes = [self.room.change(-units, where=ends[0]), self.room.change(units, where=ends[1])]
        await self.room.adjust(used, *changes, kind="TRANSFER")

    async def buy(self, _used: str) -> None:
        await self.buyer.fill({"L1-S": self.dice.randrange(1, 6)})
        await self.buyer.begin()
        placed = await self.buyer.place()
        if placed["userErrors"]:
            query = """mutation ($key: ID!, $ids: [CartLineUpdateInput!]!) { updateCart(
              idempotencyKey: $key, input: {lines: $ids}) { userErrors { code } } }"""
            lines = (await self.shop.ask("{ cart { lines { id } } }", "ann"))["cart"]["lines"]
            gone = [{"lineId": one["id"], "quantity": 0} for one in lines]
            await self.shop.ask(query, "ann", key=key(), ids=gone)
        else:
            self.open.append(placed["order"])

    async def cancel(self, used: str) -> None:
        if self.open:
            await self.buyer.cancel(self.open.pop(), used)

    async def free(self, _used: str) -> None:
        if self.open:
            number = self.open.pop(0)["number"]
            (kept,) = await listed(self.shop, "mia", number=number)
            assert codes(await release(self.shop, kept["id"], "mia")) == []

    async def wait(self, _used: str) -> None:
        if self.open:
            number = self.open.pop()["number"]
            late = self.shop.mall.clock() - timedelta(seconds=1)
            its = update(orders).where(orders.c.number == number).values(expires_at=late)
            await self.shop.mall.stores.database.transact(lambda session: session.update(its))
            await expiry.expire(self.shop.mall)

    def _where(self) -> str:
        return self.dice.choice([self.room.main, self.room.yard])

    async def differences(self) -> list[str]:
        """Return the levels where on hand is not what is available and what is held."""
        held: dict[Any, Any] = dict(await self._rows(_HELD))
        wrong = []
        for id_, on_hand, reserved in await self._rows(_LEVELS):
            if reserved != held.get(id_, 0) or on_hand < reserved:
                wrong.append(f"{id_} has {on_hand}, keeps {reserved}, holds {held.get(id_, 0)}")
        found = (await self.shop.ask(_SHOWN, "mia"))["inventoryLevels"]["nodes"]
        told = [(one, held.get(nodes.decode(one["id"])[1], 0)) for one in found]
        wrong += [f"{one}, {n} held" for one, n in told if one["onHand"] != one["available"] + n]
        return wrong if found else ["no level is shown"]

    async def _rows(self, statement: Any) -> list[Any]:
        async with self.shop.mall.stores.database.read(fresh=True) as session:
            return await session.rows(lambda *row: tuple(map(int, row)), statement)


_SHOWN = "{ inventoryLevels(first: 100) { nodes { id onHand reserved available } } }"
_LEVELS = select(inventory_levels.c.id, inventory_levels.c.on_hand, inventory_levels.c.reserved)
_HELD = (
    select(reservations.c.level_id, func.sum(reservations.c.quantity))
    .where(reservations.c.state.in_([state.value for state in HELD]))
    .group_by(reservations.c.level_id)
)


@pytest.mark.slow
async def test_on_hand_is_what_is_available_and_what_is_held_whatever_happens(
    room: StockRoom,
) -> None:
    walk = Walk(room, seed=4)

    assert await walk.go(60) == []
    # It adds the log up, too.
    assert (await verify(room.shop.mall)).differences == []
    met = {one["kind"] for one in (await room.log(first=100))["nodes"]}
    ends = {one["state"] for one in await listed(room.shop, first=100)}
    assert met == {"ADJUST", "COUNT", "TRANSFER", "RESERVE", "RELEASE", "RECEIVE"}
    assert ends == {"ACTIVE", "RELEASED", "EXPIRED"}


@pytest.mark.slow
@pytest.mark.parametrize("shop", ["embedded"], indirect=True)
async def test_twin_that_gives_nothing_back_is_found(
    room: StockRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_told: object) -> None:
        return None

    monkeypatch.setattr(reservations_store, "give_back", nothing)
    assert await Walk(room, seed=4).go(60) != []
