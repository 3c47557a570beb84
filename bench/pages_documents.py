"""The pages that are measured: what each asks GraphQL for, and where the hand-written one is."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import orjson

_MONEY = "{ amount currencyCode }"
_VALUE = (
    "value { __typename ... on SpecText { text } ... on SpecNumber { number } "
    "... on SpecBoolean { isTrue } ... on SpecList { items } }"
)

LIST = f"""query List($first: Int!) {{
  products(first: $first) {{
    nodes {{
      id title slug isAvailable
      priceRange {{ min {_MONEY} max {_MONEY} }}
      category {{ name }}
      media {{ url alt }}
      specs {{ key {_VALUE} }}
    }}
    pageInfo {{ hasNextPage }}
  }}
}}"""

PRODUCT = f"""query Product($slug: String!) {{
  product(by: {{ slug: $slug }}) {{
    id slug title subtitle description brand isAvailable
    priceRange {{ min {_MONEY} max {_MONEY} }}
    media {{ url alt width height }}
    category {{ slug name parent {{ slug name }} }}
    merchant {{ name }}
    options {{ name values }}
    variants {{
      id sku title availableQuantity
      options {{ name value }}
      price {_MONEY}
      compareAtPrice {_MONEY}
    }}
    specs {{ key label group unit {_VALUE} }}
  }}
}}"""

SEARCH = f"""query Search($query: String!, $facets: [FacetInput!]!) {{
  search(query: $query, first: 20, facets: $facets) {{
    totalCount
    nodes {{
      id title slug isAvailable
      priceRange {{ min {_MONEY} }}
      category {{ name }}
      media {{ url alt }}
    }}
    facets {{ key label unit values {{ value label count isSelected min max }} }}
  }}
}}"""

CART = f"""query Cart($token: String!) {{
  cart(cartToken: $token) {{
    id version itemCount
    lines {{
      id quantity isSelected
      priceWhenAdded {_MONEY}
      unitPrice {_MONEY}
      total {_MONEY}
      variant {{
        id sku title availableQuantity
        product {{ title slug media {{ url alt }} }}
      }}
    }}
    totals {{ subtotal {_MONEY} discount {_MONEY} tax {_MONEY} total {_MONEY} }}
  }}
}}"""

NESTED = f"""query Nested($slug: String!) {{
  category(slug: $slug) {{
    name
    products(first: 10) {{
      nodes {{
        id title slug
        variants {{ id sku title isAvailable availableQuantity price {_MONEY} }}
      }}
    }}
  }}
}}"""

#: What the bars of prices of the search page hold, in whole units.
PRICE_BORDERS = (0, 25, 50, 100, 250, 1_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its document with variables, and the path that answers the same by hand."""

    name: str
    document: str
    variables: Mapping[str, Any]
    path: str

    def body(self) -> bytes:
        """Return the body of a GraphQL request."""
        return orjson.dumps({"query": self.document, "variables": self.variables})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the catalogue the pages are about."""

    product_slug: str
    category_slug: str
    words: str
    cart_token: str


def pages(wanted: Wanted) -> dict[str, Page]:
    """Return all pages by name."""
    product, category = quote(wanted.product_slug), quote(wanted.category_slug)
    token = wanted.cart_token
    asked = {"query": wanted.words, "facets": facets()}
    found = [
        Page("list20", LIST, {"first": 20}, "/list?first=20"),
        Page("list100", LIST, {"first": 100}, "/list?first=100"),
        Page("product", PRODUCT, {"slug": wanted.product_slug}, f"/product/{product}"),
        Page("search", SEARCH, asked, "/search"),
        Page("cart", CART, {"token": token}, f"/cart?token={token}"),
        Page("nested", NESTED, {"slug": wanted.category_slug}, f"/category/{category}"),
    ]
    return {page.name: page for page in found}


NAMES = ("list20", "list100", "product", "search", "cart", "nested")


def facets() -> list[dict[str, Any]]:
    """Return the facets of the search page; each is counted by one question to the index."""
    ends = pairwise(PRICE_BORDERS)
    ranges = [{"min": str(low), "max": f"{high - 1}.99"} for low, high in ends]
    return [{"key": "category"}, {"key": "brand"}, {"key": "price", "ranges": ranges}]
