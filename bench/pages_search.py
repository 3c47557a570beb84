"""What the other servers ask the index on the search page.

How words are read is the shop's own: they get its question ready made, so that they find the same
in the same order. What they count is what somebody would count who writes for this page only.
"""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import orjson
from pages_documents import PRICE_BORDERS

from stores.readings import readings
from stores.search import FacetRequest, Range, SearchQuery
from stores.search_elastic_facets import aggregation, ranges
from stores.search_elastic_query import Question

VARIABLE = "PEER_SEARCH"
_SIZE = 20


def question(words: str) -> str:
    """Return the question as JSON: `preference`, and the `body` of the request."""
    asked = Question(SearchQuery(words, limit=_SIZE), readings(words)[0]).arguments()
    names = ("query", "sort", "size", "track_scores", "track_total_hits")
    body = {name: asked[name] for name in names} | {"_source": False, "aggs": _counts()}
    return orjson.dumps({"preference": asked["preference"], "body": body}).decode()


def _counts() -> dict[str, Any]:
    plain = {key: aggregation(FacetRequest(key))["texts"] for key in ("category", "brand")}
    ends = pairwise(PRICE_BORDERS)
    in_minor = tuple(Range(Decimal(low * 100), Decimal(high * 100 - 1)) for low, high in ends)
    return plain | ranges(FacetRequest("price", ranges=in_minor))
