"""The outbox: whoever takes in events is not far behind."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from jobs import relay
from jobs.verify_check import SECONDS, Check, Differences, compared
from resolvers.context import Mall
from stores import outbox

NAME = "outbox"
#: A relay hands over within a second; after so long nobody does.
BEHIND = timedelta(seconds=60)


async def _page(mall: Mall, last: str | None) -> list[str]:
    """Return the consumers, on one page."""
    return [consumer.name for consumer in relay.consumers_of(mall)] if last is None else []


async def _compare(mall: Mall, names: Sequence[str]) -> Differences[str]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        waiting = {name: await outbox.oldest_waiting(session, name) for name in names}
    before = mall.clock() - BEHIND
    return {
        name: compared(NAME, name, [_fact(oldest, before)])
        for name, oldest in waiting.items()
        if oldest is not None and oldest < before
    }


def _fact(oldest: datetime, before: datetime) -> tuple[str, object, object]:
    return "oldest event that waits", f"after {before}", f"{oldest}; is a server running?"


OUTBOX = Check(
    name=NAME,
    about="Whoever takes in events has taken in all that are older than a minute.",
    page=_page,
    compare=_compare,
)
