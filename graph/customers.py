"""Customers and staff, for those who run the shop."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

import resolvers.customers
import stores.users
from graph.batch import Batch, Info
from graph.declare import argument, extend, gql_type, query
from graph.directives import ListSize
from graph.merchants import MERCHANT
from graph.optional import given
from graph.pages import Cursors, PageInfo, filled
from graph.users import USER, User
from resolvers.context import STAFF, Context
from resolvers.pages import Page, window
from stores import customers as rows
from stores.customers import CustomerFilter
from stores.errors import Invalid
from stores.users import Role

PAGED = ListSize(slicing_arguments=["first"], sized_fields=["edges", "nodes"])
MAX_QUERY = 100


@gql_type(roles=STAFF)
class UserEdge:
    """A user and its place in the list."""

    cursor: str
    node: User


@gql_type(roles=STAFF)
class UserConnection:
    """A page of users."""

    wanted: strawberry.Private[CustomerFilter]
    edges: list[UserEdge]
    nodes: list[User]
    page_info: PageInfo


@extend(UserConnection, public=True)
async def total_count(pages: Sequence[UserConnection], info: Info) -> Batch[int | None]:
    """How many users the list has on all its pages."""
    return await resolvers.customers.counts(info.context, [page.wanted for page in pages])


@query(roles=STAFF)
async def customer(info: Info, id: strawberry.ID) -> User | None:
    """One customer; a merchant sees those who bought from it."""
    return await USER.one(info.context, USER.key(id, "id"))


@query(roles=STAFF, list_size=PAGED)
async def customers(
    info: Info,
    first: int | None = 20,
    after: str | None = strawberry.UNSET,
    query: Annotated[str | None, argument("Start of name, e-mail or phone.")] = strawberry.UNSET,
    role: Role | None = strawberry.UNSET,
    merchant_id: strawberry.ID | None = strawberry.UNSET,
) -> UserConnection | None:
    """Customers and staff, by name; a merchant sees those who bought from it.

    Those without a name come first.
    """
    plain = _filter(given(query), given(role), given(merchant_id))
    cursors = Cursors(rows.KINDS, "customers", plain)
    wanted = resolvers.customers.as_seen(info.context, plain)
    place = window(first, cursors.decode(given(after), "after"))
    page = await resolvers.customers.page(info.context, wanted, place)
    return _connection(info.context, wanted, cursors, page)


def _filter(query: str | None, role: Role | None, merchant_id: str | None) -> CustomerFilter:
    words = (query or "").strip()
    if len(words) > MAX_QUERY:
        raise Invalid(f"A query has at most {MAX_QUERY} characters.", ("query",))
    whose = None if merchant_id is None else MERCHANT.key(merchant_id, "merchantId")
    return CustomerFilter(query=words or None, role=role, merchant_id=whose)


def _connection(
    ctx: Context, wanted: CustomerFilter, cursors: Cursors, page: Page[stores.users.User]
) -> UserConnection:
    edges = [
        UserEdge(cursor=cursors.encode(rows.position(row)), node=USER.show(ctx, row))
        for row in page.rows
    ]
    return UserConnection(wanted=wanted, **filled(page, edges))
