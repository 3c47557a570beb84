"""How subscriptions are declared.

A subscription is executed like any other operation, once for each object that it tells of: with
the limits, the roles, the rights and the fresh loaders of an operation. Its root is the id of that
object. Once before, its root is an `Opening`: then the field tells what it waits for.

    async def _opening(info: Info, order_id: …) -> Wish: …

    @subscription(_opening, roles=EVERYONE)
    async def order_updated(ids: Sequence[int], info: Info, order_id: …) -> Batch[OrderEvent]: …
"""

import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Unpack

from graphql import GraphQLError

from graph.batch import Batch, Info
from graph.declare import extend, gql_type
from graph.directives import Options
from resolvers.feed import Wish

T = TypeVar("T")
BF = TypeVar("BF", bound=Callable[..., Awaitable[Sequence[Any]]])


@gql_type()
class Subscription:
    """What happens from now on; orderUpdated can also resume where a connection broke.

    Over WebSocket, by the protocol graphql-transport-ws, at the address of everything else.
    """


@dataclass
class Opening:
    """The root of a subscription that begins."""

    #: Filled in by its field, unless that refuses.
    wish: Wish | None = None


@dataclass
class News:
    """The root of a subscription that tells of an object."""

    id: int
    #: Filled in by its field: the viewer may not see the object, or it is no longer there.
    is_hidden: bool = False


class NothingToTell(GraphQLError):
    """Ends an execution whose answer is never sent."""

    def __init__(self) -> None:
        """Have a code, as whatever has none counts as a bug."""
        super().__init__("Nothing is told.", extensions={"code": "NOTHING_TO_TELL"})


def shown(found: Sequence[T | None]) -> Batch[T]:
    """Return objects as they are told, and nothing for those that the viewer may not see."""
    return [NothingToTell() if one is None else one for one in found]


def subscription(
    opening: Callable[..., Awaitable[Wish]], **options: Unpack[Options]
) -> Callable[[BF], BF]:
    """Add a field to Subscription.

    `opening` takes info and the arguments; it returns what is waited for, or raises. The function
    takes ids instead of sources, and gives what `shown` makes of the objects.
    """

    def declare(function: BF) -> BF:
        @functools.wraps(function)
        async def told(
            roots: Sequence[Opening | News], info: Info, **arguments: Any
        ) -> Sequence[Any]:
            (root,) = roots
            if isinstance(root, Opening):
                root.wish = await opening(info, **arguments)
                raise NothingToTell
            return [await _found(root, function, info, arguments)]

        extend(Subscription, **options)(told)
        return function

    return declare


async def _found(
    root: object,
    function: Callable[..., Awaitable[Sequence[Any]]],
    info: Info,
    arguments: Mapping[str, Any],
) -> Any:
    """Return what a function tells of the object of news, and note there whether it is hidden."""
    if not isinstance(root, News):
        raise TypeError("Subscriptions are executed for news alone.")
    (found,) = await function([root.id], info, **arguments)
    root.is_hidden = isinstance(found, NothingToTell)
    return found
