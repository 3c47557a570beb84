"""Accounts in another database: what was decided is carried out, and nothing is held for long."""

from collections.abc import Sequence
from datetime import timedelta

from jobs.verify_check import SECONDS, Check, Differences, compared, of_the_ledger, walking
from resolvers.context import Mall
from stores import account_branches, transfers, walks

TRANSFERS_NAME, BRANCHES_NAME = "transfers", "branches"
#: Whatever was left by a crash has ended by then.
LATE = timedelta(seconds=30)


async def _compare(mall: Mall, ids: Sequence[int]) -> Differences[int]:
    late = mall.clock() - LATE
    async with mall.stores.database.moment(seconds=SECONDS) as session:
        found = await transfers.by_ids(session, ids)
    return {
        id_: compared(TRANSFERS_NAME, one.reference, [(one.kind, "done in time", "waits")])
        for id_, one in found.items()
        if one.created_at < late
    }


async def _compare_branches(mall: Mall, references: Sequence[str]) -> Differences[str]:
    late, tried = mall.clock() - LATE, account_branches.BranchState.TRIED.value
    async with of_the_ledger(mall).moment(seconds=SECONDS) as session:
        found = await account_branches.by_references(session, references)
    return {
        name: compared(BRANCHES_NAME, name, [("state", "decided in time", one.state)])
        for name, one in found.items()
        if one.state == tried and one.updated_at < late
    }


TRANSFERS = Check(
    name=TRANSFERS_NAME,
    about="What was decided for the accounts in another database was carried out there.",
    page=walking(walks.TRANSFERS),
    compare=_compare,
)
BRANCHES = Check(
    name=BRANCHES_NAME,
    about="Nothing is held on an account for longer than a decision takes.",
    page=walking(walks.TRIED_BRANCHES, of_the_ledger),
    compare=_compare_branches,
)
