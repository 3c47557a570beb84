"""What is wrong with a line of an import file."""

from dataclasses import dataclass

from pydantic import ValidationError

from resolvers import value_problems

#: A line with more problems than this is told the first ones only.
MAX_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct; `field` is a path like `variants.0.price`, empty for the whole line."""

    field: str
    reason: str


class RowRefused(Exception):
    """A line that does not describe a product; `problems` says why, at least one."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems and tell them all when printed."""
        super().__init__(
            " ".join(f"{p.field}: {p.reason}" if p.field else p.reason for p in problems)
        )
        self.problems = problems


def whole(reason: str) -> RowRefused:
    """Return the refusal of a line that cannot be read at all."""
    return RowRefused((Problem("", reason),))


def refused(error: ValidationError) -> RowRefused:
    """Return the same problems in our own sentences, in the order of the fields."""
    told = value_problems.problems(error)[:MAX_PROBLEMS]
    return RowRefused(tuple(Problem(".".join(one.path), one.reason) for one in told))
