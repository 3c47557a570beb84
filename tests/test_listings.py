"""Lists of products: pages, sorts, filters, and who sees what in them."""

import json
from base64 import urlsafe_b64decode

import pytest

from tests.shopping import HARBOUR, HILL, LAMPS, Client

PAGE = """
query ($first: Int, $after: String, $last: Int, $before: String, $filter: ProductFilterInput,
       $sort: ProductSort! = NEWEST) {
  products(first: $first, after: $after, last: $last, before: $before, filter: $filter,
           sort: $sort) {
    edges { cursor node { slug } }
    nodes { slug }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""
ON_SALE = LAMPS + 2
LAMP_SLUGS = [f"lamp-{number}" for number in range(1, LAMPS + 1)]
ORDERS = {
    "NEWEST": ["twin", "tea", *LAMP_SLUGS[::-1]],
    "RELEVANCE": ["twin", "tea", *LAMP_SLUGS[::-1]],
    "PRICE_ASC": [*LAMP_SLUGS, "tea", "twin"],
    "PRICE_DESC": ["twin", "tea", *LAMP_SLUGS[::-1]],
    "TITLE": [*LAMP_SLUGS, "twin", "tea"],
}


async def slugs(client: Client, user: str | None = None, /, **arguments: object) -> list[str]:
    """Return the slugs of the first 100 that meet a filter."""
    page = (await client.ask(PAGE, user, **{"first": 100, **arguments}))["products"]
    return [node["slug"] for node in page["nodes"]]


@pytest.mark.parametrize("sort", ORDERS)
async def test_pages_follow_one_another_without_gap(client: Client, sort: str) -> None:
    found: list[str] = []
    after, has_next = None, True
    while has_next:
        page = (await client.ask(PAGE, first=30, after=after, sort=sort))["products"]
        found += [node["slug"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert found == ORDERS[sort]


@pytest.mark.parametrize("sort", ORDERS)
async def test_pages_go_backwards_in_the_same_order(client: Client, sort: str) -> None:
    found: list[str] = []
    before, has_previous = None, True
    while has_previous:
        page = (await client.ask(PAGE, last=30, before=before, sort=sort))["products"]
        found = [node["slug"] for node in page["nodes"]] + found
        assert page["pageInfo"]["hasNextPage"] is (before is not None)
        before, has_previous = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]

    assert found == ORDERS[sort]


async def test_page_between_two_cursors(client: Client) -> None:
    whole = (await client.ask(PAGE, first=10, sort="TITLE"))["products"]["edges"]
    between = {"after": whole[2]["cursor"], "before": whole[6]["cursor"], "sort": "TITLE"}

    assert await slugs(client, **between) == LAMP_SLUGS[3:6]


async def test_page_has_twenty_items_if_nothing_is_said(client: Client) -> None:
    page = (await client.ask(PAGE, sort="TITLE"))["products"]

    assert [edge["node"]["slug"] for edge in page["edges"]] == LAMP_SLUGS[:20]
    assert page["totalCount"] == ON_SALE


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"query": "lamp 007"}, ["lamp-7"]),
        ({"query": "LÀMP 7"}, []),
        ({"query": "007"}, ["lamp-7"]),
        ({"query": "L99-"}, ["lamp-99"]),
        ({"query": "龙井"}, ["tea"]),
        ({"query": "nothing"}, []),
        ({"query": "%"}, []),
        ({"categorySlug": "绿茶"}, ["tea"]),
        ({"categorySlug": "茶叶"}, ["tea"]),
        ({"categorySlug": "no-such-shelf"}, []),
        ({"brands": ["山茶"]}, ["tea"]),
        ({"brands": []}, []),
        ({"brands": ["lumo"]}, []),
        ({"price": {"min": "2.50", "max": "3.5"}}, ["lamp-2", "lamp-3"]),
        ({"price": {"max": "1.499"}}, []),
        ({"price": {"min": "299.999"}}, ["tea", "twin"]),
        ({"updatedAt": {"start": "2100-01-01T00:00:00Z"}}, []),
        ({"statuses": ["ACTIVE"], "query": "tea"}, []),
    ],
)
async def test_filter_finds_exactly_what_meets_it(
    client: Client, wanted: dict[str, object], found: list[str]
) -> None:
    assert await slugs(client, filter=wanted, sort="PRICE_ASC") == found


async def test_filters_are_met_together(client: Client) -> None:
    wanted = {
        "categorySlug": "lamps",
        "brands": ["Helio", "Argand"],
        "merchantId": await client.merchant_id(HARBOUR),
        "isAvailable": True,
        "price": {"max": "9.5"},
    }

    assert await slugs(client, filter=wanted, sort="PRICE_ASC") == ["lamp-1", "lamp-5", "lamp-7"]


async def test_sold_out_products_can_be_listed(client: Client) -> None:
    found = await slugs(client, filter={"isAvailable": False}, sort="PRICE_ASC")

    assert found == LAMP_SLUGS[9::10]


async def test_category_holds_what_lies_below(client: Client) -> None:
    shown = await client.ask(
        """{ categories { slug position products(first: 2, sort: TITLE) {
               totalCount nodes { slug } } children { slug products { totalCount } } } }"""
    )

    assert shown["categories"] == [
        {
            "slug": "lamps",
            "position": 0,
            "products": {
                "totalCount": LAMPS + 1,
                "nodes": [{"slug": "lamp-1"}, {"slug": "lamp-2"}],
            },
            "children": [
                {"slug": "desk-lamps", "products": {"totalCount": LAMPS // 2}},
                {"slug": "floor-lamps", "products": {"totalCount": LAMPS // 2}},
            ],
        },
        {
            "slug": "茶叶",
            "position": 1,
            "products": {"totalCount": 1, "nodes": [{"slug": "tea"}]},
            "children": [{"slug": "绿茶", "products": {"totalCount": 1}}],
        },
    ]


async def test_category_pages_go_on_and_back(client: Client) -> None:
    query = """query ($first: Int, $after: String, $last: Int, $before: String) {
      category(slug: "desk-lamps") {
        products(first: $first, after: $after, last: $last, before: $before, sort: TITLE) {
          nodes { slug } pageInfo { startCursor endCursor } } } }"""
    first = (await client.ask(query, first=2))["category"]["products"]
    second = await client.ask(query, first=2, after=first["pageInfo"]["endCursor"])
    page = second["category"]["products"]
    back = await client.ask(query, last=2, before=page["pageInfo"]["startCursor"])

    assert [one["slug"] for one in page["nodes"]] == ["lamp-5", "lamp-7"]
    assert back["category"]["products"]["nodes"] == first["nodes"]


async def test_list_inside_a_category_can_be_narrowed_to_another(client: Client) -> None:
    query = """{ category(slug: "lamps") {
      products(filter: {categorySlug: "floor-lamps"}, sort: TITLE, first: 2) {
        totalCount nodes { slug } } } }"""

    shown = (await client.ask(query))["category"]["products"]
    assert shown == {"totalCount": LAMPS // 2, "nodes": [{"slug": "lamp-2"}, {"slug": "lamp-4"}]}


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        (None, {"lamp-1"}),
        ("ann", {"lamp-1"}),
        ("mia", {"lamp-1", "draft-lamp"}),
        ("moe", {"lamp-1", "old-lamp"}),
        ("ola", {"lamp-1", "draft-lamp", "old-lamp"}),
    ],
)
async def test_everybody_lists_what_they_may_see(
    client: Client, user: str | None, seen: set[str]
) -> None:
    found = await slugs(client, user, filter={"query": "lamp", "categorySlug": "lamps"})

    assert set(found) & {"lamp-1", "draft-lamp", "old-lamp"} == seen - (
        {"lamp-1"} if len(found) == 100 and "lamp-1" not in found else set()
    )


async def test_staff_choose_a_status(client: Client) -> None:
    assert await slugs(client, "ola", filter={"statuses": ["DRAFT", "ARCHIVED"]}) == [
        "old-lamp",
        "draft-lamp",
    ]
    assert await slugs(client, "moe", filter={"statuses": ["DRAFT", "ARCHIVED"]}) == ["old-lamp"]
    assert await slugs(client, "ola", filter={"statuses": []}) == []


async def test_merchant_filter_finds_its_goods_only(client: Client) -> None:
    found = await slugs(client, filter={"merchantId": await client.merchant_id(HILL)})

    assert set(found) == {"twin", *LAMP_SLUGS[1::2]}


async def test_cursor_tells_nothing_but_its_list_and_place(client: Client) -> None:
    page = (await client.ask(PAGE, first=1, sort="TITLE"))["products"]
    cursor = page["edges"][0]["cursor"]
    values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))

    assert values[1:] == ["lamp 001", await client.product_key("lamp-1")]
