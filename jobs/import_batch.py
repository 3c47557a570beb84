"""A batch of an import: decided on, written, and decided anew if somebody else was faster."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jobs import import_plan
from jobs.import_content import Content
from jobs.import_merchants import Sellers
from jobs.import_plan import Decision, Known
from jobs.import_writes import carry_out
from jobs.product_rows import Problem, RowRefused
from resolvers.context import Mall
from resolvers.product_writes import Overtaken
from stores.drivers import UniqueViolation

ATTEMPTS = 5


@dataclass(slots=True)
class Outcome:
    """What became of the lines of a batch."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[tuple[int, RowRefused]] = field(default_factory=list)
    claimed: dict[int, int] = field(default_factory=dict)

    def take(self, other: "Outcome") -> None:
        """Add what became of other lines."""
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.refused += other.refused
        self.claimed |= other.claimed


async def write(
    mall: Mall, sellers: Sellers, contents: Sequence[Content], seen: Mapping[int, int]
) -> Outcome:
    """Write what the lines change, whole or not at all, and tell what became of each.

    Where somebody else wrote at the same time, it is decided anew. Raises StoreUnavailable.
    """
    for _ in range(ATTEMPTS):
        try:
            return await _write(mall, sellers, contents, seen)
        except (Overtaken, UniqueViolation):
            continue
    outcome = Outcome()
    if len(contents) > 1:
        for one in contents:
            outcome.take(await write(mall, sellers, [one], dict(seen) | outcome.claimed))
        return outcome
    outcome.refused = [(contents[0].line, _busy())]
    return outcome


async def _write(
    mall: Mall, sellers: Sellers, contents: Sequence[Content], seen: Mapping[int, int]
) -> Outcome:
    by_name = await sellers.by_name([one.row.merchant for one in contents])
    known = await import_plan.known(mall, by_name, contents, seen)
    outcome = Outcome(claimed=known.claimed)
    decisions = list(_decisions(mall, known, contents, outcome))
    await carry_out(mall, decisions)
    outcome.changed = sum(1 for one in decisions if one.before)
    outcome.added = len(decisions) - outcome.changed
    return outcome


def _decisions(
    mall: Mall, known: Known, contents: Sequence[Content], outcome: Outcome
) -> Iterator[Decision]:
    for content in contents:
        try:
            decision = import_plan.decide(mall, known, content)
        except RowRefused as refusal:
            outcome.refused.append((content.line, refusal))
            continue
        if decision:
            yield decision
        else:
            outcome.unchanged += 1


def _busy() -> RowRefused:
    reason = "Somebody else kept writing the same product, its SKU or its slug; import it again."
    return RowRefused((Problem("", reason),))
