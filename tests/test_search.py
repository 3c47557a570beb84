"""Searching the shop: the index finds, the relational store tells what is true now."""

from tests.shopping import HILL, LAMPS, Client

SEARCH = """
query ($query: String, $first: Int, $after: String, $filters: [SearchFilterInput!],
       $facets: [FacetInput!], $sort: ProductSort! = RELEVANCE) {
  search(query: $query, first: $first, after: $after, filters: $filters, facets: $facets,
         sort: $sort) {
    totalCount indexLagMs
    edges { cursor score node { slug isAvailable priceRange { min { amount } } } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
    facets { key label unit values { value label count isSelected min max } }
  }
}
"""


async def slugs(client: Client, **arguments: object) -> list[str]:
    found = (await client.ask(SEARCH, **{"first": 100, **arguments}))["search"]
    return [edge["node"]["slug"] for edge in found["edges"]]


async def test_words_find_products_in_both_languages(client: Client) -> None:
    assert await slugs(client, query="lamp 007") == ["lamp-7"]
    assert await slugs(client, query="绿茶") == ["tea"]
    assert await slugs(client, query="山茶 龙井") == ["tea"]
    assert await slugs(client, query="l7-s") == ["lamp-7"]
    assert await slugs(client, query="nothing at all") == []


async def test_price_and_stock_of_a_hit_come_from_the_database(client: Client) -> None:
    (edge,) = (await client.ask(SEARCH, query="lamp 010"))["search"]["edges"]

    assert edge["score"] > 0
    assert edge["node"] == {
        "slug": "lamp-10",
        "isAvailable": False,
        "priceRange": {"min": {"amount": "10.50"}},
    }


async def test_hits_follow_one_another_without_gap(client: Client) -> None:
    for sort in ("RELEVANCE", "NEWEST", "PRICE_ASC", "PRICE_DESC", "TITLE"):
        found: list[str] = []
        after, has_next = None, True
        while has_next:
            page = (await client.ask(SEARCH, query="lamp", first=40, after=after, sort=sort))[
                "search"
            ]
            found += [edge["node"]["slug"] for edge in page["edges"]]
            after, has_next = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

        assert page["totalCount"] == len(found) == len(set(found)) == LAMPS + 1, sort


async def test_search_without_words_holds_everything_on_sale(client: Client) -> None:
    page = (await client.ask(SEARCH, first=2, sort="PRICE_ASC"))["search"]

    assert [edge["node"]["slug"] for edge in page["edges"]] == ["lamp-1", "lamp-2"]
    assert (page["totalCount"], page["indexLagMs"]) == (LAMPS + 2, 0)


async def test_usual_facets_are_counted(client: Client) -> None:
    facets = (await client.ask(SEARCH, first=1))["search"]["facets"]
    category, brand, price = facets

    assert [(one["label"], one["count"]) for one in category["values"]] == [
        ("Lamps", LAMPS + 1),
        ("Desk lamps", LAMPS // 2),
        ("Floor lamps", LAMPS // 2),
        ("绿茶", 1),
        ("茶叶", 1),
    ]
    assert (category["key"], category["label"]) == ("category", "Category")
    assert [(one["value"], one["count"]) for one in brand["values"]] == [
        ("Helio", 34),
        ("Lumo", 34),
        ("Argand", 33),
        ("山茶", 1),
    ]
    assert (price["label"], price["unit"]) == ("Price", "EUR")
    assert sum(one["count"] for one in price["values"]) >= LAMPS


async def test_facet_leaves_its_own_filter_out_of_account(client: Client) -> None:
    filters = [
        {"key": "brand", "match": {"anyOf": ["Helio"]}},
        {"key": "category", "match": {"anyOf": ["desk-lamps"]}},
    ]
    facets = [{"key": "brand", "limit": 2}, {"key": "category"}]
    found = (await client.ask(SEARCH, filters=filters, facets=facets))["search"]
    brand, category = found["facets"]

    assert found["totalCount"] == 17
    assert [(one["value"], one["isSelected"]) for one in brand["values"]] == [
        ("Helio", True),
        ("Lumo", False),
    ]
    assert {(one["label"], one["count"]) for one in category["values"]} == {
        ("Lamps", 34),
        ("Desk lamps", 17),
        ("Floor lamps", 17),
    }


async def test_ranges_of_prices_are_in_whole_units(client: Client) -> None:
    ranges = [{"max": "10"}, {"min": "10", "max": "50.5"}, {"min": "50.505"}]
    filters = [{"key": "price", "match": {"range": {"max": "10"}}}]
    found = await client.ask(SEARCH, filters=filters, facets=[{"key": "price", "ranges": ranges}])
    (price,) = found["search"]["facets"]

    assert found["search"]["totalCount"] == 9
    assert [
        (one["label"], one["min"], one["max"], one["count"], one["isSelected"])
        for one in price["values"]
    ] == [
        ("≤ 10.00", None, "10.00", 9, True),
        ("10.00 - 50.50", "10.00", "50.50", 41, False),
        ("≥ 50.505", "50.505", None, 52, False),
    ]


async def test_specs_narrow_a_search(client: Client) -> None:
    filters = [
        {"key": "spec.weight", "match": {"range": {"min": "10", "max": "14"}}},
        {"key": "spec.dimmable", "match": {"isTrue": True}},
        {"key": "spec.includes", "match": {"anyOf": ["bulb"]}},
    ]
    facets = [{"key": "spec.colour"}, {"key": "spec.weight"}, {"key": "isAvailable"}]
    found = await client.ask(SEARCH, filters=filters, facets=facets, sort="PRICE_ASC")
    colour, weight, available = found["search"]["facets"]

    assert [edge["node"]["slug"] for edge in found["search"]["edges"]] == ["lamp-10", "lamp-12"]
    assert (colour["label"], colour["values"][0]["value"], colour["values"][0]["count"]) == (
        "Colour",
        "red",
        2,
    )
    assert (weight["label"], weight["unit"]) == ("Weight", "kg")
    assert [(one["label"], one["count"]) for one in available["values"]] == [("No", 1), ("Yes", 1)]


async def test_merchants_are_named_in_their_facet(client: Client) -> None:
    found = await client.ask(SEARCH, query="lamp", facets=[{"key": "merchant"}])
    (merchant,) = found["search"]["facets"]

    assert {(one["label"], one["count"]) for one in merchant["values"]} == {
        ("Harbour", 50),
        ("Hill", 51),
    }
    ids = {one["label"]: one["value"] for one in merchant["values"]}
    assert ids["Hill"] == await client.merchant_id(HILL)
    only = [{"key": "merchant", "match": {"anyOf": [ids["Hill"]]}}]
    assert (await client.ask(SEARCH, filters=only))["search"]["totalCount"] == 51


async def test_merchant_that_is_no_id_is_refused_where_it_stands(client: Client) -> None:
    only = [{"key": "merchant", "match": {"anyOf": ["17"]}}]
    (error,) = (await client.send(SEARCH, filters=only))["errors"]

    assert error["extensions"]["code"] == "INVALID"
    assert error["extensions"]["field"] == ["filters", "0", "match", "anyOf", "0"]


async def test_what_is_not_on_sale_is_found_by_nobody(client: Client) -> None:
    for user in (None, "mia", "ola"):
        found = await client.ask(SEARCH, user, query="drafted archived")
        assert found["search"]["edges"] == []
