"""What is another shopper's looks like what is not there, wherever an ID can be sent."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from stores.promotions import Promotion
from tests.foreign import Pair, Scene, scene
from tests.shopping import Client
from tests.statements import of_a_request, told

# Rights are checked above the stores, and are those of every home.
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("shop", ["embedded"], indirect=True)]


async def test_what_is_anothers_looks_like_what_is_not_there(shop: Client) -> None:
    found, wrong = await scene(shop), []
    for one in found.pairs:
        nothing = await found.answer(one.place, one.missing)
        answers = [await found.answer(one.place, id_) for id_ in one.foreign]
        wrong += [(one, told, nothing) for told in answers if told != nothing]

    assert wrong == []
    assert len({one.place for one in found.pairs}) > 30
    assert len({one.kind for one in found.pairs}) > 20


async def statements(found: Scene, one: Pair, id_: str) -> Counter[str]:
    """Return the statements that an answer takes, once all is known that is kept in memory."""
    seen: Counter[str] = Counter()

    def record(text: str) -> None:
        # Who asks is read again every few seconds.
        if of_a_request() and "users.subject = " not in text:
            seen[text] += 1

    await found.answer(one.place, id_)
    with told(record):
        await found.answer(one.place, id_)
    return seen


async def unlike(
    found: Scene, pairs: Sequence[Pair]
) -> list[tuple[Pair, Counter[str], Counter[str]]]:
    """Return the pairs of which one takes other statements than the other, and which."""
    wrong = []
    for one in pairs:
        nothing = await statements(found, one, one.missing)
        for id_ in one.foreign:
            foreign = await statements(found, one, id_)
            if foreign != nothing:
                wrong.append((one, foreign - nothing, nothing - foreign))
    return wrong


async def test_what_is_anothers_takes_the_statements_of_what_is_not_there(shop: Client) -> None:
    found = await scene(shop)
    assert await unlike(found, found.pairs) == []


async def test_twin_that_does_not_ask_for_owners_of_what_is_missing_tells_it(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(rows: Sequence[Any], of: Callable[[Any], Any]) -> list[Any]:
        return [of(row) for row in rows if row]

    monkeypatch.setattr("resolvers.products.ids_of", known)
    monkeypatch.setattr("resolvers.payments.ids_of", known)
    found = await scene(shop)
    nodes = [one for one in found.pairs if one.place.field == "node"]
    told = {one.kind for one, _, _ in await unlike(found, nodes)}
    assert told == {"ProductVariant", "PaymentEvent"}


async def test_draft_of_a_promotion_is_not_even_read(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read its terms would take longer than to find nothing."""
    found, read = await scene(shop), list[int]()
    of = Promotion.of

    def counted(*columns: Any) -> Promotion:
        read.append(columns[0])
        return of(*columns)

    monkeypatch.setattr(Promotion, "of", counted)
    one = next(one for one in found.pairs if one.place.field == one.kind.lower() == "promotion")
    for user in ("bob", "ola"):
        query = "query ($id: ID!) { promotion(id: $id) { name } }"
        told = await shop.ask(query, user, id=one.foreign[0])
        # The twin is the owner, who sees it.
        assert (bool(told["promotion"]), bool(read)) == (user == "ola",) * 2


async def test_twin_that_asks_for_no_owner_shows_orders_of_others(
    shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await scene(shop)
    (one,) = [one for one in found.pairs if one.place.field == "node" and one.kind == "Order"]
    hidden = await found.answer(one.place, one.foreign[0])
    monkeypatch.setattr("resolvers.orders.may_see", lambda *_: True)

    assert await found.answer(one.place, one.foreign[0]) != hidden
