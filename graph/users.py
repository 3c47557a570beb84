"""Users: who buys and who sells."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

import resolvers.users
import stores.users
from graph import nodes
from graph.batch import Batch, Info
from graph.declare import attribute, extend, gql_type, query
from graph.directives import CacheControl, CacheControlScope
from graph.merchants import Merchant
from graph.nodes import Kind, Node
from graph.versions import Versioned
from resolvers.context import EVERYONE, Context
from stores.users import Role


@gql_type(roles=EVERYONE, cache=CacheControl(max_age=0, scope=CacheControlScope.PRIVATE))
class User(Node, Versioned):
    """A person known to the identity provider; a shopper from the first sign-in."""

    merchant_key: strawberry.Private[int | None]
    created_at: datetime
    email: str | None
    phone: str | None
    display_name: str | None
    locale: Annotated[str | None, attribute("BCP 47 tag, for example zh-CN.")]
    roles: list[Role]

    @classmethod
    def of(cls, _ctx: Context, row: stores.users.User) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("User", row.id),
            version=row.version,
            updated_at=row.updated_at,
            merchant_key=row.merchant_id,
            created_at=row.created_at,
            email=row.email,
            phone=row.phone,
            display_name=row.display_name,
            locale=row.locale,
            roles=list(row.roles),
        )


@extend(User, public=True)
async def merchant(users: Sequence[User], info: Info) -> Batch[Merchant | None]:
    """The one a MERCHANT works for."""
    found = await resolvers.users.merchants(info.context, [one.merchant_key for one in users])
    return [Merchant.of(info.context, row) if row else None for row in found]


@query(public=True)
async def me(info: Info) -> User | None:
    """The signed-in user; null for an anonymous visitor."""
    row = await resolvers.users.me(info.context)
    return None if row is None else User.of(info.context, row)


async def _by_keys(ctx: Context, keys: Sequence[int]) -> list[stores.users.User | None]:
    return await resolvers.users.visible_by_ids(ctx, keys)


USER = Kind("User", User.of, _by_keys)
