"""Lists of orders, of the whole shop and of each customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

import strawberry

import resolvers.order_lists
from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_enum, gql_input, gql_type, query
from graph.directives import ListSize
from graph.merchants import MERCHANT
from graph.optional import given
from graph.orders import Order
from graph.pages import Cursors, PageInfo, Place, filled
from graph.ranges import DateTimeRangeInput
from graph.users import USER, User
from resolvers.context import EVERYONE, STAFF, Context
from resolvers.orders import SeenOrder
from resolvers.pages import Page
from stores import order_lists
from stores.errors import Invalid, ShopError
from stores.keyset import Window
from stores.order_lists import EVERYBODY, OrderFilter, OrderSort
from stores.orders import OrderStatus, PaymentStatus

E = TypeVar("E")

PAGED = ListSize(slicing_arguments=["first", "last"], sized_fields=["edges", "nodes"])
MAX_QUERY = 100
_OPEN = (None, None)

gql_enum(
    OrderSort,
    NEWEST="Newest first.",
    OLDEST="Oldest first.",
    RECENTLY_UPDATED="Last changed first.",
    TOTAL_DESC="Largest total first; not for merchants, who see parts of totals.",
)


@gql_type(roles=EVERYONE)
class OrderEdge:
    """An order and its place in the list."""

    cursor: str
    node: Order


@gql_type(roles=EVERYONE)
class OrderConnection:
    """A page of orders."""

    customer_key: strawberry.Private[int]
    wanted: strawberry.Private[OrderFilter]
    edges: list[OrderEdge]
    nodes: list[Order]
    page_info: PageInfo


@extend(OrderConnection, public=True)
async def total_count(pages: Sequence[OrderConnection], info: Info) -> Batch[int | None]:
    """How many orders the list has on all its pages."""
    asked = [(page.customer_key, page.wanted) for page in pages]
    return await resolvers.order_lists.counts(info.context, asked)


@gql_input()
class OrderFilterInput:
    """Conditions that orders must all meet."""

    query: Annotated[
        str | None, attribute("Order number, SKU, start of the customer's name, or its phone.")
    ] = strawberry.UNSET
    statuses: list[OrderStatus] | None = strawberry.UNSET
    payment_statuses: list[PaymentStatus] | None = strawberry.UNSET
    placed_at: DateTimeRangeInput | None = strawberry.UNSET
    customer_id: strawberry.ID | None = strawberry.UNSET
    merchant_id: strawberry.ID | None = strawberry.UNSET

    def wanted(self) -> OrderFilter:
        """Return the conditions. Raises Invalid."""
        start, end = self.placed_at.ends("filter", "placedAt") if self.placed_at else _OPEN
        whose, whom = given(self.merchant_id), given(self.customer_id)
        return OrderFilter(
            query=self._words(),
            statuses=_each_once(given(self.statuses)),
            payment_statuses=_each_once(given(self.payment_statuses)),
            placed_from=start,
            placed_before=end,
            customer_id=None if whom is None else USER.key(whom, "filter", "customerId"),
            merchant_id=None if whose is None else MERCHANT.key(whose, "filter", "merchantId"),
        )

    def _words(self) -> str | None:
        words = (given(self.query) or "").strip()
        if len(words) > MAX_QUERY:
            raise Invalid(f"A query has at most {MAX_QUERY} characters.", ("filter", "query"))
        return words or None


def _each_once(values: list[E] | None) -> tuple[E, ...] | None:
    return None if values is None else tuple(dict.fromkeys(values))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The arguments of a list."""

    place: Place
    filter: OrderFilterInput | None
    sort: OrderSort

    def plain(self) -> OrderFilter:
        """Return the conditions, as they were asked for. Raises Invalid."""
        sent = given(self.filter)
        return OrderFilter() if sent is None else sent.wanted()

    def cursors(self, customer: int) -> Cursors:
        """Return the cursors of one list: the same for everybody who may see it."""
        return Cursors(order_lists.KINDS, "orders", customer, self.plain(), self.sort.name)

    def window(self, customer: int) -> Window:
        """Return the window of one list. Raises Invalid."""
        return self.place.window(self.cursors(customer))

    def show(
        self, ctx: Context, customer: int, wanted: OrderFilter, page: Page[SeenOrder]
    ) -> OrderConnection:
        """Return a page of a list."""
        cursors = self.cursors(customer)
        edges = [
            OrderEdge(
                cursor=cursors.encode(order_lists.position(seen.order, self.sort)),
                node=Order.of(ctx, seen),
            )
            for seen in page.rows
        ]
        return OrderConnection(customer_key=customer, wanted=wanted, **filled(page, edges))


@query(roles=STAFF, list_size=PAGED)
async def orders(
    info: Info,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
    filter: OrderFilterInput | None = strawberry.UNSET,
    sort: OrderSort = OrderSort.NEWEST,
) -> OrderConnection | None:
    """Orders of all shoppers; see me for one's own."""
    asked = _Asked(Place(first, after, last, before), filter, sort)
    wanted = resolvers.order_lists.as_seen(info.context, asked.plain())
    resolvers.order_lists.check_sort(wanted, sort)
    place = (EVERYBODY, wanted, asked.window(EVERYBODY))
    (page,) = await resolvers.order_lists.pages(info.context, sort, [place])
    return asked.show(info.context, EVERYBODY, wanted, page)


@extend(User, public=True, list_size=PAGED, name="orders")
async def orders_of_user(
    users: Sequence[User],
    info: Info,
    first: int | None = strawberry.UNSET,
    after: str | None = strawberry.UNSET,
    last: int | None = strawberry.UNSET,
    before: str | None = strawberry.UNSET,
    filter: OrderFilterInput | None = strawberry.UNSET,
    sort: OrderSort = OrderSort.NEWEST,
) -> Batch[OrderConnection]:
    """Orders of this user that the caller may see."""
    asked, ctx = _Asked(Place(first, after, last, before), filter, sort), info.context
    places = [_place(ctx, asked, USER.key(user.id)) for user in users]
    good = [place for place in places if isinstance(place, tuple)]
    pages = iter(await resolvers.order_lists.pages(ctx, sort, good))
    return [
        asked.show(ctx, place[0], place[1], next(pages)) if isinstance(place, tuple) else place
        for place in places
    ]


def _place(
    ctx: Context, asked: _Asked, customer: int
) -> tuple[int, OrderFilter, Window] | ShopError:
    # Each user's list refuses for itself: a cursor belongs to one of them.
    try:
        wanted = resolvers.order_lists.as_seen_of(ctx, asked.plain(), customer)
        resolvers.order_lists.check_sort(wanted, asked.sort)
        return customer, wanted, asked.window(customer)
    except ShopError as error:
        return error
