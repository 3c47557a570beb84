"""Nine points at which a coordinator of two databases dies, for each way to agree.

A point is a function of the shop, and the moment before or behind it. Those that lie within a
transaction die before its commit.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from resolvers import balance_payments, payment_calls
from stores import account_branches, account_messages, transfers
from stores.account_messages import AccountsByMessages
from stores.accounts_outbox import TakenAtOnce
from stores.accounts_tcc import HeldFirst
from stores.accounts_xa import AccountsByXa, _XaBranch
from stores.sql import WriteSession
from stores.transfers import Transfer

#: The status of a process that died where it was told to.
DIED = 9

_Call: TypeAlias = Callable[..., Awaitable[Any]]
#: Where a function is, its name, whether it dies behind it, and a word of its statement, if any.
_Point: TypeAlias = tuple[Any, str, bool, str]


def _before(where: Any, name: str, word: str = "") -> _Point:
    return where, name, False, word


def _behind(where: Any, name: str, word: str = "") -> _Point:
    return where, name, True, word


_STATEMENT = "exec_driver_sql"

_BY_MESSAGES: dict[str, _Point] = {
    "within the intent": _behind(payment_calls, "intend"),
    "behind the intent": _before(balance_payments, "pursue"),
    "within the decision": _behind(transfers, "add"),
    "behind the decision": _before(AccountsByMessages, "deliver"),
    "behind the end": _behind(AccountsByMessages, "deliver"),
}

POINTS: Mapping[str, Mapping[str, _Point]] = {
    "tcc": _BY_MESSAGES
    | {
        "within the try": _behind(account_branches, "hold"),
        "behind the try": _behind(HeldFirst, "take"),
        "within confirm or cancel": _behind(account_branches, "_end"),
        "behind confirm or cancel": _before(transfers, "done"),
    },
    "outbox": _BY_MESSAGES
    | {
        "within the taking": _behind(account_branches, "first"),
        "behind the taking": _behind(TakenAtOnce, "take"),
        "within the posting": _behind(account_messages, "post_once"),
        "behind the posting": _before(transfers, "done"),
    },
    "xa": {
        "before the branch": _before(AccountsByXa, "_begun"),
        "behind XA START": _behind(AccountsByXa, "_begun"),
        "behind the posting": _behind(_XaBranch, "post"),
        "behind XA END": _behind(AsyncConnection, _STATEMENT, "XA END"),
        "behind XA PREPARE": _behind(AsyncConnection, _STATEMENT, "XA PREPARE"),
        "behind the decision": _before(_XaBranch, "committed"),
        "behind XA COMMIT": _behind(AsyncConnection, _STATEMENT, "XA COMMIT"),
        "within the end": _behind(transfers, "done"),
        "behind the end": _behind(_XaBranch, "committed"),
    },
}


def forget_decisions() -> None:
    """Take the guard away: what is decided is carried out, and written down nowhere."""

    async def nothing(session: WriteSession, transfer: Transfer) -> None: ...

    transfers.add = nothing


def arm(way: str, name: str) -> None:
    """Let this process die when it passes the point."""
    where, attribute, is_behind, word = POINTS[way][name]
    call: _Call = getattr(where, attribute)

    @wraps(call)
    async def dying(*values: Any, **more: Any) -> Any:
        is_here = any(word in value for value in values if isinstance(value, str)) or not word
        if is_here and not is_behind:
            os._exit(DIED)
        result = await call(*values, **more)
        if is_here:
            os._exit(DIED)
        return result

    setattr(where, attribute, dying)
