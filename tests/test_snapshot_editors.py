"""A page of an old order tells staff whose edit made it."""

from typing import Any

from tests.buying import Buyer
from tests.product_writing import done, read, update
from tests.shopping import Client
from tests.statements import of_a_request, told

PAGES = """query ($number: String!) { order(number: $number) {
  lines { snapshot { title revision changedBy { id } } } } }"""
ME = "{ me { id } }"


async def _pages(shop: Client, user: str, number: str) -> set[tuple[Any, ...]]:
    """Return title, revision and editor of the page of each line."""
    lines = (await shop.ask(PAGES, user, number=number))["order"]["lines"]
    pages = [line["snapshot"] for line in lines]
    return {
        (page["title"], page["revision"], page["changedBy"] and page["changedBy"]["id"])
        for page in pages
    }


async def _asked(shop: Client, number: str) -> int:
    """Return how many statements tell the owner of the pages of an order."""
    seen: list[str] = []
    with told(lambda one: seen.append(one) if of_a_request() else None):
        await _pages(shop, "ola", number)
    return len(seen)


async def test_page_tells_staff_whose_edit_made_it(shop: Client) -> None:
    ola, mia = [(await shop.ask(ME, name))["me"]["id"] for name in ("ola", "mia")]
    brass = done(await update(shop, await read(shop, "lamp-5"), "ola", title="Brass lamp"))
    # That changes nothing: it makes no revision, and the page is still the owner's.
    done(await update(shop, brass, "mia", title="Brass lamp"))
    done(await update(shop, await read(shop, "lamp-3"), "mia", title="Iron lamp"))
    number = (await Buyer(shop).buy({"L5-S": 1, "L3-S": 1, "L2-S": 1}))["number"]
    other = (await Buyer(shop).buy({"L5-S": 1}))["number"]
    hidden = await shop.send(PAGES, "ann", number=number)

    imported = ("Lamp 002", 1, None)
    edited = {("Brass lamp", 2, ola), ("Iron lamp", 2, mia)}
    assert await _pages(shop, "ola", number) == {imported, *edited}
    # A merchant sees its own lines, and is not told of the owner.
    assert await _pages(shop, "mia", number) == {("Brass lamp", 2, None), ("Iron lamp", 2, mia)}
    assert {one["extensions"]["code"] for one in hidden["errors"]} == {"FORBIDDEN"}
    lines = hidden["data"]["order"]["lines"]
    assert [line["snapshot"]["changedBy"] for line in lines] == [None] * 3
    assert await _asked(shop, number) == await _asked(shop, other)
