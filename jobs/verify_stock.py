"""Stock: each level is what its log and its reservations say."""

from collections.abc import Iterator, Sequence

from jobs.verify_check import SECONDS, Check, Differences, compared, walking
from resolvers.context import Mall
from stores import audit, stock_sums, walks
from stores.audit import AuditEntry
from stores.sql import WriteSession
from stores.stock_sums import LevelSums

NAME = "stock"
#: In the audit log, where others name a mutation.
MENDED = "verify --repair"


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        levels = await stock_sums.by_levels(session, ids)
    found = {id_: compared(NAME, id_, _facts(level)) for id_, level in levels.items()}
    return {id_: differences for id_, differences in found.items() if differences}


def _facts(level: LevelSums) -> Iterator[tuple[str, object, object]]:
    yield "reserved, by reservations", level.held, level.reserved
    yield "reserved, by movements", level.reserved_moved, level.reserved
    yield "0 <= reserved <= on hand", True, 0 <= level.reserved <= level.on_hand
    yield "on hand, by movements", level.on_hand_moved, level.on_hand
    yield "on hand, after the last movement", level.on_hand_after, level.on_hand
    yield "number of the last movement", level.newest, level.log_id
    yield "movements of on hand", level.newest, level.logged
    yield "movements that do not follow from the one before", 0, level.broken


async def _repair(mall: Mall, ids: Sequence[int]) -> list[str]:
    mended = [await _mend(mall, id_) for id_ in ids]
    return [sentence for sentence in mended if sentence]


async def _mend(mall: Mall, id_: int) -> str | None:
    async def work(session: WriteSession) -> tuple[int, int] | None:
        changed = await stock_sums.mend_reserved(session, id_)
        if changed:
            # A counter that guards the stock: whoever wonders about it later must find this.
            await audit.append(session, _entry(mall, id_))
        return changed

    changed = await mall.stores.database.transact(work, seconds=SECONDS)
    return changed and f"Level {id_}: reserved {changed[0]} is now {changed[1]}, by reservations."


def _entry(mall: Mall, id_: int) -> AuditEntry:
    return AuditEntry(
        id=mall.ids.next(),
        occurred_at=mall.clock(),
        actor_id=None,
        role=None,
        mutation=MENDED,
        idempotency_key=None,
        target=f"InventoryLevel:{id_}",
        version_before=None,
        version_after=None,
    )


STOCK = Check(
    name=NAME,
    about="Each level is the sum of its movements, and reserves what orders hold; the log of its "
    "movements has no gap.",
    page=walking(walks.LEVELS),
    compare=_compare,
    repair=_repair,
)
