"""Addresses that users keep."""

from collections.abc import Sequence
from typing import Self

import resolvers.addresses
import resolvers.saved_addresses
import stores.saved_addresses
from graph import nodes
from graph.addresses import Address
from graph.batch import Batch, Info
from graph.declare import extend, gql_type
from graph.directives import ListSize
from graph.nodes import Kind, Node
from graph.users import USER, User
from graph.versions import Versioned
from resolvers.context import EVERYONE, Context


@gql_type(roles=EVERYONE)
class SavedAddress(Node, Versioned):
    """An address that a user keeps."""

    address: Address
    is_default: bool

    @classmethod
    def of(cls, _ctx: Context, row: stores.saved_addresses.SavedAddress) -> Self:
        """Show a row."""
        return cls(
            id=nodes.encode("SavedAddress", row.id),
            version=row.version,
            updated_at=row.updated_at,
            address=Address.of(resolvers.addresses.Address.of(row.address)),
            is_default=row.is_default,
        )


SAVED_ADDRESS = Kind("SavedAddress", SavedAddress.of, resolvers.saved_addresses.by_ids)


@extend(User, public=True, list_size=ListSize(assumed_size=5))
async def addresses(users: Sequence[User], info: Info) -> Batch[list[SavedAddress] | None]:
    """At most 50, the default first; null for anyone but the user and the owner."""
    ctx, keys = info.context, [USER.key(user.id) for user in users]
    found = await resolvers.saved_addresses.of_users(ctx, keys)
    return [None if some is None else [SavedAddress.of(ctx, row) for row in some] for some in found]
